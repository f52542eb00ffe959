from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
    from ..models.money_view import MoneyView


T = TypeVar("T", bound="UsageView")


@_attrs_define
class UsageView:
    """What was used.

    Attributes:
        cost (list[MoneyView]): Money by currency.
        input_tokens (int): Tokens that models read, cached ones included.
        output_tokens (int): Tokens that models wrote, reasoning included.
        unpriced_calls (int): Calls whose price is unknown.
    """

    cost: list[MoneyView]
    input_tokens: int
    output_tokens: int
    unpriced_calls: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.money_view import MoneyView  # noqa: PLC0415

        cost = []
        for cost_item_data in self.cost:
            cost_item = cost_item_data.to_dict()
            cost.append(cost_item)

        input_tokens = self.input_tokens

        output_tokens = self.output_tokens

        unpriced_calls = self.unpriced_calls

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "cost": cost,
                "input_tokens": input_tokens,
                "output_tokens": output_tokens,
                "unpriced_calls": unpriced_calls,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money_view import MoneyView  # noqa: PLC0415

        d = dict(src_dict)
        cost = []
        _cost = d.pop("cost")
        for cost_item_data in _cost:
            cost_item = MoneyView.from_dict(cost_item_data)

            cost.append(cost_item)

        input_tokens = d.pop("input_tokens")

        output_tokens = d.pop("output_tokens")

        unpriced_calls = d.pop("unpriced_calls")

        usage_view = cls(
            cost=cost,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            unpriced_calls=unpriced_calls,
        )

        usage_view.additional_properties = d
        return usage_view

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
