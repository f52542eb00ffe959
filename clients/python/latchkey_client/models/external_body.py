from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset


T = TypeVar("T", bound="ExternalBody")


@_attrs_define
class ExternalBody:
    """The knowledge of somebody else that a dataset stands for.

    Attributes:
        knowledge_id (str): What the other side calls it.
    """

    knowledge_id: str

    def to_dict(self) -> dict[str, Any]:
        knowledge_id = self.knowledge_id

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "knowledge_id": knowledge_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        knowledge_id = d.pop("knowledge_id")

        external_body = cls(
            knowledge_id=knowledge_id,
        )

        return external_body
