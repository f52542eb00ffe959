from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
    from ..models.value_reference_body import ValueReferenceBody


T = TypeVar("T", bound="CredentialChangeBodyValuesType0")


@_attrs_define
class CredentialChangeBodyValuesType0:
    """Fields of its form that are entered again; the others stay. All secret ones, if an address or a host changes."""

    additional_properties: dict[str, str | ValueReferenceBody] = _attrs_field(
        init=False, factory=dict
    )

    def to_dict(self) -> dict[str, Any]:
        from ..models.value_reference_body import ValueReferenceBody  # noqa: PLC0415

        field_dict: dict[str, Any] = {}
        for prop_name, prop in self.additional_properties.items():
            if isinstance(prop, ValueReferenceBody):
                field_dict[prop_name] = prop.to_dict()
            else:
                field_dict[prop_name] = prop

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.value_reference_body import ValueReferenceBody  # noqa: PLC0415

        d = dict(src_dict)
        credential_change_body_values_type_0 = cls()

        additional_properties = {}
        for prop_name, prop_dict in d.items():

            def _parse_additional_property(data: object) -> str | ValueReferenceBody:
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    componentsschemas_value_body_type_1 = ValueReferenceBody.from_dict(
                        data
                    )

                    return componentsschemas_value_body_type_1
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast(str | ValueReferenceBody, data)

            additional_property = _parse_additional_property(prop_dict)

            additional_properties[prop_name] = additional_property

        credential_change_body_values_type_0.additional_properties = (
            additional_properties
        )
        return credential_change_body_values_type_0

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> str | ValueReferenceBody:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: str | ValueReferenceBody) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
