from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.list_audit_view_data_item_detail import ListAuditViewDataItemDetail


T = TypeVar("T", bound="ListAuditViewDataItem")


@_attrs_define
class ListAuditViewDataItem:
    """One change.

    Attributes:
        action (str): What, such as `credential.create`.
        actor (str): Who: `api_key:<id>`, `member:<id>` or `operator`.
        at (str): When.
        detail (ListAuditViewDataItemDetail): More about it: names of fields and of things, never a credential's value.
        id (str): Its id.
        subject (str): The id of what was changed; of a default, a price or a tool's bindings the provider or workflow.
        actor_name (None | str | Unset): The name of that member or key; null for a key that is gone.
    """

    action: str
    actor: str
    at: str
    detail: ListAuditViewDataItemDetail
    id: str
    subject: str
    actor_name: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.list_audit_view_data_item_detail import (
            ListAuditViewDataItemDetail,
        )  # noqa: PLC0415

        action = self.action

        actor = self.actor

        at = self.at

        detail = self.detail.to_dict()

        id = self.id

        subject = self.subject

        actor_name: None | str | Unset
        if isinstance(self.actor_name, Unset):
            actor_name = UNSET
        else:
            actor_name = self.actor_name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "action": action,
                "actor": actor,
                "at": at,
                "detail": detail,
                "id": id,
                "subject": subject,
            }
        )
        if actor_name is not UNSET:
            field_dict["actor_name"] = actor_name

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.list_audit_view_data_item_detail import (
            ListAuditViewDataItemDetail,
        )  # noqa: PLC0415

        d = dict(src_dict)
        action = d.pop("action")

        actor = d.pop("actor")

        at = d.pop("at")

        detail = ListAuditViewDataItemDetail.from_dict(d.pop("detail"))

        id = d.pop("id")

        subject = d.pop("subject")

        def _parse_actor_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        actor_name = _parse_actor_name(d.pop("actor_name", UNSET))

        list_audit_view_data_item = cls(
            action=action,
            actor=actor,
            at=at,
            detail=detail,
            id=id,
            subject=subject,
            actor_name=actor_name,
        )

        list_audit_view_data_item.additional_properties = d
        return list_audit_view_data_item

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
