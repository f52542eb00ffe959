from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset


T = TypeVar("T", bound="ConditionBody")


@_attrs_define
class ConditionBody:
    """A condition on the metadata of documents.

    Attributes:
        comparison_operator (str): `contains`, `not contains`, `start with`, `end with`, `is`, `is not`, `in`, `not in`,
            `empty`, `not empty`, `before` (`<`), `after` (`>`), `≤` or `≥`.
        name (str): The fact about the document.
        value (Any | Unset):
    """

    comparison_operator: str
    name: str
    value: Any | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        comparison_operator = self.comparison_operator

        name = self.name

        value = self.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "comparison_operator": comparison_operator,
                "name": name,
            }
        )
        if value is not UNSET:
            field_dict["value"] = value

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        comparison_operator = d.pop("comparison_operator")

        name = d.pop("name")

        value = d.pop("value", UNSET)

        condition_body = cls(
            comparison_operator=comparison_operator,
            name=name,
            value=value,
        )

        return condition_body
