from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast


T = TypeVar("T", bound="LimitsBody")


@_attrs_define
class LimitsBody:
    """What may be done per minute and at once. What is absent is not limited.

    Attributes:
        concurrent_calls (int | None | Unset): Calls at the same time.
        requests_per_minute (int | None | Unset): Calls per minute: a minute's worth may be made at once, then room
            comes back evenly.
        tokens_per_minute (int | None | Unset): Tokens per minute: what a call may use is taken when it begins, what it
            did not use is given back.
        wait_ms (int | None | Unset): How long a call may wait for room, in ms; not at all unless said.
    """

    concurrent_calls: int | None | Unset = UNSET
    requests_per_minute: int | None | Unset = UNSET
    tokens_per_minute: int | None | Unset = UNSET
    wait_ms: int | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        concurrent_calls: int | None | Unset
        if isinstance(self.concurrent_calls, Unset):
            concurrent_calls = UNSET
        else:
            concurrent_calls = self.concurrent_calls

        requests_per_minute: int | None | Unset
        if isinstance(self.requests_per_minute, Unset):
            requests_per_minute = UNSET
        else:
            requests_per_minute = self.requests_per_minute

        tokens_per_minute: int | None | Unset
        if isinstance(self.tokens_per_minute, Unset):
            tokens_per_minute = UNSET
        else:
            tokens_per_minute = self.tokens_per_minute

        wait_ms: int | None | Unset
        if isinstance(self.wait_ms, Unset):
            wait_ms = UNSET
        else:
            wait_ms = self.wait_ms

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if concurrent_calls is not UNSET:
            field_dict["concurrent_calls"] = concurrent_calls
        if requests_per_minute is not UNSET:
            field_dict["requests_per_minute"] = requests_per_minute
        if tokens_per_minute is not UNSET:
            field_dict["tokens_per_minute"] = tokens_per_minute
        if wait_ms is not UNSET:
            field_dict["wait_ms"] = wait_ms

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_concurrent_calls(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        concurrent_calls = _parse_concurrent_calls(d.pop("concurrent_calls", UNSET))

        def _parse_requests_per_minute(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        requests_per_minute = _parse_requests_per_minute(
            d.pop("requests_per_minute", UNSET)
        )

        def _parse_tokens_per_minute(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        tokens_per_minute = _parse_tokens_per_minute(d.pop("tokens_per_minute", UNSET))

        def _parse_wait_ms(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        wait_ms = _parse_wait_ms(d.pop("wait_ms", UNSET))

        limits_body = cls(
            concurrent_calls=concurrent_calls,
            requests_per_minute=requests_per_minute,
            tokens_per_minute=tokens_per_minute,
            wait_ms=wait_ms,
        )

        return limits_body
