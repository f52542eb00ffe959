from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast


T = TypeVar("T", bound="RetrievalBody")


@_attrs_define
class RetrievalBody:
    """How a dataset is searched when nobody says otherwise.

    Attributes:
        score_threshold (float | None | Unset): What a segment must score at least.
        search_method (None | str | Unset): `semantic`, `full_text` or `hybrid`; by vectors where there are any, unless
            said.
        top_k (int | None | Unset): How many segments are found at most: 1 to 100, 4 unless said.
    """

    score_threshold: float | None | Unset = UNSET
    search_method: None | str | Unset = UNSET
    top_k: int | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        score_threshold: float | None | Unset
        if isinstance(self.score_threshold, Unset):
            score_threshold = UNSET
        else:
            score_threshold = self.score_threshold

        search_method: None | str | Unset
        if isinstance(self.search_method, Unset):
            search_method = UNSET
        else:
            search_method = self.search_method

        top_k: int | None | Unset
        if isinstance(self.top_k, Unset):
            top_k = UNSET
        else:
            top_k = self.top_k

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if score_threshold is not UNSET:
            field_dict["score_threshold"] = score_threshold
        if search_method is not UNSET:
            field_dict["search_method"] = search_method
        if top_k is not UNSET:
            field_dict["top_k"] = top_k

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_score_threshold(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        score_threshold = _parse_score_threshold(d.pop("score_threshold", UNSET))

        def _parse_search_method(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        search_method = _parse_search_method(d.pop("search_method", UNSET))

        def _parse_top_k(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        top_k = _parse_top_k(d.pop("top_k", UNSET))

        retrieval_body = cls(
            score_threshold=score_threshold,
            search_method=search_method,
            top_k=top_k,
        )

        return retrieval_body
