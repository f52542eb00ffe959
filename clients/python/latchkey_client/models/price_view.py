from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.price_tier_view import PriceTierView


T = TypeVar("T", bound="PriceView")


@_attrs_define
class PriceView:
    """What a model costs.

    Attributes:
        cache_read (str): A million tokens read from the cache.
        cache_write (str): A million tokens written to the cache.
        currency (str): ISO 4217 code of all of them.
        input_ (str): A million input tokens, as a decimal text.
        output (str): A million output tokens.
        reasoning (None | str | Unset): A million tokens of reasoning; absent when they cost what output costs.
        request (None | str | Unset): A call that succeeds, whatever it uses; absent when there is no such fee.
        tiers (list[PriceTierView] | Unset): Prices of long questions, by ascending length; absent when there are none.
            A question longer than `above` pays them for the whole call.
    """

    cache_read: str
    cache_write: str
    currency: str
    input_: str
    output: str
    reasoning: None | str | Unset = UNSET
    request: None | str | Unset = UNSET
    tiers: list[PriceTierView] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.price_tier_view import PriceTierView  # noqa: PLC0415

        cache_read = self.cache_read

        cache_write = self.cache_write

        currency = self.currency

        input_ = self.input_

        output = self.output

        reasoning: None | str | Unset
        if isinstance(self.reasoning, Unset):
            reasoning = UNSET
        else:
            reasoning = self.reasoning

        request: None | str | Unset
        if isinstance(self.request, Unset):
            request = UNSET
        else:
            request = self.request

        tiers: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.tiers, Unset):
            tiers = []
            for tiers_item_data in self.tiers:
                tiers_item = tiers_item_data.to_dict()
                tiers.append(tiers_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "cache_read": cache_read,
                "cache_write": cache_write,
                "currency": currency,
                "input": input_,
                "output": output,
            }
        )
        if reasoning is not UNSET:
            field_dict["reasoning"] = reasoning
        if request is not UNSET:
            field_dict["request"] = request
        if tiers is not UNSET:
            field_dict["tiers"] = tiers

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.price_tier_view import PriceTierView  # noqa: PLC0415

        d = dict(src_dict)
        cache_read = d.pop("cache_read")

        cache_write = d.pop("cache_write")

        currency = d.pop("currency")

        input_ = d.pop("input")

        output = d.pop("output")

        def _parse_reasoning(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        reasoning = _parse_reasoning(d.pop("reasoning", UNSET))

        def _parse_request(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        request = _parse_request(d.pop("request", UNSET))

        _tiers = d.pop("tiers", UNSET)
        tiers: list[PriceTierView] | Unset = UNSET
        if _tiers is not UNSET:
            tiers = []
            for tiers_item_data in _tiers:
                tiers_item = PriceTierView.from_dict(tiers_item_data)

                tiers.append(tiers_item)

        price_view = cls(
            cache_read=cache_read,
            cache_write=cache_write,
            currency=currency,
            input_=input_,
            output=output,
            reasoning=reasoning,
            request=request,
            tiers=tiers,
        )

        price_view.additional_properties = d
        return price_view

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
