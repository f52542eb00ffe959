from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast


T = TypeVar("T", bound="ConsideredView")


@_attrs_define
class ConsideredView:
    """One level, as resolution met it.

    Attributes:
        level (str): The level.
        outcome (str): decided, silent, failed, locked or not_asked.
        code (None | str | Unset): Why it failed.
        would_be (None | str | Unset): The name of the credential that a level which was not asked would have chosen.
    """

    level: str
    outcome: str
    code: None | str | Unset = UNSET
    would_be: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        level = self.level

        outcome = self.outcome

        code: None | str | Unset
        if isinstance(self.code, Unset):
            code = UNSET
        else:
            code = self.code

        would_be: None | str | Unset
        if isinstance(self.would_be, Unset):
            would_be = UNSET
        else:
            would_be = self.would_be

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "level": level,
                "outcome": outcome,
            }
        )
        if code is not UNSET:
            field_dict["code"] = code
        if would_be is not UNSET:
            field_dict["would_be"] = would_be

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        level = d.pop("level")

        outcome = d.pop("outcome")

        def _parse_code(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        code = _parse_code(d.pop("code", UNSET))

        def _parse_would_be(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        would_be = _parse_would_be(d.pop("would_be", UNSET))

        considered_view = cls(
            level=level,
            outcome=outcome,
            code=code,
            would_be=would_be,
        )

        considered_view.additional_properties = d
        return considered_view

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
