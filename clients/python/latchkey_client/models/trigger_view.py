from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.schedule_view import ScheduleView
    from ..models.webhook_view import WebhookView


T = TypeVar("T", bound="TriggerView")


@_attrs_define
class TriggerView:
    """What begins runs of the published version.

    Attributes:
        created_at (str): When it was first published.
        enabled (bool): Whether it begins runs.
        environment (str): The environment of its runs.
        id (str): Its id.
        kind (str): webhook or schedule.
        node_id (str): The node at which its runs begin.
        title (str): The node's title.
        version (int): The version that it runs.
        last_error (None | str | Unset): Why the last attempt to begin a run has failed.
        last_run_at (None | str | Unset): When that run was accepted.
        last_run_id (None | str | Unset): The last run of a published version that began at its node.
        schedule (None | ScheduleView | Unset):
        webhook (None | Unset | WebhookView):
    """

    created_at: str
    enabled: bool
    environment: str
    id: str
    kind: str
    node_id: str
    title: str
    version: int
    last_error: None | str | Unset = UNSET
    last_run_at: None | str | Unset = UNSET
    last_run_id: None | str | Unset = UNSET
    schedule: None | ScheduleView | Unset = UNSET
    webhook: None | Unset | WebhookView = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.schedule_view import ScheduleView  # noqa: PLC0415
        from ..models.webhook_view import WebhookView  # noqa: PLC0415

        created_at = self.created_at

        enabled = self.enabled

        environment = self.environment

        id = self.id

        kind = self.kind

        node_id = self.node_id

        title = self.title

        version = self.version

        last_error: None | str | Unset
        if isinstance(self.last_error, Unset):
            last_error = UNSET
        else:
            last_error = self.last_error

        last_run_at: None | str | Unset
        if isinstance(self.last_run_at, Unset):
            last_run_at = UNSET
        else:
            last_run_at = self.last_run_at

        last_run_id: None | str | Unset
        if isinstance(self.last_run_id, Unset):
            last_run_id = UNSET
        else:
            last_run_id = self.last_run_id

        schedule: dict[str, Any] | None | Unset
        if isinstance(self.schedule, Unset):
            schedule = UNSET
        elif isinstance(self.schedule, ScheduleView):
            schedule = self.schedule.to_dict()
        else:
            schedule = self.schedule

        webhook: dict[str, Any] | None | Unset
        if isinstance(self.webhook, Unset):
            webhook = UNSET
        elif isinstance(self.webhook, WebhookView):
            webhook = self.webhook.to_dict()
        else:
            webhook = self.webhook

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "created_at": created_at,
                "enabled": enabled,
                "environment": environment,
                "id": id,
                "kind": kind,
                "node_id": node_id,
                "title": title,
                "version": version,
            }
        )
        if last_error is not UNSET:
            field_dict["last_error"] = last_error
        if last_run_at is not UNSET:
            field_dict["last_run_at"] = last_run_at
        if last_run_id is not UNSET:
            field_dict["last_run_id"] = last_run_id
        if schedule is not UNSET:
            field_dict["schedule"] = schedule
        if webhook is not UNSET:
            field_dict["webhook"] = webhook

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.schedule_view import ScheduleView  # noqa: PLC0415
        from ..models.webhook_view import WebhookView  # noqa: PLC0415

        d = dict(src_dict)
        created_at = d.pop("created_at")

        enabled = d.pop("enabled")

        environment = d.pop("environment")

        id = d.pop("id")

        kind = d.pop("kind")

        node_id = d.pop("node_id")

        title = d.pop("title")

        version = d.pop("version")

        def _parse_last_error(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        last_error = _parse_last_error(d.pop("last_error", UNSET))

        def _parse_last_run_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        last_run_at = _parse_last_run_at(d.pop("last_run_at", UNSET))

        def _parse_last_run_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        last_run_id = _parse_last_run_id(d.pop("last_run_id", UNSET))

        def _parse_schedule(data: object) -> None | ScheduleView | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                schedule_type_0 = ScheduleView.from_dict(data)

                return schedule_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ScheduleView | Unset, data)

        schedule = _parse_schedule(d.pop("schedule", UNSET))

        def _parse_webhook(data: object) -> None | Unset | WebhookView:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                webhook_type_0 = WebhookView.from_dict(data)

                return webhook_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | WebhookView, data)

        webhook = _parse_webhook(d.pop("webhook", UNSET))

        trigger_view = cls(
            created_at=created_at,
            enabled=enabled,
            environment=environment,
            id=id,
            kind=kind,
            node_id=node_id,
            title=title,
            version=version,
            last_error=last_error,
            last_run_at=last_run_at,
            last_run_id=last_run_id,
            schedule=schedule,
            webhook=webhook,
        )

        trigger_view.additional_properties = d
        return trigger_view

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
