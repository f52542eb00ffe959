from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast


T = TypeVar("T", bound="Changed")


@_attrs_define
class Changed:
    """A change that came before.

    Attributes:
        at (str): When it was made.
        revision (int): The draft's revision now, as in its `ETag`.
        by (None | str | Unset): By `api_key:<id>`, `member:<id>` or `operator`; null when that is not written down yet.
        by_name (None | str | Unset): The name of that member or key.
    """

    at: str
    revision: int
    by: None | str | Unset = UNSET
    by_name: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at

        revision = self.revision

        by: None | str | Unset
        if isinstance(self.by, Unset):
            by = UNSET
        else:
            by = self.by

        by_name: None | str | Unset
        if isinstance(self.by_name, Unset):
            by_name = UNSET
        else:
            by_name = self.by_name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "revision": revision,
            }
        )
        if by is not UNSET:
            field_dict["by"] = by
        if by_name is not UNSET:
            field_dict["by_name"] = by_name

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        at = d.pop("at")

        revision = d.pop("revision")

        def _parse_by(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        by = _parse_by(d.pop("by", UNSET))

        def _parse_by_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        by_name = _parse_by_name(d.pop("by_name", UNSET))

        changed = cls(
            at=at,
            revision=revision,
            by=by,
            by_name=by_name,
        )

        changed.additional_properties = d
        return changed

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
