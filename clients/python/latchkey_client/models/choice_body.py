from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast


T = TypeVar("T", bound="ChoiceBody")


@_attrs_define
class ChoiceBody:
    """A stored credential, by id or by name.

    Attributes:
        credential_id (None | str | Unset): By id.
        credential_name (None | str | Unset): By name.
    """

    credential_id: None | str | Unset = UNSET
    credential_name: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        credential_id: None | str | Unset
        if isinstance(self.credential_id, Unset):
            credential_id = UNSET
        else:
            credential_id = self.credential_id

        credential_name: None | str | Unset
        if isinstance(self.credential_name, Unset):
            credential_name = UNSET
        else:
            credential_name = self.credential_name

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if credential_id is not UNSET:
            field_dict["credential_id"] = credential_id
        if credential_name is not UNSET:
            field_dict["credential_name"] = credential_name

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_credential_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        credential_id = _parse_credential_id(d.pop("credential_id", UNSET))

        def _parse_credential_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        credential_name = _parse_credential_name(d.pop("credential_name", UNSET))

        choice_body = cls(
            credential_id=credential_id,
            credential_name=credential_name,
        )

        return choice_body
