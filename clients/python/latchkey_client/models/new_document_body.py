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
    from ..models.new_document_body_metadata import NewDocumentBodyMetadata
    from ..models.pair_body import PairBody


T = TypeVar("T", bound="NewDocumentBody")


@_attrs_define
class NewDocumentBody:
    """A document that is to be added: a text, or questions with their answers.

    Attributes:
        chunking (ChunkingBody | None | Unset):
        file_id (None | str | Unset): An uploaded file, instead of a text: what can be read of it now.
        metadata (NewDocumentBodyMetadata | Unset): Facts about it by which a search can be narrowed: texts, numbers,
            true or false.
        name (None | str | Unset): Its name; needed unless it is made of a file, which has one.
        pairs (list[PairBody] | None | Unset): Questions with their answers, instead of a text.
        text (None | str | Unset): Its text.
    """

    chunking: ChunkingBody | None | Unset = UNSET
    file_id: None | str | Unset = UNSET
    metadata: NewDocumentBodyMetadata | Unset = UNSET
    name: None | str | Unset = UNSET
    pairs: list[PairBody] | None | Unset = UNSET
    text: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.chunking_body import ChunkingBody  # noqa: PLC0415
        from ..models.new_document_body_metadata import NewDocumentBodyMetadata  # noqa: PLC0415
        from ..models.pair_body import PairBody  # noqa: PLC0415

        chunking: dict[str, Any] | None | Unset
        if isinstance(self.chunking, Unset):
            chunking = UNSET
        elif isinstance(self.chunking, ChunkingBody):
            chunking = self.chunking.to_dict()
        else:
            chunking = self.chunking

        file_id: None | str | Unset
        if isinstance(self.file_id, Unset):
            file_id = UNSET
        else:
            file_id = self.file_id

        metadata: dict[str, Any] | Unset = UNSET
        if not isinstance(self.metadata, Unset):
            metadata = self.metadata.to_dict()

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        pairs: list[dict[str, Any]] | None | Unset
        if isinstance(self.pairs, Unset):
            pairs = UNSET
        elif isinstance(self.pairs, list):
            pairs = []
            for pairs_type_0_item_data in self.pairs:
                pairs_type_0_item = pairs_type_0_item_data.to_dict()
                pairs.append(pairs_type_0_item)

        else:
            pairs = self.pairs

        text: None | str | Unset
        if isinstance(self.text, Unset):
            text = UNSET
        else:
            text = self.text

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if chunking is not UNSET:
            field_dict["chunking"] = chunking
        if file_id is not UNSET:
            field_dict["file_id"] = file_id
        if metadata is not UNSET:
            field_dict["metadata"] = metadata
        if name is not UNSET:
            field_dict["name"] = name
        if pairs is not UNSET:
            field_dict["pairs"] = pairs
        if text is not UNSET:
            field_dict["text"] = text

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.chunking_body import ChunkingBody  # noqa: PLC0415
        from ..models.new_document_body_metadata import NewDocumentBodyMetadata  # noqa: PLC0415
        from ..models.pair_body import PairBody  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_chunking(data: object) -> ChunkingBody | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                chunking_type_0 = ChunkingBody.from_dict(data)

                return chunking_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ChunkingBody | None | Unset, data)

        chunking = _parse_chunking(d.pop("chunking", UNSET))

        def _parse_file_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        file_id = _parse_file_id(d.pop("file_id", UNSET))

        _metadata = d.pop("metadata", UNSET)
        metadata: NewDocumentBodyMetadata | Unset
        if isinstance(_metadata, Unset):
            metadata = UNSET
        else:
            metadata = NewDocumentBodyMetadata.from_dict(_metadata)

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_pairs(data: object) -> list[PairBody] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                pairs_type_0 = []
                _pairs_type_0 = data
                for pairs_type_0_item_data in _pairs_type_0:
                    pairs_type_0_item = PairBody.from_dict(pairs_type_0_item_data)

                    pairs_type_0.append(pairs_type_0_item)

                return pairs_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[PairBody] | None | Unset, data)

        pairs = _parse_pairs(d.pop("pairs", UNSET))

        def _parse_text(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        text = _parse_text(d.pop("text", UNSET))

        new_document_body = cls(
            chunking=chunking,
            file_id=file_id,
            metadata=metadata,
            name=name,
            pairs=pairs,
            text=text,
        )

        return new_document_body
