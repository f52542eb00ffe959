from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast


T = TypeVar("T", bound="KeyStateView")


@_attrs_define
class KeyStateView:
    """How the keys are.

    Attributes:
        master_key (str): What tells the master key from others; it tells nothing of it.
        older_keys (int): Older data keys that are kept: while values are sealed anew, and ten minutes longer.
        reencrypting (bool): Whether values are being sealed anew.
        resealed (int): Values that were sealed anew since the server started.
        unreadable (int): Values that no key opens: they stay as they are, and so do the older keys.
        failure (None | str | Unset): Why sealing anew has ended before its time; the next start, or the next order,
            goes on.
    """

    master_key: str
    older_keys: int
    reencrypting: bool
    resealed: int
    unreadable: int
    failure: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        master_key = self.master_key

        older_keys = self.older_keys

        reencrypting = self.reencrypting

        resealed = self.resealed

        unreadable = self.unreadable

        failure: None | str | Unset
        if isinstance(self.failure, Unset):
            failure = UNSET
        else:
            failure = self.failure

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "master_key": master_key,
                "older_keys": older_keys,
                "reencrypting": reencrypting,
                "resealed": resealed,
                "unreadable": unreadable,
            }
        )
        if failure is not UNSET:
            field_dict["failure"] = failure

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        master_key = d.pop("master_key")

        older_keys = d.pop("older_keys")

        reencrypting = d.pop("reencrypting")

        resealed = d.pop("resealed")

        unreadable = d.pop("unreadable")

        def _parse_failure(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        failure = _parse_failure(d.pop("failure", UNSET))

        key_state_view = cls(
            master_key=master_key,
            older_keys=older_keys,
            reencrypting=reencrypting,
            resealed=resealed,
            unreadable=unreadable,
            failure=failure,
        )

        key_state_view.additional_properties = d
        return key_state_view

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
