from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.hit_view_metadata import HitViewMetadata
    from ..models.segment_view import SegmentView


T = TypeVar("T", bound="HitView")


@_attrs_define
class HitView:
    """Something that was found.

    Attributes:
        content (str): What is shown.
        document_id (str): The document's id.
        document_name (str): The document's name.
        metadata (HitViewMetadata): Facts about the document.
        score (float): How well it fits: the cosine of the vectors, the share of the words, both, or what a model says.
        segment (None | SegmentView | Unset):
    """

    content: str
    document_id: str
    document_name: str
    metadata: HitViewMetadata
    score: float
    segment: None | SegmentView | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.hit_view_metadata import HitViewMetadata  # noqa: PLC0415
        from ..models.segment_view import SegmentView  # noqa: PLC0415

        content = self.content

        document_id = self.document_id

        document_name = self.document_name

        metadata = self.metadata.to_dict()

        score = self.score

        segment: dict[str, Any] | None | Unset
        if isinstance(self.segment, Unset):
            segment = UNSET
        elif isinstance(self.segment, SegmentView):
            segment = self.segment.to_dict()
        else:
            segment = self.segment

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "content": content,
                "document_id": document_id,
                "document_name": document_name,
                "metadata": metadata,
                "score": score,
            }
        )
        if segment is not UNSET:
            field_dict["segment"] = segment

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.hit_view_metadata import HitViewMetadata  # noqa: PLC0415
        from ..models.segment_view import SegmentView  # noqa: PLC0415

        d = dict(src_dict)
        content = d.pop("content")

        document_id = d.pop("document_id")

        document_name = d.pop("document_name")

        metadata = HitViewMetadata.from_dict(d.pop("metadata"))

        score = d.pop("score")

        def _parse_segment(data: object) -> None | SegmentView | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                segment_type_0 = SegmentView.from_dict(data)

                return segment_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SegmentView | Unset, data)

        segment = _parse_segment(d.pop("segment", UNSET))

        hit_view = cls(
            content=content,
            document_id=document_id,
            document_name=document_name,
            metadata=metadata,
            score=score,
            segment=segment,
        )

        hit_view.additional_properties = d
        return hit_view

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
