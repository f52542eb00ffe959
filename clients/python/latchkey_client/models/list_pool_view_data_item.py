from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
    from ..models.member_view import MemberView


T = TypeVar("T", bound="ListPoolViewDataItem")


@_attrs_define
class ListPoolViewDataItem:
    """A pool.

    Attributes:
        created_at (str): When it was made.
        id (str): Its id.
        members (list[MemberView]): Its members, in their order.
        name (str): Its name.
        provider (str): The provider of its members.
        strategy (str): priority, round_robin, weighted or least_busy.
        updated_at (str): When it was last changed.
    """

    created_at: str
    id: str
    members: list[MemberView]
    name: str
    provider: str
    strategy: str
    updated_at: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.member_view import MemberView  # noqa: PLC0415

        created_at = self.created_at

        id = self.id

        members = []
        for members_item_data in self.members:
            members_item = members_item_data.to_dict()
            members.append(members_item)

        name = self.name

        provider = self.provider

        strategy = self.strategy

        updated_at = self.updated_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "created_at": created_at,
                "id": id,
                "members": members,
                "name": name,
                "provider": provider,
                "strategy": strategy,
                "updated_at": updated_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.member_view import MemberView  # noqa: PLC0415

        d = dict(src_dict)
        created_at = d.pop("created_at")

        id = d.pop("id")

        members = []
        _members = d.pop("members")
        for members_item_data in _members:
            members_item = MemberView.from_dict(members_item_data)

            members.append(members_item)

        name = d.pop("name")

        provider = d.pop("provider")

        strategy = d.pop("strategy")

        updated_at = d.pop("updated_at")

        list_pool_view_data_item = cls(
            created_at=created_at,
            id=id,
            members=members,
            name=name,
            provider=provider,
            strategy=strategy,
            updated_at=updated_at,
        )

        list_pool_view_data_item.additional_properties = d
        return list_pool_view_data_item

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
