from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast


T = TypeVar("T", bound="FileView")


@_attrs_define
class FileView:
    """A file.

    Attributes:
        checksum (str): SHA-256 of its content, in hexadecimal digits.
        created_at (str): When it was stored.
        extension (str): Its extension in lower case, with the dot; empty when the name has none.
        id (str): Its id: the `upload_file_id` of an input.
        mime_type (str): Its MIME type.
        name (str): Its name.
        size (int): Its size in bytes.
        type_ (str): image, document, audio, video or custom.
        url (str): Where whoever has no key reads it, for a day.
        run_id (None | str | Unset): The run that made it.
        workflow_id (None | str | Unset): The workflow whose run made it, or whose app uploaded it.
    """

    checksum: str
    created_at: str
    extension: str
    id: str
    mime_type: str
    name: str
    size: int
    type_: str
    url: str
    run_id: None | str | Unset = UNSET
    workflow_id: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        checksum = self.checksum

        created_at = self.created_at

        extension = self.extension

        id = self.id

        mime_type = self.mime_type

        name = self.name

        size = self.size

        type_ = self.type_

        url = self.url

        run_id: None | str | Unset
        if isinstance(self.run_id, Unset):
            run_id = UNSET
        else:
            run_id = self.run_id

        workflow_id: None | str | Unset
        if isinstance(self.workflow_id, Unset):
            workflow_id = UNSET
        else:
            workflow_id = self.workflow_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "checksum": checksum,
                "created_at": created_at,
                "extension": extension,
                "id": id,
                "mime_type": mime_type,
                "name": name,
                "size": size,
                "type": type_,
                "url": url,
            }
        )
        if run_id is not UNSET:
            field_dict["run_id"] = run_id
        if workflow_id is not UNSET:
            field_dict["workflow_id"] = workflow_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        checksum = d.pop("checksum")

        created_at = d.pop("created_at")

        extension = d.pop("extension")

        id = d.pop("id")

        mime_type = d.pop("mime_type")

        name = d.pop("name")

        size = d.pop("size")

        type_ = d.pop("type")

        url = d.pop("url")

        def _parse_run_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        run_id = _parse_run_id(d.pop("run_id", UNSET))

        def _parse_workflow_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        workflow_id = _parse_workflow_id(d.pop("workflow_id", UNSET))

        file_view = cls(
            checksum=checksum,
            created_at=created_at,
            extension=extension,
            id=id,
            mime_type=mime_type,
            name=name,
            size=size,
            type_=type_,
            url=url,
            run_id=run_id,
            workflow_id=workflow_id,
        )

        file_view.additional_properties = d
        return file_view

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
