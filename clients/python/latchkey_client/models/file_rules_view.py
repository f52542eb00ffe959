from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast


T = TypeVar("T", bound="FileRulesView")


@_attrs_define
class FileRulesView:
    """Which files are taken.

    Attributes:
        extensions (list[str]): Extensions of files of the type `custom`, with dots; empty: all.
        methods (list[str]): How they may be given; empty: in every way.
        types (list[str]): Types; empty: all.
        most (int | None | Unset): How many; null: any number.
    """

    extensions: list[str]
    methods: list[str]
    types: list[str]
    most: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        extensions = self.extensions

        methods = self.methods

        types = self.types

        most: int | None | Unset
        if isinstance(self.most, Unset):
            most = UNSET
        else:
            most = self.most

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "extensions": extensions,
                "methods": methods,
                "types": types,
            }
        )
        if most is not UNSET:
            field_dict["most"] = most

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        extensions = cast(list[str], d.pop("extensions"))

        methods = cast(list[str], d.pop("methods"))

        types = cast(list[str], d.pop("types"))

        def _parse_most(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        most = _parse_most(d.pop("most", UNSET))

        file_rules_view = cls(
            extensions=extensions,
            methods=methods,
            types=types,
            most=most,
        )

        file_rules_view.additional_properties = d
        return file_rules_view

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
