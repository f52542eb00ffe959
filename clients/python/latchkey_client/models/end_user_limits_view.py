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
    from ..models.budget_view import BudgetView
    from ..models.limits_body import LimitsBody


T = TypeVar("T", bound="EndUserLimitsView")


@_attrs_define
class EndUserLimitsView:
    """Limits and budgets of each end user.

    Attributes:
        budgets (list[BudgetBody]): What each may use.
        limits (LimitsBody): What may be done per minute and at once. What is absent is not limited.
        standing (list[BudgetView] | None | Unset): How the budgets of the end user stand that was asked about.
    """

    budgets: list[BudgetBody]
    limits: LimitsBody
    standing: list[BudgetView] | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.budget_body import BudgetBody  # noqa: PLC0415
        from ..models.budget_view import BudgetView  # noqa: PLC0415
        from ..models.limits_body import LimitsBody  # noqa: PLC0415

        budgets = []
        for budgets_item_data in self.budgets:
            budgets_item = budgets_item_data.to_dict()
            budgets.append(budgets_item)

        limits = self.limits.to_dict()

        standing: list[dict[str, Any]] | None | Unset
        if isinstance(self.standing, Unset):
            standing = UNSET
        elif isinstance(self.standing, list):
            standing = []
            for standing_type_0_item_data in self.standing:
                standing_type_0_item = standing_type_0_item_data.to_dict()
                standing.append(standing_type_0_item)

        else:
            standing = self.standing

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "budgets": budgets,
                "limits": limits,
            }
        )
        if standing is not UNSET:
            field_dict["standing"] = standing

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.budget_body import BudgetBody  # noqa: PLC0415
        from ..models.budget_view import BudgetView  # noqa: PLC0415
        from ..models.limits_body import LimitsBody  # noqa: PLC0415

        d = dict(src_dict)
        budgets = []
        _budgets = d.pop("budgets")
        for budgets_item_data in _budgets:
            budgets_item = BudgetBody.from_dict(budgets_item_data)

            budgets.append(budgets_item)

        limits = LimitsBody.from_dict(d.pop("limits"))

        def _parse_standing(data: object) -> list[BudgetView] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                standing_type_0 = []
                _standing_type_0 = data
                for standing_type_0_item_data in _standing_type_0:
                    standing_type_0_item = BudgetView.from_dict(
                        standing_type_0_item_data
                    )

                    standing_type_0.append(standing_type_0_item)

                return standing_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[BudgetView] | None | Unset, data)

        standing = _parse_standing(d.pop("standing", UNSET))

        end_user_limits_view = cls(
            budgets=budgets,
            limits=limits,
            standing=standing,
        )

        end_user_limits_view.additional_properties = d
        return end_user_limits_view

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
