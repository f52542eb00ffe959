from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.budget_body import BudgetBody
    from ..models.limits_body import LimitsBody


T = TypeVar("T", bound="RulesBody")


@_attrs_define
class RulesBody:
    """Limits and budgets of somebody.

    Attributes:
        budgets (list[BudgetBody] | Unset): What may be used.
        limits (LimitsBody | Unset): What may be done per minute and at once. What is absent is not limited.
    """

    budgets: list[BudgetBody] | Unset = UNSET
    limits: LimitsBody | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.budget_body import BudgetBody  # noqa: PLC0415
        from ..models.limits_body import LimitsBody  # noqa: PLC0415

        budgets: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.budgets, Unset):
            budgets = []
            for budgets_item_data in self.budgets:
                budgets_item = budgets_item_data.to_dict()
                budgets.append(budgets_item)

        limits: dict[str, Any] | Unset = UNSET
        if not isinstance(self.limits, Unset):
            limits = self.limits.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if budgets is not UNSET:
            field_dict["budgets"] = budgets
        if limits is not UNSET:
            field_dict["limits"] = limits

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.budget_body import BudgetBody  # noqa: PLC0415
        from ..models.limits_body import LimitsBody  # noqa: PLC0415

        d = dict(src_dict)
        _budgets = d.pop("budgets", UNSET)
        budgets: list[BudgetBody] | Unset = UNSET
        if _budgets is not UNSET:
            budgets = []
            for budgets_item_data in _budgets:
                budgets_item = BudgetBody.from_dict(budgets_item_data)

                budgets.append(budgets_item)

        _limits = d.pop("limits", UNSET)
        limits: LimitsBody | Unset
        if isinstance(_limits, Unset):
            limits = UNSET
        else:
            limits = LimitsBody.from_dict(_limits)

        rules_body = cls(
            budgets=budgets,
            limits=limits,
        )

        return rules_body
