from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast


T = TypeVar("T", bound="HealthView")


@_attrs_define
class HealthView:
    """What calls have shown about a credential.

    Attributes:
        failures (int): Failures in a row.
        cooling_code (None | str | Unset): Why: the class of the provider's error.
        cooling_until (None | str | Unset): Until when it is left alone, because its provider said so or did not answer.
        exhausted_at (None | str | Unset): Since when its account has no quota left.
        last_failure_at (None | str | Unset): When a call last failed because of the credential or its provider.
        last_success_at (None | str | Unset): When a call last succeeded, to the minute.
        probe_at (None | str | Unset): When an exhausted account is tried again, by one call.
    """

    failures: int
    cooling_code: None | str | Unset = UNSET
    cooling_until: None | str | Unset = UNSET
    exhausted_at: None | str | Unset = UNSET
    last_failure_at: None | str | Unset = UNSET
    last_success_at: None | str | Unset = UNSET
    probe_at: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        failures = self.failures

        cooling_code: None | str | Unset
        if isinstance(self.cooling_code, Unset):
            cooling_code = UNSET
        else:
            cooling_code = self.cooling_code

        cooling_until: None | str | Unset
        if isinstance(self.cooling_until, Unset):
            cooling_until = UNSET
        else:
            cooling_until = self.cooling_until

        exhausted_at: None | str | Unset
        if isinstance(self.exhausted_at, Unset):
            exhausted_at = UNSET
        else:
            exhausted_at = self.exhausted_at

        last_failure_at: None | str | Unset
        if isinstance(self.last_failure_at, Unset):
            last_failure_at = UNSET
        else:
            last_failure_at = self.last_failure_at

        last_success_at: None | str | Unset
        if isinstance(self.last_success_at, Unset):
            last_success_at = UNSET
        else:
            last_success_at = self.last_success_at

        probe_at: None | str | Unset
        if isinstance(self.probe_at, Unset):
            probe_at = UNSET
        else:
            probe_at = self.probe_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "failures": failures,
            }
        )
        if cooling_code is not UNSET:
            field_dict["cooling_code"] = cooling_code
        if cooling_until is not UNSET:
            field_dict["cooling_until"] = cooling_until
        if exhausted_at is not UNSET:
            field_dict["exhausted_at"] = exhausted_at
        if last_failure_at is not UNSET:
            field_dict["last_failure_at"] = last_failure_at
        if last_success_at is not UNSET:
            field_dict["last_success_at"] = last_success_at
        if probe_at is not UNSET:
            field_dict["probe_at"] = probe_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        failures = d.pop("failures")

        def _parse_cooling_code(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        cooling_code = _parse_cooling_code(d.pop("cooling_code", UNSET))

        def _parse_cooling_until(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        cooling_until = _parse_cooling_until(d.pop("cooling_until", UNSET))

        def _parse_exhausted_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        exhausted_at = _parse_exhausted_at(d.pop("exhausted_at", UNSET))

        def _parse_last_failure_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        last_failure_at = _parse_last_failure_at(d.pop("last_failure_at", UNSET))

        def _parse_last_success_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        last_success_at = _parse_last_success_at(d.pop("last_success_at", UNSET))

        def _parse_probe_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        probe_at = _parse_probe_at(d.pop("probe_at", UNSET))

        health_view = cls(
            failures=failures,
            cooling_code=cooling_code,
            cooling_until=cooling_until,
            exhausted_at=exhausted_at,
            last_failure_at=last_failure_at,
            last_success_at=last_success_at,
            probe_at=probe_at,
        )

        health_view.additional_properties = d
        return health_view

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
