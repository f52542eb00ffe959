from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset


T = TypeVar("T", bound="MemberBody")


@_attrs_define
class MemberBody:
    """One credential of a pool.

    Attributes:
        credential_id (str): The credential, of the pool's provider and for all its models.
        weight (int | Unset): Its share under `weighted`, from 1 to 1000; 1 unless said.
    """

    credential_id: str
    weight: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        credential_id = self.credential_id

        weight = self.weight

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "credential_id": credential_id,
            }
        )
        if weight is not UNSET:
            field_dict["weight"] = weight

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        credential_id = d.pop("credential_id")

        weight = d.pop("weight", UNSET)

        member_body = cls(
            credential_id=credential_id,
            weight=weight,
        )

        return member_body
