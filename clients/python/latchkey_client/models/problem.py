from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.changed import Changed
    from ..models.item import Item
    from ..models.report_view import ReportView


T = TypeVar("T", bound="Problem")


@_attrs_define
class Problem:
    """A refusal.

    Attributes:
        code (str): The stable code.
        detail (str): The text, for people.
        errors (list[Item]): Each thing that is wrong, with its place.
        request_id (str): The request, to be found in the log.
        status (int): The HTTP status.
        title (str): The status in words.
        type_ (str): Always `about:blank`: the code says what it is.
        changed (Changed | None | Unset):
        report (None | ReportView | Unset):
    """

    code: str
    detail: str
    errors: list[Item]
    request_id: str
    status: int
    title: str
    type_: str
    changed: Changed | None | Unset = UNSET
    report: None | ReportView | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.changed import Changed  # noqa: PLC0415
        from ..models.item import Item  # noqa: PLC0415
        from ..models.report_view import ReportView  # noqa: PLC0415

        code = self.code

        detail = self.detail

        errors = []
        for errors_item_data in self.errors:
            errors_item = errors_item_data.to_dict()
            errors.append(errors_item)

        request_id = self.request_id

        status = self.status

        title = self.title

        type_ = self.type_

        changed: dict[str, Any] | None | Unset
        if isinstance(self.changed, Unset):
            changed = UNSET
        elif isinstance(self.changed, Changed):
            changed = self.changed.to_dict()
        else:
            changed = self.changed

        report: dict[str, Any] | None | Unset
        if isinstance(self.report, Unset):
            report = UNSET
        elif isinstance(self.report, ReportView):
            report = self.report.to_dict()
        else:
            report = self.report

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "code": code,
                "detail": detail,
                "errors": errors,
                "request_id": request_id,
                "status": status,
                "title": title,
                "type": type_,
            }
        )
        if changed is not UNSET:
            field_dict["changed"] = changed
        if report is not UNSET:
            field_dict["report"] = report

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.changed import Changed  # noqa: PLC0415
        from ..models.item import Item  # noqa: PLC0415
        from ..models.report_view import ReportView  # noqa: PLC0415

        d = dict(src_dict)
        code = d.pop("code")

        detail = d.pop("detail")

        errors = []
        _errors = d.pop("errors")
        for errors_item_data in _errors:
            errors_item = Item.from_dict(errors_item_data)

            errors.append(errors_item)

        request_id = d.pop("request_id")

        status = d.pop("status")

        title = d.pop("title")

        type_ = d.pop("type")

        def _parse_changed(data: object) -> Changed | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                changed_type_0 = Changed.from_dict(data)

                return changed_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Changed | None | Unset, data)

        changed = _parse_changed(d.pop("changed", UNSET))

        def _parse_report(data: object) -> None | ReportView | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                report_type_0 = ReportView.from_dict(data)

                return report_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ReportView | Unset, data)

        report = _parse_report(d.pop("report", UNSET))

        problem = cls(
            code=code,
            detail=detail,
            errors=errors,
            request_id=request_id,
            status=status,
            title=title,
            type_=type_,
            changed=changed,
            report=report,
        )

        problem.additional_properties = d
        return problem

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
