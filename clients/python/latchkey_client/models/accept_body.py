from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset


T = TypeVar("T", bound="AcceptBody")


@_attrs_define
class AcceptBody:
    """How an invitation is accepted.

    Attributes:
        name (str): The new member's name.
        password (str): The password: 10 to 200 characters.
        token (str): The token of the link.
    """

    name: str
    password: str
    token: str

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        password = self.password

        token = self.token

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "password": password,
                "token": token,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        password = d.pop("password")

        token = d.pop("token")

        accept_body = cls(
            name=name,
            password=password,
            token=token,
        )

        return accept_body
