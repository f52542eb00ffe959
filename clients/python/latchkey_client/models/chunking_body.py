from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast


T = TypeVar("T", bound="ChunkingBody")


@_attrs_define
class ChunkingBody:
    """How a text is cut: `max_tokens` or `max_characters`.

    Attributes:
        max_characters (int | None | Unset): How many characters a segment may have; 1024 unless said.
        max_tokens (int | None | Unset): How many tokens a segment may have, roughly.
        overlap (int | None | Unset): How much of the segment before is repeated where a passage had to be cut; 50
            unless said, never over half a segment.
        separator (None | str | Unset): Where a text is always cut; a blank line unless said.
    """

    max_characters: int | None | Unset = UNSET
    max_tokens: int | None | Unset = UNSET
    overlap: int | None | Unset = UNSET
    separator: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        max_characters: int | None | Unset
        if isinstance(self.max_characters, Unset):
            max_characters = UNSET
        else:
            max_characters = self.max_characters

        max_tokens: int | None | Unset
        if isinstance(self.max_tokens, Unset):
            max_tokens = UNSET
        else:
            max_tokens = self.max_tokens

        overlap: int | None | Unset
        if isinstance(self.overlap, Unset):
            overlap = UNSET
        else:
            overlap = self.overlap

        separator: None | str | Unset
        if isinstance(self.separator, Unset):
            separator = UNSET
        else:
            separator = self.separator

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if max_characters is not UNSET:
            field_dict["max_characters"] = max_characters
        if max_tokens is not UNSET:
            field_dict["max_tokens"] = max_tokens
        if overlap is not UNSET:
            field_dict["overlap"] = overlap
        if separator is not UNSET:
            field_dict["separator"] = separator

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_max_characters(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_characters = _parse_max_characters(d.pop("max_characters", UNSET))

        def _parse_max_tokens(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_tokens = _parse_max_tokens(d.pop("max_tokens", UNSET))

        def _parse_overlap(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        overlap = _parse_overlap(d.pop("overlap", UNSET))

        def _parse_separator(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        separator = _parse_separator(d.pop("separator", UNSET))

        chunking_body = cls(
            max_characters=max_characters,
            max_tokens=max_tokens,
            overlap=overlap,
            separator=separator,
        )

        return chunking_body
