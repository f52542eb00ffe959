from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
    from ..models.usage_sums_rows_item import UsageSumsRowsItem
    from ..models.usage_sums_total import UsageSumsTotal


T = TypeVar("T", bound="UsageSums")


@_attrs_define
class UsageSums:
    """Sums over the ledger.

    Attributes:
        rows (list[UsageSumsRowsItem]): One row for each combination of the keys: the keys and the sums.
        total (UsageSumsTotal): All rows together.
    """

    rows: list[UsageSumsRowsItem]
    total: UsageSumsTotal
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.usage_sums_rows_item import UsageSumsRowsItem  # noqa: PLC0415
        from ..models.usage_sums_total import UsageSumsTotal  # noqa: PLC0415

        rows = []
        for rows_item_data in self.rows:
            rows_item = rows_item_data.to_dict()
            rows.append(rows_item)

        total = self.total.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "rows": rows,
                "total": total,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.usage_sums_rows_item import UsageSumsRowsItem  # noqa: PLC0415
        from ..models.usage_sums_total import UsageSumsTotal  # noqa: PLC0415

        d = dict(src_dict)
        rows = []
        _rows = d.pop("rows")
        for rows_item_data in _rows:
            rows_item = UsageSumsRowsItem.from_dict(rows_item_data)

            rows.append(rows_item)

        total = UsageSumsTotal.from_dict(d.pop("total"))

        usage_sums = cls(
            rows=rows,
            total=total,
        )

        usage_sums.additional_properties = d
        return usage_sums

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
