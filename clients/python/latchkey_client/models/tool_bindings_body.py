from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
    from ..models.tool_binding_body import ToolBindingBody


T = TypeVar("T", bound="ToolBindingsBody")


@_attrs_define
class ToolBindingsBody:
    """What tools of documents are bound to.

    Attributes:
        bindings (list[ToolBindingBody]): Each tool once; a workflow's own are stronger than the workspace's, a tool's
            than its provider's.
    """

    bindings: list[ToolBindingBody]

    def to_dict(self) -> dict[str, Any]:
        from ..models.tool_binding_body import ToolBindingBody  # noqa: PLC0415

        bindings = []
        for bindings_item_data in self.bindings:
            bindings_item = bindings_item_data.to_dict()
            bindings.append(bindings_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "bindings": bindings,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.tool_binding_body import ToolBindingBody  # noqa: PLC0415

        d = dict(src_dict)
        bindings = []
        _bindings = d.pop("bindings")
        for bindings_item_data in _bindings:
            bindings_item = ToolBindingBody.from_dict(bindings_item_data)

            bindings.append(bindings_item)

        tool_bindings_body = cls(
            bindings=bindings,
        )

        return tool_bindings_body
