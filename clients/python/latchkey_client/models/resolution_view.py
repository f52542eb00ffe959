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
    from ..models.pool_member_view import PoolMemberView
    from ..models.skipped_view import SkippedView


T = TypeVar("T", bound="ResolutionView")


@_attrs_define
class ResolutionView:
    """Which credential pays and why.

    Attributes:
        considered (list[ConsideredView]): Every level with its outcome, strongest first.
        level (str): The level that decided.
        provider (str): The provider that is paid.
        credential_id (None | str | Unset): The credential.
        credential_name (None | str | Unset): Its name.
        credential_version (int | None | Unset): The version of its values.
        fallback (int | None | Unset): Its place in the node's `credential_fallback`, from 1; absent for the credential
            that was chosen.
        pool (None | PoolMemberView | Unset):
        selector (None | str | Unset): What that level says.
        selector_rendered (None | str | Unset): The same, rendered.
        skipped (list[SkippedView] | Unset): Those before it in the chain, and why each does not pay.
    """

    considered: list[ConsideredView]
    level: str
    provider: str
    credential_id: None | str | Unset = UNSET
    credential_name: None | str | Unset = UNSET
    credential_version: int | None | Unset = UNSET
    fallback: int | None | Unset = UNSET
    pool: None | PoolMemberView | Unset = UNSET
    selector: None | str | Unset = UNSET
    selector_rendered: None | str | Unset = UNSET
    skipped: list[SkippedView] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.considered_view import ConsideredView  # noqa: PLC0415
        from ..models.pool_member_view import PoolMemberView  # noqa: PLC0415
        from ..models.skipped_view import SkippedView  # noqa: PLC0415

        considered = []
        for considered_item_data in self.considered:
            considered_item = considered_item_data.to_dict()
            considered.append(considered_item)

        level = self.level

        provider = self.provider

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

        credential_version: int | None | Unset
        if isinstance(self.credential_version, Unset):
            credential_version = UNSET
        else:
            credential_version = self.credential_version

        fallback: int | None | Unset
        if isinstance(self.fallback, Unset):
            fallback = UNSET
        else:
            fallback = self.fallback

        pool: dict[str, Any] | None | Unset
        if isinstance(self.pool, Unset):
            pool = UNSET
        elif isinstance(self.pool, PoolMemberView):
            pool = self.pool.to_dict()
        else:
            pool = self.pool

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

        skipped: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.skipped, Unset):
            skipped = []
            for skipped_item_data in self.skipped:
                skipped_item = skipped_item_data.to_dict()
                skipped.append(skipped_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "considered": considered,
                "level": level,
                "provider": provider,
            }
        )
        if credential_id is not UNSET:
            field_dict["credential_id"] = credential_id
        if credential_name is not UNSET:
            field_dict["credential_name"] = credential_name
        if credential_version is not UNSET:
            field_dict["credential_version"] = credential_version
        if fallback is not UNSET:
            field_dict["fallback"] = fallback
        if pool is not UNSET:
            field_dict["pool"] = pool
        if selector is not UNSET:
            field_dict["selector"] = selector
        if selector_rendered is not UNSET:
            field_dict["selector_rendered"] = selector_rendered
        if skipped is not UNSET:
            field_dict["skipped"] = skipped

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.considered_view import ConsideredView  # noqa: PLC0415
        from ..models.pool_member_view import PoolMemberView  # noqa: PLC0415
        from ..models.skipped_view import SkippedView  # noqa: PLC0415

        d = dict(src_dict)
        considered = []
        _considered = d.pop("considered")
        for considered_item_data in _considered:
            considered_item = ConsideredView.from_dict(considered_item_data)

            considered.append(considered_item)

        level = d.pop("level")

        provider = d.pop("provider")

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

        def _parse_credential_version(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        credential_version = _parse_credential_version(
            d.pop("credential_version", UNSET)
        )

        def _parse_fallback(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        fallback = _parse_fallback(d.pop("fallback", UNSET))

        def _parse_pool(data: object) -> None | PoolMemberView | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                pool_type_0 = PoolMemberView.from_dict(data)

                return pool_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PoolMemberView | Unset, data)

        pool = _parse_pool(d.pop("pool", UNSET))

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

        _skipped = d.pop("skipped", UNSET)
        skipped: list[SkippedView] | Unset = UNSET
        if _skipped is not UNSET:
            skipped = []
            for skipped_item_data in _skipped:
                skipped_item = SkippedView.from_dict(skipped_item_data)

                skipped.append(skipped_item)

        resolution_view = cls(
            considered=considered,
            level=level,
            provider=provider,
            credential_id=credential_id,
            credential_name=credential_name,
            credential_version=credential_version,
            fallback=fallback,
            pool=pool,
            selector=selector,
            selector_rendered=selector_rendered,
            skipped=skipped,
        )

        resolution_view.additional_properties = d
        return resolution_view

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
