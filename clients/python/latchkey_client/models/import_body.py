from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.import_body_credential_mapping import ImportBodyCredentialMapping


T = TypeVar("T", bound="ImportBody")


@_attrs_define
class ImportBody:
    """A file with how it is imported.

    Attributes:
        bind (bool | Unset): Whether the credential settings that the file proposes are applied.
        confirm_newer (bool | Unset): Whether a file of a newer version is taken without asking.
        content (None | str | Unset): The file's text.
        credential_mapping (ImportBodyCredentialMapping | Unset): From `<provider>/<name in the file>` to the name or id
            here.
        dry_run (bool | Unset): Whether only the report is wanted.
        name (None | str | Unset): The name; the file's unless said.
        publish (bool | Unset): Whether it is published at once.
        url (None | str | Unset): Where the file is, instead of its text.
        workflow_id (None | str | Unset): The workflow whose draft it replaces; a new one unless said.
    """

    bind: bool | Unset = UNSET
    confirm_newer: bool | Unset = UNSET
    content: None | str | Unset = UNSET
    credential_mapping: ImportBodyCredentialMapping | Unset = UNSET
    dry_run: bool | Unset = UNSET
    name: None | str | Unset = UNSET
    publish: bool | Unset = UNSET
    url: None | str | Unset = UNSET
    workflow_id: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.import_body_credential_mapping import ImportBodyCredentialMapping  # noqa: PLC0415

        bind = self.bind

        confirm_newer = self.confirm_newer

        content: None | str | Unset
        if isinstance(self.content, Unset):
            content = UNSET
        else:
            content = self.content

        credential_mapping: dict[str, Any] | Unset = UNSET
        if not isinstance(self.credential_mapping, Unset):
            credential_mapping = self.credential_mapping.to_dict()

        dry_run = self.dry_run

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        publish = self.publish

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
        if bind is not UNSET:
            field_dict["bind"] = bind
        if confirm_newer is not UNSET:
            field_dict["confirm_newer"] = confirm_newer
        if content is not UNSET:
            field_dict["content"] = content
        if credential_mapping is not UNSET:
            field_dict["credential_mapping"] = credential_mapping
        if dry_run is not UNSET:
            field_dict["dry_run"] = dry_run
        if name is not UNSET:
            field_dict["name"] = name
        if publish is not UNSET:
            field_dict["publish"] = publish
        if url is not UNSET:
            field_dict["url"] = url
        if workflow_id is not UNSET:
            field_dict["workflow_id"] = workflow_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.import_body_credential_mapping import ImportBodyCredentialMapping  # noqa: PLC0415

        d = dict(src_dict)
        bind = d.pop("bind", UNSET)

        confirm_newer = d.pop("confirm_newer", UNSET)

        def _parse_content(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        content = _parse_content(d.pop("content", UNSET))

        _credential_mapping = d.pop("credential_mapping", UNSET)
        credential_mapping: ImportBodyCredentialMapping | Unset
        if isinstance(_credential_mapping, Unset):
            credential_mapping = UNSET
        else:
            credential_mapping = ImportBodyCredentialMapping.from_dict(
                _credential_mapping
            )

        dry_run = d.pop("dry_run", UNSET)

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        publish = d.pop("publish", UNSET)

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

        import_body = cls(
            bind=bind,
            confirm_newer=confirm_newer,
            content=content,
            credential_mapping=credential_mapping,
            dry_run=dry_run,
            name=name,
            publish=publish,
            url=url,
            workflow_id=workflow_id,
        )

        return import_body
