from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast


T = TypeVar("T", bound="AppView")


@_attrs_define
class AppView:
    """How a workflow is reached.

    Attributes:
        api_enabled (bool): Whether Dify's service API and the facade that speaks OpenAI's format answer.
        max_active_requests (int): How many of its runs may be under way that the service API began; 0 is no limit.
        mcp_enabled (bool): Whether it is a tool of the MCP server.
        mcp_name (None | str | Unset): The name of that tool; null: the workflow's, made to fit.
    """

    api_enabled: bool
    max_active_requests: int
    mcp_enabled: bool
    mcp_name: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        api_enabled = self.api_enabled

        max_active_requests = self.max_active_requests

        mcp_enabled = self.mcp_enabled

        mcp_name: None | str | Unset
        if isinstance(self.mcp_name, Unset):
            mcp_name = UNSET
        else:
            mcp_name = self.mcp_name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "api_enabled": api_enabled,
                "max_active_requests": max_active_requests,
                "mcp_enabled": mcp_enabled,
            }
        )
        if mcp_name is not UNSET:
            field_dict["mcp_name"] = mcp_name

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        api_enabled = d.pop("api_enabled")

        max_active_requests = d.pop("max_active_requests")

        mcp_enabled = d.pop("mcp_enabled")

        def _parse_mcp_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        mcp_name = _parse_mcp_name(d.pop("mcp_name", UNSET))

        app_view = cls(
            api_enabled=api_enabled,
            max_active_requests=max_active_requests,
            mcp_enabled=mcp_enabled,
            mcp_name=mcp_name,
        )

        app_view.additional_properties = d
        return app_view

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
