from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.budget_view import BudgetView
    from ..models.health_view import HealthView
    from ..models.limits_body import LimitsBody
    from ..models.limits_in_use_view import LimitsInUseView
    from ..models.list_credential_view_data_item_settings import (
        ListCredentialViewDataItemSettings,
    )
    from ..models.list_credential_view_data_item_values import (
        ListCredentialViewDataItemValues,
    )
    from ..models.scope_body import ScopeBody


T = TypeVar("T", bound="ListCredentialViewDataItem")


@_attrs_define
class ListCredentialViewDataItem:
    """A stored credential, without its values.

    Attributes:
        budgets (list[BudgetView]): What it may cost, and how that stands.
        created_at (str): When it was made.
        health (HealthView): What calls have shown about a credential.
        hosts (list[str]): Where it may be sent.
        id (str): Its id.
        in_use (LimitsInUseView): What is taken of limits now. A minute's worth may be taken at once and comes back
            evenly, so this falls while nobody calls. What is
            not limited is absent.
        limits (LimitsBody): What may be done per minute and at once. What is absent is not limited.
        name (str): Its name.
        provider (str): Its provider.
        scope (ScopeBody): Who may use a credential. An absent list allows everything of its kind; an empty one allows
            nothing.
        settings (ListCredentialViewDataItemSettings): Its other fields.
        state (str): active, disabled, invalid or exhausted.
        updated_at (str): When it was last changed.
        values (ListCredentialViewDataItemValues): Its secret fields: enough to recognise one, not to use it.
        version (int): Counts changes of its values.
        expires_at (None | str | Unset): From when on it may not pay.
        last_used_at (None | str | Unset): When it last paid, roughly.
        last_validated_at (None | str | Unset): When its provider last confirmed it.
        model (None | str | Unset): The model that it is for.
        model_type (None | str | Unset): What that model does.
    """

    budgets: list[BudgetView]
    created_at: str
    health: HealthView
    hosts: list[str]
    id: str
    in_use: LimitsInUseView
    limits: LimitsBody
    name: str
    provider: str
    scope: ScopeBody
    settings: ListCredentialViewDataItemSettings
    state: str
    updated_at: str
    values: ListCredentialViewDataItemValues
    version: int
    expires_at: None | str | Unset = UNSET
    last_used_at: None | str | Unset = UNSET
    last_validated_at: None | str | Unset = UNSET
    model: None | str | Unset = UNSET
    model_type: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.budget_view import BudgetView  # noqa: PLC0415
        from ..models.health_view import HealthView  # noqa: PLC0415
        from ..models.limits_body import LimitsBody  # noqa: PLC0415
        from ..models.limits_in_use_view import LimitsInUseView  # noqa: PLC0415
        from ..models.list_credential_view_data_item_settings import (
            ListCredentialViewDataItemSettings,
        )  # noqa: PLC0415
        from ..models.list_credential_view_data_item_values import (
            ListCredentialViewDataItemValues,
        )  # noqa: PLC0415
        from ..models.scope_body import ScopeBody  # noqa: PLC0415

        budgets = []
        for budgets_item_data in self.budgets:
            budgets_item = budgets_item_data.to_dict()
            budgets.append(budgets_item)

        created_at = self.created_at

        health = self.health.to_dict()

        hosts = self.hosts

        id = self.id

        in_use = self.in_use.to_dict()

        limits = self.limits.to_dict()

        name = self.name

        provider = self.provider

        scope = self.scope.to_dict()

        settings = self.settings.to_dict()

        state = self.state

        updated_at = self.updated_at

        values = self.values.to_dict()

        version = self.version

        expires_at: None | str | Unset
        if isinstance(self.expires_at, Unset):
            expires_at = UNSET
        else:
            expires_at = self.expires_at

        last_used_at: None | str | Unset
        if isinstance(self.last_used_at, Unset):
            last_used_at = UNSET
        else:
            last_used_at = self.last_used_at

        last_validated_at: None | str | Unset
        if isinstance(self.last_validated_at, Unset):
            last_validated_at = UNSET
        else:
            last_validated_at = self.last_validated_at

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
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "budgets": budgets,
                "created_at": created_at,
                "health": health,
                "hosts": hosts,
                "id": id,
                "in_use": in_use,
                "limits": limits,
                "name": name,
                "provider": provider,
                "scope": scope,
                "settings": settings,
                "state": state,
                "updated_at": updated_at,
                "values": values,
                "version": version,
            }
        )
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at
        if last_used_at is not UNSET:
            field_dict["last_used_at"] = last_used_at
        if last_validated_at is not UNSET:
            field_dict["last_validated_at"] = last_validated_at
        if model is not UNSET:
            field_dict["model"] = model
        if model_type is not UNSET:
            field_dict["model_type"] = model_type

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.budget_view import BudgetView  # noqa: PLC0415
        from ..models.health_view import HealthView  # noqa: PLC0415
        from ..models.limits_body import LimitsBody  # noqa: PLC0415
        from ..models.limits_in_use_view import LimitsInUseView  # noqa: PLC0415
        from ..models.list_credential_view_data_item_settings import (
            ListCredentialViewDataItemSettings,
        )  # noqa: PLC0415
        from ..models.list_credential_view_data_item_values import (
            ListCredentialViewDataItemValues,
        )  # noqa: PLC0415
        from ..models.scope_body import ScopeBody  # noqa: PLC0415

        d = dict(src_dict)
        budgets = []
        _budgets = d.pop("budgets")
        for budgets_item_data in _budgets:
            budgets_item = BudgetView.from_dict(budgets_item_data)

            budgets.append(budgets_item)

        created_at = d.pop("created_at")

        health = HealthView.from_dict(d.pop("health"))

        hosts = cast(list[str], d.pop("hosts"))

        id = d.pop("id")

        in_use = LimitsInUseView.from_dict(d.pop("in_use"))

        limits = LimitsBody.from_dict(d.pop("limits"))

        name = d.pop("name")

        provider = d.pop("provider")

        scope = ScopeBody.from_dict(d.pop("scope"))

        settings = ListCredentialViewDataItemSettings.from_dict(d.pop("settings"))

        state = d.pop("state")

        updated_at = d.pop("updated_at")

        values = ListCredentialViewDataItemValues.from_dict(d.pop("values"))

        version = d.pop("version")

        def _parse_expires_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        expires_at = _parse_expires_at(d.pop("expires_at", UNSET))

        def _parse_last_used_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        last_used_at = _parse_last_used_at(d.pop("last_used_at", UNSET))

        def _parse_last_validated_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        last_validated_at = _parse_last_validated_at(d.pop("last_validated_at", UNSET))

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

        list_credential_view_data_item = cls(
            budgets=budgets,
            created_at=created_at,
            health=health,
            hosts=hosts,
            id=id,
            in_use=in_use,
            limits=limits,
            name=name,
            provider=provider,
            scope=scope,
            settings=settings,
            state=state,
            updated_at=updated_at,
            values=values,
            version=version,
            expires_at=expires_at,
            last_used_at=last_used_at,
            last_validated_at=last_validated_at,
            model=model,
            model_type=model_type,
        )

        list_credential_view_data_item.additional_properties = d
        return list_credential_view_data_item

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
