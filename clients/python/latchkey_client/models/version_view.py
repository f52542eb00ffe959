from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
    from ..models.version_view_author import VersionViewAuthor


T = TypeVar("T", bound="VersionView")


@_attrs_define
class VersionView:
    """A published version.

    Attributes:
        author (VersionViewAuthor): Who published it.
        note (str): What its author says about it.
        published_at (str): When.
        version (int): Its number.
    """

    author: VersionViewAuthor
    note: str
    published_at: str
    version: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.version_view_author import VersionViewAuthor  # noqa: PLC0415

        author = self.author.to_dict()

        note = self.note

        published_at = self.published_at

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "author": author,
                "note": note,
                "published_at": published_at,
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.version_view_author import VersionViewAuthor  # noqa: PLC0415

        d = dict(src_dict)
        author = VersionViewAuthor.from_dict(d.pop("author"))

        note = d.pop("note")

        published_at = d.pop("published_at")

        version = d.pop("version")

        version_view = cls(
            author=author,
            note=note,
            published_at=published_at,
            version=version,
        )

        version_view.additional_properties = d
        return version_view

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
