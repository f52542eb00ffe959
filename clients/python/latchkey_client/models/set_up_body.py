from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset


T = TypeVar("T", bound="SetUpBody")


@_attrs_define
class SetUpBody:
    """The owner's account.

    Attributes:
        email (str): The address that the owner logs in with. Nothing is ever sent to it.
        name (str): The owner's name.
        password (str): The password: 10 to 200 characters.
        token (str): The first start's token, or another key that may do everything.
    """

    email: str
    name: str
    password: str
    token: str

    def to_dict(self) -> dict[str, Any]:
        email = self.email

        name = self.name

        password = self.password

        token = self.token

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "email": email,
                "name": name,
                "password": password,
                "token": token,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        email = d.pop("email")

        name = d.pop("name")

        password = d.pop("password")

        token = d.pop("token")

        set_up_body = cls(
            email=email,
            name=name,
            password=password,
            token=token,
        )

        return set_up_body
