from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.binding_body import BindingBody


T = TypeVar("T", bound="SettingsBody")


@_attrs_define
class SettingsBody:
    """The live credential settings of a workflow.

    Attributes:
        bindings (list[BindingBody] | Unset): Which credential pays for which provider, model and environment.
        runtime_allow (list[str] | Unset): Names and patterns that a run may choose.
        runtime_hosts (list[str] | Unset): Hosts that inline values may be sent to.
        runtime_override (str | Unset): Whether a run may state credentials: none, named or inline.
        weakest (str | Unset): No weaker level may pay.
    """

    bindings: list[BindingBody] | Unset = UNSET
    runtime_allow: list[str] | Unset = UNSET
    runtime_hosts: list[str] | Unset = UNSET
    runtime_override: str | Unset = UNSET
    weakest: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.binding_body import BindingBody  # noqa: PLC0415

        bindings: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.bindings, Unset):
            bindings = []
            for bindings_item_data in self.bindings:
                bindings_item = bindings_item_data.to_dict()
                bindings.append(bindings_item)

        runtime_allow: list[str] | Unset = UNSET
        if not isinstance(self.runtime_allow, Unset):
            runtime_allow = self.runtime_allow

        runtime_hosts: list[str] | Unset = UNSET
        if not isinstance(self.runtime_hosts, Unset):
            runtime_hosts = self.runtime_hosts

        runtime_override = self.runtime_override

        weakest = self.weakest

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if bindings is not UNSET:
            field_dict["bindings"] = bindings
        if runtime_allow is not UNSET:
            field_dict["runtime_allow"] = runtime_allow
        if runtime_hosts is not UNSET:
            field_dict["runtime_hosts"] = runtime_hosts
        if runtime_override is not UNSET:
            field_dict["runtime_override"] = runtime_override
        if weakest is not UNSET:
            field_dict["weakest"] = weakest

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.binding_body import BindingBody  # noqa: PLC0415

        d = dict(src_dict)
        _bindings = d.pop("bindings", UNSET)
        bindings: list[BindingBody] | Unset = UNSET
        if _bindings is not UNSET:
            bindings = []
            for bindings_item_data in _bindings:
                bindings_item = BindingBody.from_dict(bindings_item_data)

                bindings.append(bindings_item)

        runtime_allow = cast(list[str], d.pop("runtime_allow", UNSET))

        runtime_hosts = cast(list[str], d.pop("runtime_hosts", UNSET))

        runtime_override = d.pop("runtime_override", UNSET)

        weakest = d.pop("weakest", UNSET)

        settings_body = cls(
            bindings=bindings,
            runtime_allow=runtime_allow,
            runtime_hosts=runtime_hosts,
            runtime_override=runtime_override,
            weakest=weakest,
        )

        return settings_body
