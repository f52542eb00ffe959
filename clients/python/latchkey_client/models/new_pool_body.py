from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.member_body import MemberBody


T = TypeVar("T", bound="NewPoolBody")


@_attrs_define
class NewPoolBody:
    """A pool that is to be kept.

    Attributes:
        members (list[MemberBody]): Its members, in their order: 1 to 100.
        name (str): Its name, unique among the provider's credentials and pools.
        provider (str): The provider of all its members.
        strategy (None | str | Unset): `priority`, `round_robin`, `weighted` or `least_busy`; `priority` unless said.
    """

    members: list[MemberBody]
    name: str
    provider: str
    strategy: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.member_body import MemberBody  # noqa: PLC0415

        members = []
        for members_item_data in self.members:
            members_item = members_item_data.to_dict()
            members.append(members_item)

        name = self.name

        provider = self.provider

        strategy: None | str | Unset
        if isinstance(self.strategy, Unset):
            strategy = UNSET
        else:
            strategy = self.strategy

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "members": members,
                "name": name,
                "provider": provider,
            }
        )
        if strategy is not UNSET:
            field_dict["strategy"] = strategy

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.member_body import MemberBody  # noqa: PLC0415

        d = dict(src_dict)
        members = []
        _members = d.pop("members")
        for members_item_data in _members:
            members_item = MemberBody.from_dict(members_item_data)

            members.append(members_item)

        name = d.pop("name")

        provider = d.pop("provider")

        def _parse_strategy(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        strategy = _parse_strategy(d.pop("strategy", UNSET))

        new_pool_body = cls(
            members=members,
            name=name,
            provider=provider,
            strategy=strategy,
        )

        return new_pool_body
