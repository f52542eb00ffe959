from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast


T = TypeVar("T", bound="PriceTierView")


@_attrs_define
class PriceTierView:
    """What a model costs when the question is long.

    Attributes:
        above (int): Questions of more tokens than this, cached ones counted.
        cache_read (str): A million tokens read from the cache.
        cache_write (str): A million tokens written to the cache.
        input_ (str): A million input tokens.
        output (str): A million output tokens.
        reasoning (None | str | Unset): A million tokens of reasoning; absent when they cost what output costs.
    """

    above: int
    cache_read: str
    cache_write: str
    input_: str
    output: str
    reasoning: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        above = self.above

        cache_read = self.cache_read

        cache_write = self.cache_write

        input_ = self.input_

        output = self.output

        reasoning: None | str | Unset
        if isinstance(self.reasoning, Unset):
            reasoning = UNSET
        else:
            reasoning = self.reasoning

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "above": above,
                "cache_read": cache_read,
                "cache_write": cache_write,
                "input": input_,
                "output": output,
            }
        )
        if reasoning is not UNSET:
            field_dict["reasoning"] = reasoning

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        above = d.pop("above")

        cache_read = d.pop("cache_read")

        cache_write = d.pop("cache_write")

        input_ = d.pop("input")

        output = d.pop("output")

        def _parse_reasoning(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        reasoning = _parse_reasoning(d.pop("reasoning", UNSET))

        price_tier_view = cls(
            above=above,
            cache_read=cache_read,
            cache_write=cache_write,
            input_=input_,
            output=output,
            reasoning=reasoning,
        )

        price_tier_view.additional_properties = d
        return price_tier_view

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
