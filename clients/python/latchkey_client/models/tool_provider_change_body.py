from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.tool_auth_body import ToolAuthBody


T = TypeVar("T", bound="ToolProviderChangeBody")


@_attrs_define
class ToolProviderChangeBody:
    """What is changed of a tool provider; absent fields stay.

    Attributes:
        auth (None | ToolAuthBody | Unset):
        description (None | str | Unset): What it is for.
        document (None | str | Unset): Of an API: its new document.
        url (None | str | Unset): Of an API: where its new document is. Of an MCP server: where it is now; its tools are
            listed again.
        workflow_id (None | str | Unset): Of a workflow: another one.
    """

    auth: None | ToolAuthBody | Unset = UNSET
    description: None | str | Unset = UNSET
    document: None | str | Unset = UNSET
    url: None | str | Unset = UNSET
    workflow_id: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.tool_auth_body import ToolAuthBody  # noqa: PLC0415

        auth: dict[str, Any] | None | Unset
        if isinstance(self.auth, Unset):
            auth = UNSET
        elif isinstance(self.auth, ToolAuthBody):
            auth = self.auth.to_dict()
        else:
            auth = self.auth

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        document: None | str | Unset
        if isinstance(self.document, Unset):
            document = UNSET
        else:
            document = self.document

        url: None | str | Unset
        if isinstance(self.url, Unset):
            url = UNSET
        else:
            url = self.url

        workflow_id: None | str | Unset
        if isinstance(self.workflow_id, Unset):
            workflow_id = UNSET
        else:
            workflow_id = self.workflow_id

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if auth is not UNSET:
            field_dict["auth"] = auth
        if description is not UNSET:
            field_dict["description"] = description
        if document is not UNSET:
            field_dict["document"] = document
        if url is not UNSET:
            field_dict["url"] = url
        if workflow_id is not UNSET:
            field_dict["workflow_id"] = workflow_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.tool_auth_body import ToolAuthBody  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_auth(data: object) -> None | ToolAuthBody | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                auth_type_0 = ToolAuthBody.from_dict(data)

                return auth_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ToolAuthBody | Unset, data)

        auth = _parse_auth(d.pop("auth", UNSET))

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        def _parse_document(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        document = _parse_document(d.pop("document", UNSET))

        def _parse_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        url = _parse_url(d.pop("url", UNSET))

        def _parse_workflow_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        workflow_id = _parse_workflow_id(d.pop("workflow_id", UNSET))

        tool_provider_change_body = cls(
            auth=auth,
            description=description,
            document=document,
            url=url,
            workflow_id=workflow_id,
        )

        return tool_provider_change_body
