from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.condition_body import ConditionBody


T = TypeVar("T", bound="FilterBody")


@_attrs_define
class FilterBody:
    """Which documents are searched.

    Attributes:
        conditions (list[ConditionBody]): The conditions.
        logical_operator (None | str | Unset): `and` (default) or `or`.
    """

    conditions: list[ConditionBody]
    logical_operator: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.condition_body import ConditionBody  # noqa: PLC0415

        conditions = []
        for conditions_item_data in self.conditions:
            conditions_item = conditions_item_data.to_dict()
            conditions.append(conditions_item)

        logical_operator: None | str | Unset
        if isinstance(self.logical_operator, Unset):
            logical_operator = UNSET
        else:
            logical_operator = self.logical_operator

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "conditions": conditions,
            }
        )
        if logical_operator is not UNSET:
            field_dict["logical_operator"] = logical_operator

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.condition_body import ConditionBody  # noqa: PLC0415

        d = dict(src_dict)
        conditions = []
        _conditions = d.pop("conditions")
        for conditions_item_data in _conditions:
            conditions_item = ConditionBody.from_dict(conditions_item_data)

            conditions.append(conditions_item)

        def _parse_logical_operator(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        logical_operator = _parse_logical_operator(d.pop("logical_operator", UNSET))

        filter_body = cls(
            conditions=conditions,
            logical_operator=logical_operator,
        )

        return filter_body
