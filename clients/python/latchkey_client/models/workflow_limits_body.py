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
    from ..models.rules_body import RulesBody


T = TypeVar("T", bound="WorkflowLimitsBody")


@_attrs_define
class WorkflowLimitsBody:
    """Limits and budgets of a workflow, and those that hold for each of its end users.

    Attributes:
        budgets (list[BudgetBody] | Unset): Of all its calls together.
        end_users (RulesBody | Unset): Limits and budgets of somebody.
        limits (LimitsBody | Unset): What may be done per minute and at once. What is absent is not limited.
    """

    budgets: list[BudgetBody] | Unset = UNSET
    end_users: RulesBody | Unset = UNSET
    limits: LimitsBody | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.budget_body import BudgetBody  # noqa: PLC0415
        from ..models.limits_body import LimitsBody  # noqa: PLC0415
        from ..models.rules_body import RulesBody  # noqa: PLC0415

        budgets: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.budgets, Unset):
            budgets = []
            for budgets_item_data in self.budgets:
                budgets_item = budgets_item_data.to_dict()
                budgets.append(budgets_item)

        end_users: dict[str, Any] | Unset = UNSET
        if not isinstance(self.end_users, Unset):
            end_users = self.end_users.to_dict()

        limits: dict[str, Any] | Unset = UNSET
        if not isinstance(self.limits, Unset):
            limits = self.limits.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if budgets is not UNSET:
            field_dict["budgets"] = budgets
        if end_users is not UNSET:
            field_dict["end_users"] = end_users
        if limits is not UNSET:
            field_dict["limits"] = limits

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.budget_body import BudgetBody  # noqa: PLC0415
        from ..models.limits_body import LimitsBody  # noqa: PLC0415
        from ..models.rules_body import RulesBody  # noqa: PLC0415

        d = dict(src_dict)
        _budgets = d.pop("budgets", UNSET)
        budgets: list[BudgetBody] | Unset = UNSET
        if _budgets is not UNSET:
            budgets = []
            for budgets_item_data in _budgets:
                budgets_item = BudgetBody.from_dict(budgets_item_data)

                budgets.append(budgets_item)

        _end_users = d.pop("end_users", UNSET)
        end_users: RulesBody | Unset
        if isinstance(_end_users, Unset):
            end_users = UNSET
        else:
            end_users = RulesBody.from_dict(_end_users)

        _limits = d.pop("limits", UNSET)
        limits: LimitsBody | Unset
        if isinstance(_limits, Unset):
            limits = UNSET
        else:
            limits = LimitsBody.from_dict(_limits)

        workflow_limits_body = cls(
            budgets=budgets,
            end_users=end_users,
            limits=limits,
        )

        return workflow_limits_body
