from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.list_budget_event_view_data_item_event import (
        ListBudgetEventViewDataItemEvent,
    )


T = TypeVar("T", bound="ListBudgetEventViewDataItem")


@_attrs_define
class ListBudgetEventViewDataItem:
    """A budget has come to its warning or to its end.

    Attributes:
        at (str): When.
        attempts (int): How often that was tried.
        event (ListBudgetEventViewDataItemEvent): What is told: the holder, the budget, and how it stood.
        id (str): Its id.
        type_ (str): budget.warning or budget.exceeded.
        deliver_at (None | str | Unset): When it is told next; null when it was told, was given up, or there is nobody
            to tell.
        delivered_at (None | str | Unset): When it was told.
        last_error (None | str | Unset): Why it could not be told the last time.
    """

    at: str
    attempts: int
    event: ListBudgetEventViewDataItemEvent
    id: str
    type_: str
    deliver_at: None | str | Unset = UNSET
    delivered_at: None | str | Unset = UNSET
    last_error: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.list_budget_event_view_data_item_event import (
            ListBudgetEventViewDataItemEvent,
        )  # noqa: PLC0415

        at = self.at

        attempts = self.attempts

        event = self.event.to_dict()

        id = self.id

        type_ = self.type_

        deliver_at: None | str | Unset
        if isinstance(self.deliver_at, Unset):
            deliver_at = UNSET
        else:
            deliver_at = self.deliver_at

        delivered_at: None | str | Unset
        if isinstance(self.delivered_at, Unset):
            delivered_at = UNSET
        else:
            delivered_at = self.delivered_at

        last_error: None | str | Unset
        if isinstance(self.last_error, Unset):
            last_error = UNSET
        else:
            last_error = self.last_error

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "attempts": attempts,
                "event": event,
                "id": id,
                "type": type_,
            }
        )
        if deliver_at is not UNSET:
            field_dict["deliver_at"] = deliver_at
        if delivered_at is not UNSET:
            field_dict["delivered_at"] = delivered_at
        if last_error is not UNSET:
            field_dict["last_error"] = last_error

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.list_budget_event_view_data_item_event import (
            ListBudgetEventViewDataItemEvent,
        )  # noqa: PLC0415

        d = dict(src_dict)
        at = d.pop("at")

        attempts = d.pop("attempts")

        event = ListBudgetEventViewDataItemEvent.from_dict(d.pop("event"))

        id = d.pop("id")

        type_ = d.pop("type")

        def _parse_deliver_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        deliver_at = _parse_deliver_at(d.pop("deliver_at", UNSET))

        def _parse_delivered_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        delivered_at = _parse_delivered_at(d.pop("delivered_at", UNSET))

        def _parse_last_error(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        last_error = _parse_last_error(d.pop("last_error", UNSET))

        list_budget_event_view_data_item = cls(
            at=at,
            attempts=attempts,
            event=event,
            id=id,
            type_=type_,
            deliver_at=deliver_at,
            delivered_at=delivered_at,
            last_error=last_error,
        )

        list_budget_event_view_data_item.additional_properties = d
        return list_budget_event_view_data_item

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
