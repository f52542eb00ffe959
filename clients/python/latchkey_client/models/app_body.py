from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast


T = TypeVar("T", bound="AppBody")


@_attrs_define
class AppBody:
    """What is changed; what is absent stays.

    Attributes:
        api_enabled (bool | None | Unset): Whether Dify's service API and the facade that speaks OpenAI's format answer.
        max_active_requests (int | None | Unset): How many of its runs may be under way that the service API began; 0 is
            no limit.
        mcp_enabled (bool | None | Unset): Whether it is a tool of the MCP server.
        mcp_name (None | str | Unset): The name of that tool: 1 to 64 letters, digits, `_`, `-` and `.`; null: the
            workflow's again.
    """

    api_enabled: bool | None | Unset = UNSET
    max_active_requests: int | None | Unset = UNSET
    mcp_enabled: bool | None | Unset = UNSET
    mcp_name: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        api_enabled: bool | None | Unset
        if isinstance(self.api_enabled, Unset):
            api_enabled = UNSET
        else:
            api_enabled = self.api_enabled

        max_active_requests: int | None | Unset
        if isinstance(self.max_active_requests, Unset):
            max_active_requests = UNSET
        else:
            max_active_requests = self.max_active_requests

        mcp_enabled: bool | None | Unset
        if isinstance(self.mcp_enabled, Unset):
            mcp_enabled = UNSET
        else:
            mcp_enabled = self.mcp_enabled

        mcp_name: None | str | Unset
        if isinstance(self.mcp_name, Unset):
            mcp_name = UNSET
        else:
            mcp_name = self.mcp_name

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if api_enabled is not UNSET:
            field_dict["api_enabled"] = api_enabled
        if max_active_requests is not UNSET:
            field_dict["max_active_requests"] = max_active_requests
        if mcp_enabled is not UNSET:
            field_dict["mcp_enabled"] = mcp_enabled
        if mcp_name is not UNSET:
            field_dict["mcp_name"] = mcp_name

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_api_enabled(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        api_enabled = _parse_api_enabled(d.pop("api_enabled", UNSET))

        def _parse_max_active_requests(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_active_requests = _parse_max_active_requests(
            d.pop("max_active_requests", UNSET)
        )

        def _parse_mcp_enabled(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        mcp_enabled = _parse_mcp_enabled(d.pop("mcp_enabled", UNSET))

        def _parse_mcp_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        mcp_name = _parse_mcp_name(d.pop("mcp_name", UNSET))

        app_body = cls(
            api_enabled=api_enabled,
            max_active_requests=max_active_requests,
            mcp_enabled=mcp_enabled,
            mcp_name=mcp_name,
        )

        return app_body
