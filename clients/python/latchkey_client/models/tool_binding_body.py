from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.tool_binding_body_parameters import ToolBindingBodyParameters
    from ..models.tool_target_body import ToolTargetBody


T = TypeVar("T", bound="ToolBindingBody")


@_attrs_define
class ToolBindingBody:
    """What one tool is bound to.

    Attributes:
        provider (str): The provider, as the report of an import names it.
        target (ToolTargetBody): What a tool is bound to.
        parameters (ToolBindingBodyParameters | Unset): From a parameter's name in the document to its name at the
            target.
        tool (None | str | Unset): The tool; every tool of the provider unless said.
    """

    provider: str
    target: ToolTargetBody
    parameters: ToolBindingBodyParameters | Unset = UNSET
    tool: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.tool_binding_body_parameters import ToolBindingBodyParameters  # noqa: PLC0415
        from ..models.tool_target_body import ToolTargetBody  # noqa: PLC0415

        provider = self.provider

        target = self.target.to_dict()

        parameters: dict[str, Any] | Unset = UNSET
        if not isinstance(self.parameters, Unset):
            parameters = self.parameters.to_dict()

        tool: None | str | Unset
        if isinstance(self.tool, Unset):
            tool = UNSET
        else:
            tool = self.tool

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "provider": provider,
                "target": target,
            }
        )
        if parameters is not UNSET:
            field_dict["parameters"] = parameters
        if tool is not UNSET:
            field_dict["tool"] = tool

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.tool_binding_body_parameters import ToolBindingBodyParameters  # noqa: PLC0415
        from ..models.tool_target_body import ToolTargetBody  # noqa: PLC0415

        d = dict(src_dict)
        provider = d.pop("provider")

        target = ToolTargetBody.from_dict(d.pop("target"))

        _parameters = d.pop("parameters", UNSET)
        parameters: ToolBindingBodyParameters | Unset
        if isinstance(_parameters, Unset):
            parameters = UNSET
        else:
            parameters = ToolBindingBodyParameters.from_dict(_parameters)

        def _parse_tool(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        tool = _parse_tool(d.pop("tool", UNSET))

        tool_binding_body = cls(
            provider=provider,
            target=target,
            parameters=parameters,
            tool=tool,
        )

        return tool_binding_body
