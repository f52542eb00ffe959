from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.considered_view import ConsideredView


T = TypeVar("T", bound="CredentialFailureView")


@_attrs_define
class CredentialFailureView:
    """Why no credential pays.

    Attributes:
        code (str): The stable code.
        considered (list[ConsideredView]): Every level with its outcome, strongest first.
        credential_id (None | str | Unset): The credential that cannot be used, if there is one.
        credential_name (None | str | Unset): Its name.
        level (None | str | Unset): The level that failed; null when no level says anything.
        selector (None | str | Unset): What that level says.
        selector_rendered (None | str | Unset): The same, rendered.
    """

    code: str
    considered: list[ConsideredView]
    credential_id: None | str | Unset = UNSET
    credential_name: None | str | Unset = UNSET
    level: None | str | Unset = UNSET
    selector: None | str | Unset = UNSET
    selector_rendered: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.considered_view import ConsideredView  # noqa: PLC0415

        code = self.code

        considered = []
        for considered_item_data in self.considered:
            considered_item = considered_item_data.to_dict()
            considered.append(considered_item)

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

        level: None | str | Unset
        if isinstance(self.level, Unset):
            level = UNSET
        else:
            level = self.level

        selector: None | str | Unset
        if isinstance(self.selector, Unset):
            selector = UNSET
        else:
            selector = self.selector

        selector_rendered: None | str | Unset
        if isinstance(self.selector_rendered, Unset):
            selector_rendered = UNSET
        else:
            selector_rendered = self.selector_rendered

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "code": code,
                "considered": considered,
            }
        )
        if credential_id is not UNSET:
            field_dict["credential_id"] = credential_id
        if credential_name is not UNSET:
            field_dict["credential_name"] = credential_name
        if level is not UNSET:
            field_dict["level"] = level
        if selector is not UNSET:
            field_dict["selector"] = selector
        if selector_rendered is not UNSET:
            field_dict["selector_rendered"] = selector_rendered

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.considered_view import ConsideredView  # noqa: PLC0415

        d = dict(src_dict)
        code = d.pop("code")

        considered = []
        _considered = d.pop("considered")
        for considered_item_data in _considered:
            considered_item = ConsideredView.from_dict(considered_item_data)

            considered.append(considered_item)

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

        def _parse_level(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        level = _parse_level(d.pop("level", UNSET))

        def _parse_selector(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        selector = _parse_selector(d.pop("selector", UNSET))

        def _parse_selector_rendered(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        selector_rendered = _parse_selector_rendered(d.pop("selector_rendered", UNSET))

        credential_failure_view = cls(
            code=code,
            considered=considered,
            credential_id=credential_id,
            credential_name=credential_name,
            level=level,
            selector=selector,
            selector_rendered=selector_rendered,
        )

        credential_failure_view.additional_properties = d
        return credential_failure_view

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
