from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
    from ..models.form_answer_view_values import FormAnswerViewValues


T = TypeVar("T", bound="FormAnswerView")


@_attrs_define
class FormAnswerView:
    """What was answered.

    Attributes:
        action (str): The chosen action.
        values (FormAnswerViewValues): The values of the fields.
    """

    action: str
    values: FormAnswerViewValues
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.form_answer_view_values import FormAnswerViewValues  # noqa: PLC0415

        action = self.action

        values = self.values.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "action": action,
                "values": values,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.form_answer_view_values import FormAnswerViewValues  # noqa: PLC0415

        d = dict(src_dict)
        action = d.pop("action")

        values = FormAnswerViewValues.from_dict(d.pop("values"))

        form_answer_view = cls(
            action=action,
            values=values,
        )

        form_answer_view.additional_properties = d
        return form_answer_view

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
