from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.chunking_body import ChunkingBody
    from ..models.document_error_view import DocumentErrorView
    from ..models.list_document_view_data_item_metadata import (
        ListDocumentViewDataItemMetadata,
    )


T = TypeVar("T", bound="ListDocumentViewDataItem")


@_attrs_define
class ListDocumentViewDataItem:
    """A document.

    Attributes:
        characters (int): How many characters they have.
        chunking (ChunkingBody): How a text is cut: `max_tokens` or `max_characters`.
        created_at (str): When it was added.
        dataset_id (str): Its dataset.
        form (str): `text` or `qa`.
        id (str): Its id.
        metadata (ListDocumentViewDataItemMetadata): Facts about it.
        name (str): Its name.
        segments (int): How many segments it has so far.
        status (str): waiting, indexing, completed or error.
        updated_at (str): When its status last changed.
        error (DocumentErrorView | None | Unset):
    """

    characters: int
    chunking: ChunkingBody
    created_at: str
    dataset_id: str
    form: str
    id: str
    metadata: ListDocumentViewDataItemMetadata
    name: str
    segments: int
    status: str
    updated_at: str
    error: DocumentErrorView | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.chunking_body import ChunkingBody  # noqa: PLC0415
        from ..models.document_error_view import DocumentErrorView  # noqa: PLC0415
        from ..models.list_document_view_data_item_metadata import (
            ListDocumentViewDataItemMetadata,
        )  # noqa: PLC0415

        characters = self.characters

        chunking = self.chunking.to_dict()

        created_at = self.created_at

        dataset_id = self.dataset_id

        form = self.form

        id = self.id

        metadata = self.metadata.to_dict()

        name = self.name

        segments = self.segments

        status = self.status

        updated_at = self.updated_at

        error: dict[str, Any] | None | Unset
        if isinstance(self.error, Unset):
            error = UNSET
        elif isinstance(self.error, DocumentErrorView):
            error = self.error.to_dict()
        else:
            error = self.error

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "characters": characters,
                "chunking": chunking,
                "created_at": created_at,
                "dataset_id": dataset_id,
                "form": form,
                "id": id,
                "metadata": metadata,
                "name": name,
                "segments": segments,
                "status": status,
                "updated_at": updated_at,
            }
        )
        if error is not UNSET:
            field_dict["error"] = error

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.chunking_body import ChunkingBody  # noqa: PLC0415
        from ..models.document_error_view import DocumentErrorView  # noqa: PLC0415
        from ..models.list_document_view_data_item_metadata import (
            ListDocumentViewDataItemMetadata,
        )  # noqa: PLC0415

        d = dict(src_dict)
        characters = d.pop("characters")

        chunking = ChunkingBody.from_dict(d.pop("chunking"))

        created_at = d.pop("created_at")

        dataset_id = d.pop("dataset_id")

        form = d.pop("form")

        id = d.pop("id")

        metadata = ListDocumentViewDataItemMetadata.from_dict(d.pop("metadata"))

        name = d.pop("name")

        segments = d.pop("segments")

        status = d.pop("status")

        updated_at = d.pop("updated_at")

        def _parse_error(data: object) -> DocumentErrorView | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                error_type_0 = DocumentErrorView.from_dict(data)

                return error_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DocumentErrorView | None | Unset, data)

        error = _parse_error(d.pop("error", UNSET))

        list_document_view_data_item = cls(
            characters=characters,
            chunking=chunking,
            created_at=created_at,
            dataset_id=dataset_id,
            form=form,
            id=id,
            metadata=metadata,
            name=name,
            segments=segments,
            status=status,
            updated_at=updated_at,
            error=error,
        )

        list_document_view_data_item.additional_properties = d
        return list_document_view_data_item

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
