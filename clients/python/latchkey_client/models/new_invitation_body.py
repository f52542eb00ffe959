from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset


T = TypeVar("T", bound="NewInvitationBody")


@_attrs_define
class NewInvitationBody:
    """Who is invited.

    Attributes:
        email (str): The address. Nothing is sent to it: the link of the answer is yours to hand over.
        role (str): `owner`, `admin`, `editor` or `viewer`.
    """

    email: str
    role: str

    def to_dict(self) -> dict[str, Any]:
        email = self.email

        role = self.role

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "email": email,
                "role": role,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        email = d.pop("email")

        role = d.pop("role")

        new_invitation_body = cls(
            email=email,
            role=role,
        )

        return new_invitation_body
