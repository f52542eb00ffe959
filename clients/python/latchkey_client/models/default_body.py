from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast


T = TypeVar("T", bound="DefaultBody")


@_attrs_define
class DefaultBody:
    """A default that is set or taken away.

    Attributes:
        credential_id (None | str): The credential; null takes the default away, and has to be said.
        model (None | str | Unset): The model; none for the provider as a whole.
        model_type (None | str | Unset): What that model does; `llm` unless said.
    """

    credential_id: None | str
    model: None | str | Unset = UNSET
    model_type: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        credential_id: None | str
        credential_id = self.credential_id

        model: None | str | Unset
        if isinstance(self.model, Unset):
            model = UNSET
        else:
            model = self.model

        model_type: None | str | Unset
        if isinstance(self.model_type, Unset):
            model_type = UNSET
        else:
            model_type = self.model_type

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "credential_id": credential_id,
            }
        )
        if model is not UNSET:
            field_dict["model"] = model
        if model_type is not UNSET:
            field_dict["model_type"] = model_type

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_credential_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        credential_id = _parse_credential_id(d.pop("credential_id"))

        def _parse_model(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        model = _parse_model(d.pop("model", UNSET))

        def _parse_model_type(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        model_type = _parse_model_type(d.pop("model_type", UNSET))

        default_body = cls(
            credential_id=credential_id,
            model=model,
            model_type=model_type,
        )

        return default_body
