from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.list_credential_version_view_data_item_settings import (
        ListCredentialVersionViewDataItemSettings,
    )
    from ..models.list_credential_version_view_data_item_values import (
        ListCredentialVersionViewDataItemValues,
    )


T = TypeVar("T", bound="ListCredentialVersionViewDataItem")


@_attrs_define
class ListCredentialVersionViewDataItem:
    """A version of a credential's values, without them.

    Attributes:
        hosts (list[str]): Where it may be sent.
        settings (ListCredentialVersionViewDataItemSettings): Its other fields.
        state (str): current, usable (beside the current one), or destroyed.
        until_proven (bool): Whether it stays usable only until a call with the newer values has succeeded.
        values (ListCredentialVersionViewDataItemValues): Its secret fields: enough to recognise one, not to use it.
        version (int): Its number.
        ended (None | str | Unset): Why: replaced, elapsed, proved (the newer values have), rolled_back, or refused by
            the provider.
        ended_at (None | str | Unset): When it was destroyed.
        expires_at (None | str | Unset): From when on it may not pay.
        last_validated_at (None | str | Unset): When its provider last confirmed it.
        replaced_at (None | str | Unset): When another took its place.
        usable_until (None | str | Unset): Until when it stays usable at most.
    """

    hosts: list[str]
    settings: ListCredentialVersionViewDataItemSettings
    state: str
    until_proven: bool
    values: ListCredentialVersionViewDataItemValues
    version: int
    ended: None | str | Unset = UNSET
    ended_at: None | str | Unset = UNSET
    expires_at: None | str | Unset = UNSET
    last_validated_at: None | str | Unset = UNSET
    replaced_at: None | str | Unset = UNSET
    usable_until: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.list_credential_version_view_data_item_settings import (
            ListCredentialVersionViewDataItemSettings,
        )  # noqa: PLC0415
        from ..models.list_credential_version_view_data_item_values import (
            ListCredentialVersionViewDataItemValues,
        )  # noqa: PLC0415

        hosts = self.hosts

        settings = self.settings.to_dict()

        state = self.state

        until_proven = self.until_proven

        values = self.values.to_dict()

        version = self.version

        ended: None | str | Unset
        if isinstance(self.ended, Unset):
            ended = UNSET
        else:
            ended = self.ended

        ended_at: None | str | Unset
        if isinstance(self.ended_at, Unset):
            ended_at = UNSET
        else:
            ended_at = self.ended_at

        expires_at: None | str | Unset
        if isinstance(self.expires_at, Unset):
            expires_at = UNSET
        else:
            expires_at = self.expires_at

        last_validated_at: None | str | Unset
        if isinstance(self.last_validated_at, Unset):
            last_validated_at = UNSET
        else:
            last_validated_at = self.last_validated_at

        replaced_at: None | str | Unset
        if isinstance(self.replaced_at, Unset):
            replaced_at = UNSET
        else:
            replaced_at = self.replaced_at

        usable_until: None | str | Unset
        if isinstance(self.usable_until, Unset):
            usable_until = UNSET
        else:
            usable_until = self.usable_until

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "hosts": hosts,
                "settings": settings,
                "state": state,
                "until_proven": until_proven,
                "values": values,
                "version": version,
            }
        )
        if ended is not UNSET:
            field_dict["ended"] = ended
        if ended_at is not UNSET:
            field_dict["ended_at"] = ended_at
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at
        if last_validated_at is not UNSET:
            field_dict["last_validated_at"] = last_validated_at
        if replaced_at is not UNSET:
            field_dict["replaced_at"] = replaced_at
        if usable_until is not UNSET:
            field_dict["usable_until"] = usable_until

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.list_credential_version_view_data_item_settings import (
            ListCredentialVersionViewDataItemSettings,
        )  # noqa: PLC0415
        from ..models.list_credential_version_view_data_item_values import (
            ListCredentialVersionViewDataItemValues,
        )  # noqa: PLC0415

        d = dict(src_dict)
        hosts = cast(list[str], d.pop("hosts"))

        settings = ListCredentialVersionViewDataItemSettings.from_dict(
            d.pop("settings")
        )

        state = d.pop("state")

        until_proven = d.pop("until_proven")

        values = ListCredentialVersionViewDataItemValues.from_dict(d.pop("values"))

        version = d.pop("version")

        def _parse_ended(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        ended = _parse_ended(d.pop("ended", UNSET))

        def _parse_ended_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        ended_at = _parse_ended_at(d.pop("ended_at", UNSET))

        def _parse_expires_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        expires_at = _parse_expires_at(d.pop("expires_at", UNSET))

        def _parse_last_validated_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        last_validated_at = _parse_last_validated_at(d.pop("last_validated_at", UNSET))

        def _parse_replaced_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        replaced_at = _parse_replaced_at(d.pop("replaced_at", UNSET))

        def _parse_usable_until(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        usable_until = _parse_usable_until(d.pop("usable_until", UNSET))

        list_credential_version_view_data_item = cls(
            hosts=hosts,
            settings=settings,
            state=state,
            until_proven=until_proven,
            values=values,
            version=version,
            ended=ended,
            ended_at=ended_at,
            expires_at=expires_at,
            last_validated_at=last_validated_at,
            replaced_at=replaced_at,
            usable_until=usable_until,
        )

        list_credential_version_view_data_item.additional_properties = d
        return list_credential_version_view_data_item

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
