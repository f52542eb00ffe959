from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.tool_target_body import ToolTargetBody


T = TypeVar("T", bound="ToolView")


@_attrs_define
class ToolView:
    """A tool that a file names.

    Attributes:
        name (str): Its provider and its name.
        node_ids (list[str]): The nodes that name it.
        provider (str): The provider, as bindings name it.
        provider_type (str): `builtin`, `plugin`, `api`, `workflow`, `mcp` …
        state (str): `bound` or `unbound`: a node of an unbound tool fails when a run reaches it.
        tool (str): The tool.
        bound_to (None | ToolTargetBody | Unset):
        line (int | None | Unset): The line of the first of them.
    """

    name: str
    node_ids: list[str]
    provider: str
    provider_type: str
    state: str
    tool: str
    bound_to: None | ToolTargetBody | Unset = UNSET
    line: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.tool_target_body import ToolTargetBody  # noqa: PLC0415

        name = self.name

        node_ids = self.node_ids

        provider = self.provider

        provider_type = self.provider_type

        state = self.state

        tool = self.tool

        bound_to: dict[str, Any] | None | Unset
        if isinstance(self.bound_to, Unset):
            bound_to = UNSET
        elif isinstance(self.bound_to, ToolTargetBody):
            bound_to = self.bound_to.to_dict()
        else:
            bound_to = self.bound_to

        line: int | None | Unset
        if isinstance(self.line, Unset):
            line = UNSET
        else:
            line = self.line

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "node_ids": node_ids,
                "provider": provider,
                "provider_type": provider_type,
                "state": state,
                "tool": tool,
            }
        )
        if bound_to is not UNSET:
            field_dict["bound_to"] = bound_to
        if line is not UNSET:
            field_dict["line"] = line

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.tool_target_body import ToolTargetBody  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        node_ids = cast(list[str], d.pop("node_ids"))

        provider = d.pop("provider")

        provider_type = d.pop("provider_type")

        state = d.pop("state")

        tool = d.pop("tool")

        def _parse_bound_to(data: object) -> None | ToolTargetBody | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                bound_to_type_0 = ToolTargetBody.from_dict(data)

                return bound_to_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ToolTargetBody | Unset, data)

        bound_to = _parse_bound_to(d.pop("bound_to", UNSET))

        def _parse_line(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        line = _parse_line(d.pop("line", UNSET))

        tool_view = cls(
            name=name,
            node_ids=node_ids,
            provider=provider,
            provider_type=provider_type,
            state=state,
            tool=tool,
            bound_to=bound_to,
            line=line,
        )

        tool_view.additional_properties = d
        return tool_view

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
