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
    from ..models.credential_change_body_values_type_0 import (
        CredentialChangeBodyValuesType0,
    )
    from ..models.limits_body import LimitsBody
    from ..models.scope_body import ScopeBody


T = TypeVar("T", bound="CredentialChangeBody")


@_attrs_define
class CredentialChangeBody:
    """What is changed of a credential; absent fields stay.

    Attributes:
        budgets (list[BudgetBody] | None | Unset): What it may cost: all of it.
        expires_at (None | str | Unset): From when on it may not pay; null takes the date away.
        hosts (list[str] | None | Unset): Where it may be sent; a change only together with all secret values.
        limits (LimitsBody | None | Unset):
        name (None | str | Unset): Its name.
        scope (None | ScopeBody | Unset):
        state (None | str | Unset): `active` or `disabled`.
        validate (bool | Unset): Whether the provider is asked before new values are stored.
        values (CredentialChangeBodyValuesType0 | None | Unset): Fields of its form that are entered again; the others
            stay. All secret ones, if an address or a host changes.
    """

    budgets: list[BudgetBody] | None | Unset = UNSET
    expires_at: None | str | Unset = UNSET
    hosts: list[str] | None | Unset = UNSET
    limits: LimitsBody | None | Unset = UNSET
    name: None | str | Unset = UNSET
    scope: None | ScopeBody | Unset = UNSET
    state: None | str | Unset = UNSET
    validate: bool | Unset = UNSET
    values: CredentialChangeBodyValuesType0 | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.budget_body import BudgetBody  # noqa: PLC0415
        from ..models.credential_change_body_values_type_0 import (
            CredentialChangeBodyValuesType0,
        )  # noqa: PLC0415
        from ..models.limits_body import LimitsBody  # noqa: PLC0415
        from ..models.scope_body import ScopeBody  # noqa: PLC0415

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

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        scope: dict[str, Any] | None | Unset
        if isinstance(self.scope, Unset):
            scope = UNSET
        elif isinstance(self.scope, ScopeBody):
            scope = self.scope.to_dict()
        else:
            scope = self.scope

        state: None | str | Unset
        if isinstance(self.state, Unset):
            state = UNSET
        else:
            state = self.state

        validate = self.validate

        values: dict[str, Any] | None | Unset
        if isinstance(self.values, Unset):
            values = UNSET
        elif isinstance(self.values, CredentialChangeBodyValuesType0):
            values = self.values.to_dict()
        else:
            values = self.values

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if budgets is not UNSET:
            field_dict["budgets"] = budgets
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at
        if hosts is not UNSET:
            field_dict["hosts"] = hosts
        if limits is not UNSET:
            field_dict["limits"] = limits
        if name is not UNSET:
            field_dict["name"] = name
        if scope is not UNSET:
            field_dict["scope"] = scope
        if state is not UNSET:
            field_dict["state"] = state
        if validate is not UNSET:
            field_dict["validate"] = validate
        if values is not UNSET:
            field_dict["values"] = values

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.budget_body import BudgetBody  # noqa: PLC0415
        from ..models.credential_change_body_values_type_0 import (
            CredentialChangeBodyValuesType0,
        )  # noqa: PLC0415
        from ..models.limits_body import LimitsBody  # noqa: PLC0415
        from ..models.scope_body import ScopeBody  # noqa: PLC0415

        d = dict(src_dict)

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

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

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

        def _parse_state(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        state = _parse_state(d.pop("state", UNSET))

        validate = d.pop("validate", UNSET)

        def _parse_values(
            data: object,
        ) -> CredentialChangeBodyValuesType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                values_type_0 = CredentialChangeBodyValuesType0.from_dict(data)

                return values_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CredentialChangeBodyValuesType0 | None | Unset, data)

        values = _parse_values(d.pop("values", UNSET))

        credential_change_body = cls(
            budgets=budgets,
            expires_at=expires_at,
            hosts=hosts,
            limits=limits,
            name=name,
            scope=scope,
            state=state,
            validate=validate,
            values=values,
        )

        return credential_change_body
