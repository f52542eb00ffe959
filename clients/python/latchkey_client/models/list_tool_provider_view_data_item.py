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


T = TypeVar("T", bound="ListToolProviderViewDataItem")


@_attrs_define
class ListToolProviderViewDataItem:
    """A tool provider.

    Attributes:
        auth (ToolAuthBody): How a credential is sent.
        created_at (str): When it was made.
        description (str): What it is for.
        id (str): Its id.
        kind (str): `openapi`, `mcp` or `workflow`.
        name (str): Its name.
        revision (int): Raised by every change; the ETag.
        updated_at (str): When it was last changed.
        credential_provider (None | str | Unset): The provider that its credentials belong to; none when it needs none.
        document (None | str | Unset): The document of an API; only where one provider is read.
        url (None | str | Unset): Where an MCP server is.
        workflow_id (None | str | Unset): The workflow.
    """

    auth: ToolAuthBody
    created_at: str
    description: str
    id: str
    kind: str
    name: str
    revision: int
    updated_at: str
    credential_provider: None | str | Unset = UNSET
    document: None | str | Unset = UNSET
    url: None | str | Unset = UNSET
    workflow_id: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.tool_auth_body import ToolAuthBody  # noqa: PLC0415

        auth = self.auth.to_dict()

        created_at = self.created_at

        description = self.description

        id = self.id

        kind = self.kind

        name = self.name

        revision = self.revision

        updated_at = self.updated_at

        credential_provider: None | str | Unset
        if isinstance(self.credential_provider, Unset):
            credential_provider = UNSET
        else:
            credential_provider = self.credential_provider

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
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "auth": auth,
                "created_at": created_at,
                "description": description,
                "id": id,
                "kind": kind,
                "name": name,
                "revision": revision,
                "updated_at": updated_at,
            }
        )
        if credential_provider is not UNSET:
            field_dict["credential_provider"] = credential_provider
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
        auth = ToolAuthBody.from_dict(d.pop("auth"))

        created_at = d.pop("created_at")

        description = d.pop("description")

        id = d.pop("id")

        kind = d.pop("kind")

        name = d.pop("name")

        revision = d.pop("revision")

        updated_at = d.pop("updated_at")

        def _parse_credential_provider(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        credential_provider = _parse_credential_provider(
            d.pop("credential_provider", UNSET)
        )

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

        list_tool_provider_view_data_item = cls(
            auth=auth,
            created_at=created_at,
            description=description,
            id=id,
            kind=kind,
            name=name,
            revision=revision,
            updated_at=updated_at,
            credential_provider=credential_provider,
            document=document,
            url=url,
            workflow_id=workflow_id,
        )

        list_tool_provider_view_data_item.additional_properties = d
        return list_tool_provider_view_data_item

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
