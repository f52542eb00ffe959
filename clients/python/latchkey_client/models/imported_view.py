from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.report_view import ReportView
    from ..models.workflow_view import WorkflowView


T = TypeVar("T", bound="ImportedView")


@_attrs_define
class ImportedView:
    """What came of an import.

    Attributes:
        report (ReportView): The report of an import.
        workflow (None | Unset | WorkflowView):
    """

    report: ReportView
    workflow: None | Unset | WorkflowView = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.report_view import ReportView  # noqa: PLC0415
        from ..models.workflow_view import WorkflowView  # noqa: PLC0415

        report = self.report.to_dict()

        workflow: dict[str, Any] | None | Unset
        if isinstance(self.workflow, Unset):
            workflow = UNSET
        elif isinstance(self.workflow, WorkflowView):
            workflow = self.workflow.to_dict()
        else:
            workflow = self.workflow

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "report": report,
            }
        )
        if workflow is not UNSET:
            field_dict["workflow"] = workflow

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.report_view import ReportView  # noqa: PLC0415
        from ..models.workflow_view import WorkflowView  # noqa: PLC0415

        d = dict(src_dict)
        report = ReportView.from_dict(d.pop("report"))

        def _parse_workflow(data: object) -> None | Unset | WorkflowView:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                workflow_type_0 = WorkflowView.from_dict(data)

                return workflow_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | WorkflowView, data)

        workflow = _parse_workflow(d.pop("workflow", UNSET))

        imported_view = cls(
            report=report,
            workflow=workflow,
        )

        imported_view.additional_properties = d
        return imported_view

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
