from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.tool_parameter_view_schema_type_0 import ToolParameterViewSchemaType0


T = TypeVar("T", bound="ToolParameterView")


@_attrs_define
class ToolParameterView:
    """One parameter of a tool.

    Attributes:
        description (str): What it is.
        form (str): Who says it: `llm` (a model or the author) or `form` (the author).
        name (str): Its name.
        required (bool): Whether a use without it is refused.
        type_ (str): `string`, `number`, `boolean`, `select`, `array`, `object`, `file`, `files`, `any` …
        default (Any | None | Unset):
        options (list[str] | Unset): The values of a selection.
        schema (None | ToolParameterViewSchemaType0 | Unset): Its JSON schema.
    """

    description: str
    form: str
    name: str
    required: bool
    type_: str
    default: Any | None | Unset = UNSET
    options: list[str] | Unset = UNSET
    schema: None | ToolParameterViewSchemaType0 | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.tool_parameter_view_schema_type_0 import (
            ToolParameterViewSchemaType0,
        )  # noqa: PLC0415

        description = self.description

        form = self.form

        name = self.name

        required = self.required

        type_ = self.type_

        default: Any | None | Unset
        if isinstance(self.default, Unset):
            default = UNSET
        else:
            default = self.default

        options: list[str] | Unset = UNSET
        if not isinstance(self.options, Unset):
            options = self.options

        schema: dict[str, Any] | None | Unset
        if isinstance(self.schema, Unset):
            schema = UNSET
        elif isinstance(self.schema, ToolParameterViewSchemaType0):
            schema = self.schema.to_dict()
        else:
            schema = self.schema

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "description": description,
                "form": form,
                "name": name,
                "required": required,
                "type": type_,
            }
        )
        if default is not UNSET:
            field_dict["default"] = default
        if options is not UNSET:
            field_dict["options"] = options
        if schema is not UNSET:
            field_dict["schema"] = schema

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.tool_parameter_view_schema_type_0 import (
            ToolParameterViewSchemaType0,
        )  # noqa: PLC0415

        d = dict(src_dict)
        description = d.pop("description")

        form = d.pop("form")

        name = d.pop("name")

        required = d.pop("required")

        type_ = d.pop("type")

        def _parse_default(data: object) -> Any | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(Any | None | Unset, data)

        default = _parse_default(d.pop("default", UNSET))

        options = cast(list[str], d.pop("options", UNSET))

        def _parse_schema(data: object) -> None | ToolParameterViewSchemaType0 | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                schema_type_0 = ToolParameterViewSchemaType0.from_dict(data)

                return schema_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ToolParameterViewSchemaType0 | Unset, data)

        schema = _parse_schema(d.pop("schema", UNSET))

        tool_parameter_view = cls(
            description=description,
            form=form,
            name=name,
            required=required,
            type_=type_,
            default=default,
            options=options,
            schema=schema,
        )

        tool_parameter_view.additional_properties = d
        return tool_parameter_view

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
