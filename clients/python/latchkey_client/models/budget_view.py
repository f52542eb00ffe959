from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.amount_body import AmountBody


T = TypeVar("T", bound="BudgetView")


@_attrs_define
class BudgetView:
    """A budget and how it stands in the running period.

    Attributes:
        limit (str): How much may be used, in its unit, as a decimal text.
        period (str): day, month (both by UTC) or total.
        reserved (str): What calls under way may still use.
        unit (str): What it is counted in: tokens, or a currency.
        used (str): What was used.
        money (AmountBody | None | Unset):
        resets_at (None | str | Unset): When the next period begins; null for a total.
        tokens (int | None | Unset): So many tokens.
        warn_percent (int | None | Unset): At which percentage people are warned.
    """

    limit: str
    period: str
    reserved: str
    unit: str
    used: str
    money: AmountBody | None | Unset = UNSET
    resets_at: None | str | Unset = UNSET
    tokens: int | None | Unset = UNSET
    warn_percent: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.amount_body import AmountBody  # noqa: PLC0415

        limit = self.limit

        period = self.period

        reserved = self.reserved

        unit = self.unit

        used = self.used

        money: dict[str, Any] | None | Unset
        if isinstance(self.money, Unset):
            money = UNSET
        elif isinstance(self.money, AmountBody):
            money = self.money.to_dict()
        else:
            money = self.money

        resets_at: None | str | Unset
        if isinstance(self.resets_at, Unset):
            resets_at = UNSET
        else:
            resets_at = self.resets_at

        tokens: int | None | Unset
        if isinstance(self.tokens, Unset):
            tokens = UNSET
        else:
            tokens = self.tokens

        warn_percent: int | None | Unset
        if isinstance(self.warn_percent, Unset):
            warn_percent = UNSET
        else:
            warn_percent = self.warn_percent

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "limit": limit,
                "period": period,
                "reserved": reserved,
                "unit": unit,
                "used": used,
            }
        )
        if money is not UNSET:
            field_dict["money"] = money
        if resets_at is not UNSET:
            field_dict["resets_at"] = resets_at
        if tokens is not UNSET:
            field_dict["tokens"] = tokens
        if warn_percent is not UNSET:
            field_dict["warn_percent"] = warn_percent

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.amount_body import AmountBody  # noqa: PLC0415

        d = dict(src_dict)
        limit = d.pop("limit")

        period = d.pop("period")

        reserved = d.pop("reserved")

        unit = d.pop("unit")

        used = d.pop("used")

        def _parse_money(data: object) -> AmountBody | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                money_type_0 = AmountBody.from_dict(data)

                return money_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AmountBody | None | Unset, data)

        money = _parse_money(d.pop("money", UNSET))

        def _parse_resets_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        resets_at = _parse_resets_at(d.pop("resets_at", UNSET))

        def _parse_tokens(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        tokens = _parse_tokens(d.pop("tokens", UNSET))

        def _parse_warn_percent(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        warn_percent = _parse_warn_percent(d.pop("warn_percent", UNSET))

        budget_view = cls(
            limit=limit,
            period=period,
            reserved=reserved,
            unit=unit,
            used=used,
            money=money,
            resets_at=resets_at,
            tokens=tokens,
            warn_percent=warn_percent,
        )

        budget_view.additional_properties = d
        return budget_view

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
