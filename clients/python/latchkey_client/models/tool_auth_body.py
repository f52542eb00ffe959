from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.tool_auth_kind_body import ToolAuthKindBody
from ..models.tool_key_place_body import ToolKeyPlaceBody
from ..types import UNSET, Unset
from typing import cast


T = TypeVar("T", bound="ToolAuthBody")


@_attrs_define
class ToolAuthBody:
    """How a credential is sent.

    Attributes:
        type_ (ToolAuthKindBody):
        in_ (None | ToolKeyPlaceBody | Unset):
        name (None | str | Unset): The name of that header, parameter or cookie.
        prefix (None | str | Unset): What stands before the key, such as `Token `.
    """

    type_: ToolAuthKindBody
    in_: None | ToolKeyPlaceBody | Unset = UNSET
    name: None | str | Unset = UNSET
    prefix: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_.value

        in_: None | str | Unset
        if isinstance(self.in_, Unset):
            in_ = UNSET
        elif isinstance(self.in_, ToolKeyPlaceBody):
            in_ = self.in_.value
        else:
            in_ = self.in_

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        prefix: None | str | Unset
        if isinstance(self.prefix, Unset):
            prefix = UNSET
        else:
            prefix = self.prefix

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "type": type_,
            }
        )
        if in_ is not UNSET:
            field_dict["in"] = in_
        if name is not UNSET:
            field_dict["name"] = name
        if prefix is not UNSET:
            field_dict["prefix"] = prefix

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        type_ = ToolAuthKindBody(d.pop("type"))

        def _parse_in_(data: object) -> None | ToolKeyPlaceBody | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                in_type_0 = ToolKeyPlaceBody(data)

                return in_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ToolKeyPlaceBody | Unset, data)

        in_ = _parse_in_(d.pop("in", UNSET))

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_prefix(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        prefix = _parse_prefix(d.pop("prefix", UNSET))

        tool_auth_body = cls(
            type_=type_,
            in_=in_,
            name=name,
            prefix=prefix,
        )

        return tool_auth_body
