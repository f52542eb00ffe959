from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast


T = TypeVar("T", bound="StatusView")


@_attrs_define
class StatusView:
    """How the server stands.

    Attributes:
        oldest_queued_ms (int): How long the oldest of them has waited, in ms.
        paused (int): Runs of the workspace that wait for a person.
        queued (int): Runs of the workspace that wait for a worker.
        running (int): Runs of the workspace at work.
        version (str): The version of the server.
        workers (int): Workers that live.
        banner (None | str | Unset): What people should know before anything else: `no_worker_alive` when nobody
            executes runs; none when all is well.
    """

    oldest_queued_ms: int
    paused: int
    queued: int
    running: int
    version: str
    workers: int
    banner: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        oldest_queued_ms = self.oldest_queued_ms

        paused = self.paused

        queued = self.queued

        running = self.running

        version = self.version

        workers = self.workers

        banner: None | str | Unset
        if isinstance(self.banner, Unset):
            banner = UNSET
        else:
            banner = self.banner

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "oldest_queued_ms": oldest_queued_ms,
                "paused": paused,
                "queued": queued,
                "running": running,
                "version": version,
                "workers": workers,
            }
        )
        if banner is not UNSET:
            field_dict["banner"] = banner

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        oldest_queued_ms = d.pop("oldest_queued_ms")

        paused = d.pop("paused")

        queued = d.pop("queued")

        running = d.pop("running")

        version = d.pop("version")

        workers = d.pop("workers")

        def _parse_banner(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        banner = _parse_banner(d.pop("banner", UNSET))

        status_view = cls(
            oldest_queued_ms=oldest_queued_ms,
            paused=paused,
            queued=queued,
            running=running,
            version=version,
            workers=workers,
            banner=banner,
        )

        status_view.additional_properties = d
        return status_view

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
