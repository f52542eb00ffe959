from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.scope_body_principals_type_0_item import ScopeBodyPrincipalsType0Item


T = TypeVar("T", bound="ScopeBody")


@_attrs_define
class ScopeBody:
    """Who may use a credential. An absent list allows everything of its kind; an empty one allows nothing.

    Attributes:
        environments (list[str] | None | Unset): Environments.
        principals (list[ScopeBodyPrincipalsType0Item] | None | Unset): Callers and authors: `{kind: api_key | member,
            id}`.
        workflows (list[str] | None | Unset): Workflows.
    """

    environments: list[str] | None | Unset = UNSET
    principals: list[ScopeBodyPrincipalsType0Item] | None | Unset = UNSET
    workflows: list[str] | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.scope_body_principals_type_0_item import (
            ScopeBodyPrincipalsType0Item,
        )  # noqa: PLC0415

        environments: list[str] | None | Unset
        if isinstance(self.environments, Unset):
            environments = UNSET
        elif isinstance(self.environments, list):
            environments = self.environments

        else:
            environments = self.environments

        principals: list[dict[str, Any]] | None | Unset
        if isinstance(self.principals, Unset):
            principals = UNSET
        elif isinstance(self.principals, list):
            principals = []
            for principals_type_0_item_data in self.principals:
                principals_type_0_item = principals_type_0_item_data.to_dict()
                principals.append(principals_type_0_item)

        else:
            principals = self.principals

        workflows: list[str] | None | Unset
        if isinstance(self.workflows, Unset):
            workflows = UNSET
        elif isinstance(self.workflows, list):
            workflows = self.workflows

        else:
            workflows = self.workflows

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if environments is not UNSET:
            field_dict["environments"] = environments
        if principals is not UNSET:
            field_dict["principals"] = principals
        if workflows is not UNSET:
            field_dict["workflows"] = workflows

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.scope_body_principals_type_0_item import (
            ScopeBodyPrincipalsType0Item,
        )  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_environments(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                environments_type_0 = cast(list[str], data)

                return environments_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        environments = _parse_environments(d.pop("environments", UNSET))

        def _parse_principals(
            data: object,
        ) -> list[ScopeBodyPrincipalsType0Item] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                principals_type_0 = []
                _principals_type_0 = data
                for principals_type_0_item_data in _principals_type_0:
                    principals_type_0_item = ScopeBodyPrincipalsType0Item.from_dict(
                        principals_type_0_item_data
                    )

                    principals_type_0.append(principals_type_0_item)

                return principals_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[ScopeBodyPrincipalsType0Item] | None | Unset, data)

        principals = _parse_principals(d.pop("principals", UNSET))

        def _parse_workflows(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                workflows_type_0 = cast(list[str], data)

                return workflows_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        workflows = _parse_workflows(d.pop("workflows", UNSET))

        scope_body = cls(
            environments=environments,
            principals=principals,
            workflows=workflows,
        )

        return scope_body
