from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
    from ..models.budget_view import BudgetView
    from ..models.end_user_limits_view import EndUserLimitsView
    from ..models.limits_body import LimitsBody


T = TypeVar("T", bound="WorkflowLimitsView")


@_attrs_define
class WorkflowLimitsView:
    """Limits and budgets of a workflow and how they stand.

    Attributes:
        budgets (list[BudgetView]): Of all its calls together.
        end_users (EndUserLimitsView): Limits and budgets of each end user.
        limits (LimitsBody): What may be done per minute and at once. What is absent is not limited.
    """

    budgets: list[BudgetView]
    end_users: EndUserLimitsView
    limits: LimitsBody
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.budget_view import BudgetView  # noqa: PLC0415
        from ..models.end_user_limits_view import EndUserLimitsView  # noqa: PLC0415
        from ..models.limits_body import LimitsBody  # noqa: PLC0415

        budgets = []
        for budgets_item_data in self.budgets:
            budgets_item = budgets_item_data.to_dict()
            budgets.append(budgets_item)

        end_users = self.end_users.to_dict()

        limits = self.limits.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "budgets": budgets,
                "end_users": end_users,
                "limits": limits,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.budget_view import BudgetView  # noqa: PLC0415
        from ..models.end_user_limits_view import EndUserLimitsView  # noqa: PLC0415
        from ..models.limits_body import LimitsBody  # noqa: PLC0415

        d = dict(src_dict)
        budgets = []
        _budgets = d.pop("budgets")
        for budgets_item_data in _budgets:
            budgets_item = BudgetView.from_dict(budgets_item_data)

            budgets.append(budgets_item)

        end_users = EndUserLimitsView.from_dict(d.pop("end_users"))

        limits = LimitsBody.from_dict(d.pop("limits"))

        workflow_limits_view = cls(
            budgets=budgets,
            end_users=end_users,
            limits=limits,
        )

        workflow_limits_view.additional_properties = d
        return workflow_limits_view

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
