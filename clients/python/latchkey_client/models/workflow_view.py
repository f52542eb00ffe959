from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast


T = TypeVar("T", bound="WorkflowView")


@_attrs_define
class WorkflowView:
    """A workflow.

    Attributes:
        created_at (str): When it was made.
        description (str): What it is for.
        draft_revision (int): Counts changes of the draft.
        id (str): Its id.
        mode (str): workflow or advanced-chat.
        name (str): Its name.
        updated_at (str): When it was last changed.
        published_version (int | None | Unset): The newest published version.
    """

    created_at: str
    description: str
    draft_revision: int
    id: str
    mode: str
    name: str
    updated_at: str
    published_version: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        created_at = self.created_at

        description = self.description

        draft_revision = self.draft_revision

        id = self.id

        mode = self.mode

        name = self.name

        updated_at = self.updated_at

        published_version: int | None | Unset
        if isinstance(self.published_version, Unset):
            published_version = UNSET
        else:
            published_version = self.published_version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "created_at": created_at,
                "description": description,
                "draft_revision": draft_revision,
                "id": id,
                "mode": mode,
                "name": name,
                "updated_at": updated_at,
            }
        )
        if published_version is not UNSET:
            field_dict["published_version"] = published_version

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        created_at = d.pop("created_at")

        description = d.pop("description")

        draft_revision = d.pop("draft_revision")

        id = d.pop("id")

        mode = d.pop("mode")

        name = d.pop("name")

        updated_at = d.pop("updated_at")

        def _parse_published_version(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        published_version = _parse_published_version(d.pop("published_version", UNSET))

        workflow_view = cls(
            created_at=created_at,
            description=description,
            draft_revision=draft_revision,
            id=id,
            mode=mode,
            name=name,
            updated_at=updated_at,
            published_version=published_version,
        )

        workflow_view.additional_properties = d
        return workflow_view

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
