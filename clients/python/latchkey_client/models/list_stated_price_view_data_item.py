from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
    from ..models.price_view import PriceView


T = TypeVar("T", bound="ListStatedPriceViewDataItem")


@_attrs_define
class ListStatedPriceViewDataItem:
    """A price that a workspace has stated.

    Attributes:
        effective_from (str): Since when the price holds.
        id (str): Its id.
        model (str): The model.
        model_type (str): What it does.
        price (PriceView): What a model costs.
        provider (str): The provider.
        updated_at (str): When it was last stated.
    """

    effective_from: str
    id: str
    model: str
    model_type: str
    price: PriceView
    provider: str
    updated_at: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.price_view import PriceView  # noqa: PLC0415

        effective_from = self.effective_from

        id = self.id

        model = self.model

        model_type = self.model_type

        price = self.price.to_dict()

        provider = self.provider

        updated_at = self.updated_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "effective_from": effective_from,
                "id": id,
                "model": model,
                "model_type": model_type,
                "price": price,
                "provider": provider,
                "updated_at": updated_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.price_view import PriceView  # noqa: PLC0415

        d = dict(src_dict)
        effective_from = d.pop("effective_from")

        id = d.pop("id")

        model = d.pop("model")

        model_type = d.pop("model_type")

        price = PriceView.from_dict(d.pop("price"))

        provider = d.pop("provider")

        updated_at = d.pop("updated_at")

        list_stated_price_view_data_item = cls(
            effective_from=effective_from,
            id=id,
            model=model,
            model_type=model_type,
            price=price,
            provider=provider,
            updated_at=updated_at,
        )

        list_stated_price_view_data_item.additional_properties = d
        return list_stated_price_view_data_item

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
