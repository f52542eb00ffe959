from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.override_body_values_type_0 import OverrideBodyValuesType0


T = TypeVar("T", bound="OverrideBody")


@_attrs_define
class OverrideBody:
    """What a run states for a provider or a model: a stored credential or a pool, or values of its own.

    Attributes:
        credential_id (None | str | Unset): A stored credential, by id.
        credential_name (None | str | Unset): A stored credential or a pool, by name.
        values (None | OverrideBodyValuesType0 | Unset): Values of the run's own: all fields of the provider's form.
            They end with the run and are shown nowhere.
    """

    credential_id: None | str | Unset = UNSET
    credential_name: None | str | Unset = UNSET
    values: None | OverrideBodyValuesType0 | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.override_body_values_type_0 import OverrideBodyValuesType0  # noqa: PLC0415

        credential_id: None | str | Unset
        if isinstance(self.credential_id, Unset):
            credential_id = UNSET
        else:
            credential_id = self.credential_id

        credential_name: None | str | Unset
        if isinstance(self.credential_name, Unset):
            credential_name = UNSET
        else:
            credential_name = self.credential_name

        values: dict[str, Any] | None | Unset
        if isinstance(self.values, Unset):
            values = UNSET
        elif isinstance(self.values, OverrideBodyValuesType0):
            values = self.values.to_dict()
        else:
            values = self.values

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if credential_id is not UNSET:
            field_dict["credential_id"] = credential_id
        if credential_name is not UNSET:
            field_dict["credential_name"] = credential_name
        if values is not UNSET:
            field_dict["values"] = values

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.override_body_values_type_0 import OverrideBodyValuesType0  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_credential_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        credential_id = _parse_credential_id(d.pop("credential_id", UNSET))

        def _parse_credential_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        credential_name = _parse_credential_name(d.pop("credential_name", UNSET))

        def _parse_values(data: object) -> None | OverrideBodyValuesType0 | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                values_type_0 = OverrideBodyValuesType0.from_dict(data)

                return values_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OverrideBodyValuesType0 | Unset, data)

        values = _parse_values(d.pop("values", UNSET))

        override_body = cls(
            credential_id=credential_id,
            credential_name=credential_name,
            values=values,
        )

        return override_body
