from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast


T = TypeVar("T", bound="PriceTierBody")


@_attrs_define
class PriceTierBody:
    """What a model costs when the question is long.

    Attributes:
        above (int): Questions of more tokens than this, cached ones counted.
        input_ (str): A million input tokens.
        output (str): A million output tokens.
        cache_read (None | str | Unset): A million tokens read from the cache; as much as input unless said.
        cache_write (None | str | Unset): A million tokens written to the cache; as much as input unless said.
        reasoning (None | str | Unset): A million tokens of reasoning; as much as output unless said.
    """

    above: int
    input_: str
    output: str
    cache_read: None | str | Unset = UNSET
    cache_write: None | str | Unset = UNSET
    reasoning: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        above = self.above

        input_ = self.input_

        output = self.output

        cache_read: None | str | Unset
        if isinstance(self.cache_read, Unset):
            cache_read = UNSET
        else:
            cache_read = self.cache_read

        cache_write: None | str | Unset
        if isinstance(self.cache_write, Unset):
            cache_write = UNSET
        else:
            cache_write = self.cache_write

        reasoning: None | str | Unset
        if isinstance(self.reasoning, Unset):
            reasoning = UNSET
        else:
            reasoning = self.reasoning

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "above": above,
                "input": input_,
                "output": output,
            }
        )
        if cache_read is not UNSET:
            field_dict["cache_read"] = cache_read
        if cache_write is not UNSET:
            field_dict["cache_write"] = cache_write
        if reasoning is not UNSET:
            field_dict["reasoning"] = reasoning

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        above = d.pop("above")

        input_ = d.pop("input")

        output = d.pop("output")

        def _parse_cache_read(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        cache_read = _parse_cache_read(d.pop("cache_read", UNSET))

        def _parse_cache_write(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        cache_write = _parse_cache_write(d.pop("cache_write", UNSET))

        def _parse_reasoning(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        reasoning = _parse_reasoning(d.pop("reasoning", UNSET))

        price_tier_body = cls(
            above=above,
            input_=input_,
            output=output,
            cache_read=cache_read,
            cache_write=cache_write,
            reasoning=reasoning,
        )

        return price_tier_body
