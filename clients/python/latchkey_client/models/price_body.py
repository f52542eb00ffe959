from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.price_tier_body import PriceTierBody


T = TypeVar("T", bound="PriceBody")


@_attrs_define
class PriceBody:
    """A price that is stated. Amounts are decimal texts; `"0"` means that it costs nothing.

    Attributes:
        currency (str): ISO 4217 code of all amounts.
        input_ (str): A million input tokens.
        model (str): The model.
        provider (str): The provider.
        cache_read (None | str | Unset): A million tokens read from the cache; as much as input unless said.
        cache_write (None | str | Unset): A million tokens written to the cache; as much as input unless said.
        effective_from (None | str | Unset): Since when the price holds; from now on unless said.
        model_type (None | str | Unset): What it does; `llm` unless said.
        output (None | str | Unset): A million output tokens; nothing unless said, for models that write none.
        reasoning (None | str | Unset): A million tokens of reasoning; as much as output unless said.
        request (None | str | Unset): A call that succeeds, whatever it uses.
        tiers (list[PriceTierBody] | Unset): Prices of long questions, by ascending length.
    """

    currency: str
    input_: str
    model: str
    provider: str
    cache_read: None | str | Unset = UNSET
    cache_write: None | str | Unset = UNSET
    effective_from: None | str | Unset = UNSET
    model_type: None | str | Unset = UNSET
    output: None | str | Unset = UNSET
    reasoning: None | str | Unset = UNSET
    request: None | str | Unset = UNSET
    tiers: list[PriceTierBody] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.price_tier_body import PriceTierBody  # noqa: PLC0415

        currency = self.currency

        input_ = self.input_

        model = self.model

        provider = self.provider

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

        effective_from: None | str | Unset
        if isinstance(self.effective_from, Unset):
            effective_from = UNSET
        else:
            effective_from = self.effective_from

        model_type: None | str | Unset
        if isinstance(self.model_type, Unset):
            model_type = UNSET
        else:
            model_type = self.model_type

        output: None | str | Unset
        if isinstance(self.output, Unset):
            output = UNSET
        else:
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

        field_dict.update(
            {
                "currency": currency,
                "input": input_,
                "model": model,
                "provider": provider,
            }
        )
        if cache_read is not UNSET:
            field_dict["cache_read"] = cache_read
        if cache_write is not UNSET:
            field_dict["cache_write"] = cache_write
        if effective_from is not UNSET:
            field_dict["effective_from"] = effective_from
        if model_type is not UNSET:
            field_dict["model_type"] = model_type
        if output is not UNSET:
            field_dict["output"] = output
        if reasoning is not UNSET:
            field_dict["reasoning"] = reasoning
        if request is not UNSET:
            field_dict["request"] = request
        if tiers is not UNSET:
            field_dict["tiers"] = tiers

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.price_tier_body import PriceTierBody  # noqa: PLC0415

        d = dict(src_dict)
        currency = d.pop("currency")

        input_ = d.pop("input")

        model = d.pop("model")

        provider = d.pop("provider")

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

        def _parse_effective_from(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        effective_from = _parse_effective_from(d.pop("effective_from", UNSET))

        def _parse_model_type(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        model_type = _parse_model_type(d.pop("model_type", UNSET))

        def _parse_output(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        output = _parse_output(d.pop("output", UNSET))

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
        tiers: list[PriceTierBody] | Unset = UNSET
        if _tiers is not UNSET:
            tiers = []
            for tiers_item_data in _tiers:
                tiers_item = PriceTierBody.from_dict(tiers_item_data)

                tiers.append(tiers_item)

        price_body = cls(
            currency=currency,
            input_=input_,
            model=model,
            provider=provider,
            cache_read=cache_read,
            cache_write=cache_write,
            effective_from=effective_from,
            model_type=model_type,
            output=output,
            reasoning=reasoning,
            request=request,
            tiers=tiers,
        )

        return price_body
