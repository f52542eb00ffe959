from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.budget_body import BudgetBody
    from ..models.limits_body import LimitsBody
    from ..models.new_credential_body_values import NewCredentialBodyValues
    from ..models.scope_body import ScopeBody


T = TypeVar("T", bound="NewCredentialBody")


@_attrs_define
class NewCredentialBody:
    """A credential that is to be stored.

    Attributes:
        name (str): Its name, unique at its provider: letters, digits, dots, underscores, hyphens.
        provider (str): Its provider, such as `openai`.
        values (NewCredentialBodyValues): The fields of its provider's form; secret ones are sealed and never shown
            again.
        budgets (list[BudgetBody] | None | Unset): What it may cost; unlimited unless said.
        default (bool | Unset): Whether it becomes the default of its provider, or of its model.
        expires_at (None | str | Unset): From when on it may not pay (RFC 3339).
        hosts (list[str] | None | Unset): Where it may be sent (`host` or `host:port`); the host of its URL unless said.
        limits (LimitsBody | None | Unset):
        model (None | str | Unset): The model, if it is for one only.
        model_type (None | str | Unset): What that model does; `llm` unless said.
        scope (None | ScopeBody | Unset):
        validate (bool | Unset): Whether the provider is asked first.
    """

    name: str
    provider: str
    values: NewCredentialBodyValues
    budgets: list[BudgetBody] | None | Unset = UNSET
    default: bool | Unset = UNSET
    expires_at: None | str | Unset = UNSET
    hosts: list[str] | None | Unset = UNSET
    limits: LimitsBody | None | Unset = UNSET
    model: None | str | Unset = UNSET
    model_type: None | str | Unset = UNSET
    scope: None | ScopeBody | Unset = UNSET
    validate: bool | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.budget_body import BudgetBody  # noqa: PLC0415
        from ..models.limits_body import LimitsBody  # noqa: PLC0415
        from ..models.new_credential_body_values import NewCredentialBodyValues  # noqa: PLC0415
        from ..models.scope_body import ScopeBody  # noqa: PLC0415

        name = self.name

        provider = self.provider

        values = self.values.to_dict()

        budgets: list[dict[str, Any]] | None | Unset
        if isinstance(self.budgets, Unset):
            budgets = UNSET
        elif isinstance(self.budgets, list):
            budgets = []
            for budgets_type_0_item_data in self.budgets:
                budgets_type_0_item = budgets_type_0_item_data.to_dict()
                budgets.append(budgets_type_0_item)

        else:
            budgets = self.budgets

        default = self.default

        expires_at: None | str | Unset
        if isinstance(self.expires_at, Unset):
            expires_at = UNSET
        else:
            expires_at = self.expires_at

        hosts: list[str] | None | Unset
        if isinstance(self.hosts, Unset):
            hosts = UNSET
        elif isinstance(self.hosts, list):
            hosts = self.hosts

        else:
            hosts = self.hosts

        limits: dict[str, Any] | None | Unset
        if isinstance(self.limits, Unset):
            limits = UNSET
        elif isinstance(self.limits, LimitsBody):
            limits = self.limits.to_dict()
        else:
            limits = self.limits

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

        scope: dict[str, Any] | None | Unset
        if isinstance(self.scope, Unset):
            scope = UNSET
        elif isinstance(self.scope, ScopeBody):
            scope = self.scope.to_dict()
        else:
            scope = self.scope

        validate = self.validate

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "provider": provider,
                "values": values,
            }
        )
        if budgets is not UNSET:
            field_dict["budgets"] = budgets
        if default is not UNSET:
            field_dict["default"] = default
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at
        if hosts is not UNSET:
            field_dict["hosts"] = hosts
        if limits is not UNSET:
            field_dict["limits"] = limits
        if model is not UNSET:
            field_dict["model"] = model
        if model_type is not UNSET:
            field_dict["model_type"] = model_type
        if scope is not UNSET:
            field_dict["scope"] = scope
        if validate is not UNSET:
            field_dict["validate"] = validate

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.budget_body import BudgetBody  # noqa: PLC0415
        from ..models.limits_body import LimitsBody  # noqa: PLC0415
        from ..models.new_credential_body_values import NewCredentialBodyValues  # noqa: PLC0415
        from ..models.scope_body import ScopeBody  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        provider = d.pop("provider")

        values = NewCredentialBodyValues.from_dict(d.pop("values"))

        def _parse_budgets(data: object) -> list[BudgetBody] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                budgets_type_0 = []
                _budgets_type_0 = data
                for budgets_type_0_item_data in _budgets_type_0:
                    budgets_type_0_item = BudgetBody.from_dict(budgets_type_0_item_data)

                    budgets_type_0.append(budgets_type_0_item)

                return budgets_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[BudgetBody] | None | Unset, data)

        budgets = _parse_budgets(d.pop("budgets", UNSET))

        default = d.pop("default", UNSET)

        def _parse_expires_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        expires_at = _parse_expires_at(d.pop("expires_at", UNSET))

        def _parse_hosts(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                hosts_type_0 = cast(list[str], data)

                return hosts_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        hosts = _parse_hosts(d.pop("hosts", UNSET))

        def _parse_limits(data: object) -> LimitsBody | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                limits_type_0 = LimitsBody.from_dict(data)

                return limits_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(LimitsBody | None | Unset, data)

        limits = _parse_limits(d.pop("limits", UNSET))

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

        def _parse_scope(data: object) -> None | ScopeBody | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                scope_type_0 = ScopeBody.from_dict(data)

                return scope_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ScopeBody | Unset, data)

        scope = _parse_scope(d.pop("scope", UNSET))

        validate = d.pop("validate", UNSET)

        new_credential_body = cls(
            name=name,
            provider=provider,
            values=values,
            budgets=budgets,
            default=default,
            expires_at=expires_at,
            hosts=hosts,
            limits=limits,
            model=model,
            model_type=model_type,
            scope=scope,
            validate=validate,
        )

        return new_credential_body
