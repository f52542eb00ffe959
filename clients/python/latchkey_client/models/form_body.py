from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.form_body_values import FormBodyValues


T = TypeVar("T", bound="FormBody")


@_attrs_define
class FormBody:
    """An answer to a form.

    Attributes:
        action (str): The id of the chosen action.
        values (FormBodyValues | Unset): A value for every field.
    """

    action: str
    values: FormBodyValues | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.form_body_values import FormBodyValues  # noqa: PLC0415

        action = self.action

        values: dict[str, Any] | Unset = UNSET
        if not isinstance(self.values, Unset):
            values = self.values.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "action": action,
            }
        )
        if values is not UNSET:
            field_dict["values"] = values

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.form_body_values import FormBodyValues  # noqa: PLC0415

        d = dict(src_dict)
        action = d.pop("action")

        _values = d.pop("values", UNSET)
        values: FormBodyValues | Unset
        if isinstance(_values, Unset):
            values = UNSET
        else:
            values = FormBodyValues.from_dict(_values)

        form_body = cls(
            action=action,
            values=values,
        )

        return form_body
