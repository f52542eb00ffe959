from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.session_member import SessionMember
    from ..models.session_workspace import SessionWorkspace


T = TypeVar("T", bound="SessionView")


@_attrs_define
class SessionView:
    """Who asks, and what he may do.

    Attributes:
        permissions (list[str]): What the caller may do, such as `runs:write`.
        workspace (SessionWorkspace): Where somebody is.
        csrf_token (None | str | Unset): What changing requests with the session's cookie have to show in the header
            `X-CSRF-Token`; null for a key.
        member (None | SessionMember | Unset):
    """

    permissions: list[str]
    workspace: SessionWorkspace
    csrf_token: None | str | Unset = UNSET
    member: None | SessionMember | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.session_member import SessionMember  # noqa: PLC0415
        from ..models.session_workspace import SessionWorkspace  # noqa: PLC0415

        permissions = self.permissions

        workspace = self.workspace.to_dict()

        csrf_token: None | str | Unset
        if isinstance(self.csrf_token, Unset):
            csrf_token = UNSET
        else:
            csrf_token = self.csrf_token

        member: dict[str, Any] | None | Unset
        if isinstance(self.member, Unset):
            member = UNSET
        elif isinstance(self.member, SessionMember):
            member = self.member.to_dict()
        else:
            member = self.member

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "permissions": permissions,
                "workspace": workspace,
            }
        )
        if csrf_token is not UNSET:
            field_dict["csrf_token"] = csrf_token
        if member is not UNSET:
            field_dict["member"] = member

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.session_member import SessionMember  # noqa: PLC0415
        from ..models.session_workspace import SessionWorkspace  # noqa: PLC0415

        d = dict(src_dict)
        permissions = cast(list[str], d.pop("permissions"))

        workspace = SessionWorkspace.from_dict(d.pop("workspace"))

        def _parse_csrf_token(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        csrf_token = _parse_csrf_token(d.pop("csrf_token", UNSET))

        def _parse_member(data: object) -> None | SessionMember | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                member_type_0 = SessionMember.from_dict(data)

                return member_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SessionMember | Unset, data)

        member = _parse_member(d.pop("member", UNSET))

        session_view = cls(
            permissions=permissions,
            workspace=workspace,
            csrf_token=csrf_token,
            member=member,
        )

        session_view.additional_properties = d
        return session_view

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
