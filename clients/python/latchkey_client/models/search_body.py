from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.filter_body import FilterBody
    from ..models.rerank_body import RerankBody


T = TypeVar("T", bound="SearchBody")


@_attrs_define
class SearchBody:
    """A question to a dataset.

    Attributes:
        query (str): The question.
        filters (FilterBody | None | Unset):
        rerank (None | RerankBody | Unset):
        score_threshold (float | None | Unset): What each must score at least.
        search_method (None | str | Unset): `semantic`, `full_text` or `hybrid`.
        top_k (int | None | Unset): How many segments are wanted: 1 to 100; as the dataset says, unless said.
    """

    query: str
    filters: FilterBody | None | Unset = UNSET
    rerank: None | RerankBody | Unset = UNSET
    score_threshold: float | None | Unset = UNSET
    search_method: None | str | Unset = UNSET
    top_k: int | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.filter_body import FilterBody  # noqa: PLC0415
        from ..models.rerank_body import RerankBody  # noqa: PLC0415

        query = self.query

        filters: dict[str, Any] | None | Unset
        if isinstance(self.filters, Unset):
            filters = UNSET
        elif isinstance(self.filters, FilterBody):
            filters = self.filters.to_dict()
        else:
            filters = self.filters

        rerank: dict[str, Any] | None | Unset
        if isinstance(self.rerank, Unset):
            rerank = UNSET
        elif isinstance(self.rerank, RerankBody):
            rerank = self.rerank.to_dict()
        else:
            rerank = self.rerank

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

        field_dict.update(
            {
                "query": query,
            }
        )
        if filters is not UNSET:
            field_dict["filters"] = filters
        if rerank is not UNSET:
            field_dict["rerank"] = rerank
        if score_threshold is not UNSET:
            field_dict["score_threshold"] = score_threshold
        if search_method is not UNSET:
            field_dict["search_method"] = search_method
        if top_k is not UNSET:
            field_dict["top_k"] = top_k

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.filter_body import FilterBody  # noqa: PLC0415
        from ..models.rerank_body import RerankBody  # noqa: PLC0415

        d = dict(src_dict)
        query = d.pop("query")

        def _parse_filters(data: object) -> FilterBody | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                filters_type_0 = FilterBody.from_dict(data)

                return filters_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(FilterBody | None | Unset, data)

        filters = _parse_filters(d.pop("filters", UNSET))

        def _parse_rerank(data: object) -> None | RerankBody | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                rerank_type_0 = RerankBody.from_dict(data)

                return rerank_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RerankBody | Unset, data)

        rerank = _parse_rerank(d.pop("rerank", UNSET))

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

        search_body = cls(
            query=query,
            filters=filters,
            rerank=rerank,
            score_threshold=score_threshold,
            search_method=search_method,
            top_k=top_k,
        )

        return search_body
