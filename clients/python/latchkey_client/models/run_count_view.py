from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset


T = TypeVar("T", bound="RunCountView")


@_attrs_define
class RunCountView:
    """How many runs of a workflow a day had in one status.

    Attributes:
        day (str): The day, by UTC, such as `2026-11-27`.
        runs (int): So many.
        status (str): queued, running, succeeded, partial-succeeded, failed, stopped or paused.
        workflow_id (str): The workflow.
    """

    day: str
    runs: int
    status: str
    workflow_id: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        day = self.day

        runs = self.runs

        status = self.status

        workflow_id = self.workflow_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "day": day,
                "runs": runs,
                "status": status,
                "workflow_id": workflow_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        day = d.pop("day")

        runs = d.pop("runs")

        status = d.pop("status")

        workflow_id = d.pop("workflow_id")

        run_count_view = cls(
            day=day,
            runs=runs,
            status=status,
            workflow_id=workflow_id,
        )

        run_count_view.additional_properties = d
        return run_count_view

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
