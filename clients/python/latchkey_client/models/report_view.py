from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
    from ..models.finding_view import FindingView
    from ..models.imported_credential_view import ImportedCredentialView
    from ..models.model_view import ModelView
    from ..models.tool_view import ToolView


T = TypeVar("T", bound="ReportView")


@_attrs_define
class ReportView:
    """The report of an import.

    Attributes:
        credential_settings_applied (bool): Whether the credential settings that it proposes were applied.
        credentials (list[ImportedCredentialView]): What the file says about credentials.
        dsl_version (str): The file's version.
        items (list[FindingView]): Findings.
        models (list[ModelView]): The models that it names.
        status (str): completed, completed-with-warnings, pending or failed.
        tools (list[ToolView]): The tools that it names.
    """

    credential_settings_applied: bool
    credentials: list[ImportedCredentialView]
    dsl_version: str
    items: list[FindingView]
    models: list[ModelView]
    status: str
    tools: list[ToolView]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.finding_view import FindingView  # noqa: PLC0415
        from ..models.imported_credential_view import ImportedCredentialView  # noqa: PLC0415
        from ..models.model_view import ModelView  # noqa: PLC0415
        from ..models.tool_view import ToolView  # noqa: PLC0415

        credential_settings_applied = self.credential_settings_applied

        credentials = []
        for credentials_item_data in self.credentials:
            credentials_item = credentials_item_data.to_dict()
            credentials.append(credentials_item)

        dsl_version = self.dsl_version

        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)

        models = []
        for models_item_data in self.models:
            models_item = models_item_data.to_dict()
            models.append(models_item)

        status = self.status

        tools = []
        for tools_item_data in self.tools:
            tools_item = tools_item_data.to_dict()
            tools.append(tools_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "credential_settings_applied": credential_settings_applied,
                "credentials": credentials,
                "dsl_version": dsl_version,
                "items": items,
                "models": models,
                "status": status,
                "tools": tools,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.finding_view import FindingView  # noqa: PLC0415
        from ..models.imported_credential_view import ImportedCredentialView  # noqa: PLC0415
        from ..models.model_view import ModelView  # noqa: PLC0415
        from ..models.tool_view import ToolView  # noqa: PLC0415

        d = dict(src_dict)
        credential_settings_applied = d.pop("credential_settings_applied")

        credentials = []
        _credentials = d.pop("credentials")
        for credentials_item_data in _credentials:
            credentials_item = ImportedCredentialView.from_dict(credentials_item_data)

            credentials.append(credentials_item)

        dsl_version = d.pop("dsl_version")

        items = []
        _items = d.pop("items")
        for items_item_data in _items:
            items_item = FindingView.from_dict(items_item_data)

            items.append(items_item)

        models = []
        _models = d.pop("models")
        for models_item_data in _models:
            models_item = ModelView.from_dict(models_item_data)

            models.append(models_item)

        status = d.pop("status")

        tools = []
        _tools = d.pop("tools")
        for tools_item_data in _tools:
            tools_item = ToolView.from_dict(tools_item_data)

            tools.append(tools_item)

        report_view = cls(
            credential_settings_applied=credential_settings_applied,
            credentials=credentials,
            dsl_version=dsl_version,
            items=items,
            models=models,
            status=status,
            tools=tools,
        )

        report_view.additional_properties = d
        return report_view

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
