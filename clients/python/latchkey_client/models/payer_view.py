from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast


T = TypeVar("T", bound="PayerView")


@_attrs_define
class PayerView:
    """A credential that was asked to pay for a call of a run.

    Attributes:
        has_paid (bool): Whether one of its calls has succeeded or is under way.
        name (str): Its name at the time.
        provider (str): Its provider.
        id (None | str | Unset): The credential; null if the run has stated its values.
    """

    has_paid: bool
    name: str
    provider: str
    id: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        has_paid = self.has_paid

        name = self.name

        provider = self.provider

        id: None | str | Unset
        if isinstance(self.id, Unset):
            id = UNSET
        else:
            id = self.id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "has_paid": has_paid,
                "name": name,
                "provider": provider,
            }
        )
        if id is not UNSET:
            field_dict["id"] = id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        has_paid = d.pop("has_paid")

        name = d.pop("name")

        provider = d.pop("provider")

        def _parse_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        id = _parse_id(d.pop("id", UNSET))

        payer_view = cls(
            has_paid=has_paid,
            name=name,
            provider=provider,
            id=id,
        )

        payer_view.additional_properties = d
        return payer_view

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
