from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset


T = TypeVar("T", bound="DatasetModel")


@_attrs_define
class DatasetModel:
    """A model of a dataset.

    Attributes:
        name (str): Its name there.
        provider (str): Its provider, such as `openai`.
    """

    name: str
    provider: str

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        provider = self.provider

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "provider": provider,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        provider = d.pop("provider")

        dataset_model = cls(
            name=name,
            provider=provider,
        )

        return dataset_model
