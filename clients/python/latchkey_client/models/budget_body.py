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


T = TypeVar("T", bound="BudgetBody")


@_attrs_define
class BudgetBody:
    """What may be used in a period: either `money` or `tokens`.

    Attributes:
        period (str): day, month (both by UTC) or total.
        money (AmountBody | None | Unset):
        tokens (int | None | Unset): So many tokens.
        warn_percent (int | None | Unset): At which percentage people are warned, 1 to 100.
    """

    period: str
    money: AmountBody | None | Unset = UNSET
    tokens: int | None | Unset = UNSET
    warn_percent: int | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.amount_body import AmountBody  # noqa: PLC0415

        period = self.period

        money: dict[str, Any] | None | Unset
        if isinstance(self.money, Unset):
            money = UNSET
        elif isinstance(self.money, AmountBody):
            money = self.money.to_dict()
        else:
            money = self.money

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

        field_dict.update(
            {
                "period": period,
            }
        )
        if money is not UNSET:
            field_dict["money"] = money
        if tokens is not UNSET:
            field_dict["tokens"] = tokens
        if warn_percent is not UNSET:
            field_dict["warn_percent"] = warn_percent

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.amount_body import AmountBody  # noqa: PLC0415

        d = dict(src_dict)
        period = d.pop("period")

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

        budget_body = cls(
            period=period,
            money=money,
            tokens=tokens,
            warn_percent=warn_percent,
        )

        return budget_body
