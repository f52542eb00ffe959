from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast


T = TypeVar("T", bound="SegmentView")


@_attrs_define
class SegmentView:
    """A piece of a document.

    Attributes:
        characters (int): How many characters it has.
        content (str): Its text; of a pair, the question.
        document_id (str): Its document.
        hits (int): How often runs have found it.
        id (str): Its id.
        position (int): Its place in the document, from 1.
        answer (None | str | Unset): The answer, of a pair.
    """

    characters: int
    content: str
    document_id: str
    hits: int
    id: str
    position: int
    answer: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        characters = self.characters

        content = self.content

        document_id = self.document_id

        hits = self.hits

        id = self.id

        position = self.position

        answer: None | str | Unset
        if isinstance(self.answer, Unset):
            answer = UNSET
        else:
            answer = self.answer

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "characters": characters,
                "content": content,
                "document_id": document_id,
                "hits": hits,
                "id": id,
                "position": position,
            }
        )
        if answer is not UNSET:
            field_dict["answer"] = answer

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        characters = d.pop("characters")

        content = d.pop("content")

        document_id = d.pop("document_id")

        hits = d.pop("hits")

        id = d.pop("id")

        position = d.pop("position")

        def _parse_answer(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        answer = _parse_answer(d.pop("answer", UNSET))

        segment_view = cls(
            characters=characters,
            content=content,
            document_id=document_id,
            hits=hits,
            id=id,
            position=position,
            answer=answer,
        )

        segment_view.additional_properties = d
        return segment_view

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
