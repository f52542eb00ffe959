from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.credential_failure_view import CredentialFailureView
    from ..models.resolution_view import ResolutionView


T = TypeVar("T", bound="ResolveRow")


@_attrs_define
class ResolveRow:
    """Who would pay at one place.

    Attributes:
        model (str): The model.
        node_id (str): The node.
        outcome (str): resolved, failed, depends_on or not_needed.
        provider (str): The provider.
        title (str): Its title.
        code (None | str | Unset): Why nobody would.
        depends_on (list[str] | None | Unset): Outputs (`node.output`) that only a run can give.
        detail (None | str | Unset): The whole story of a failure.
        failure (CredentialFailureView | None | Unset):
        inside (list[str] | Unset): The nodes around it that use its workflow as a tool, the outermost first. None for a
            node of the workflow itself.
        resolution (None | ResolutionView | Unset):
    """

    model: str
    node_id: str
    outcome: str
    provider: str
    title: str
    code: None | str | Unset = UNSET
    depends_on: list[str] | None | Unset = UNSET
    detail: None | str | Unset = UNSET
    failure: CredentialFailureView | None | Unset = UNSET
    inside: list[str] | Unset = UNSET
    resolution: None | ResolutionView | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.credential_failure_view import CredentialFailureView  # noqa: PLC0415
        from ..models.resolution_view import ResolutionView  # noqa: PLC0415

        model = self.model

        node_id = self.node_id

        outcome = self.outcome

        provider = self.provider

        title = self.title

        code: None | str | Unset
        if isinstance(self.code, Unset):
            code = UNSET
        else:
            code = self.code

        depends_on: list[str] | None | Unset
        if isinstance(self.depends_on, Unset):
            depends_on = UNSET
        elif isinstance(self.depends_on, list):
            depends_on = self.depends_on

        else:
            depends_on = self.depends_on

        detail: None | str | Unset
        if isinstance(self.detail, Unset):
            detail = UNSET
        else:
            detail = self.detail

        failure: dict[str, Any] | None | Unset
        if isinstance(self.failure, Unset):
            failure = UNSET
        elif isinstance(self.failure, CredentialFailureView):
            failure = self.failure.to_dict()
        else:
            failure = self.failure

        inside: list[str] | Unset = UNSET
        if not isinstance(self.inside, Unset):
            inside = self.inside

        resolution: dict[str, Any] | None | Unset
        if isinstance(self.resolution, Unset):
            resolution = UNSET
        elif isinstance(self.resolution, ResolutionView):
            resolution = self.resolution.to_dict()
        else:
            resolution = self.resolution

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "model": model,
                "node_id": node_id,
                "outcome": outcome,
                "provider": provider,
                "title": title,
            }
        )
        if code is not UNSET:
            field_dict["code"] = code
        if depends_on is not UNSET:
            field_dict["depends_on"] = depends_on
        if detail is not UNSET:
            field_dict["detail"] = detail
        if failure is not UNSET:
            field_dict["failure"] = failure
        if inside is not UNSET:
            field_dict["inside"] = inside
        if resolution is not UNSET:
            field_dict["resolution"] = resolution

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.credential_failure_view import CredentialFailureView  # noqa: PLC0415
        from ..models.resolution_view import ResolutionView  # noqa: PLC0415

        d = dict(src_dict)
        model = d.pop("model")

        node_id = d.pop("node_id")

        outcome = d.pop("outcome")

        provider = d.pop("provider")

        title = d.pop("title")

        def _parse_code(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        code = _parse_code(d.pop("code", UNSET))

        def _parse_depends_on(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                depends_on_type_0 = cast(list[str], data)

                return depends_on_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        depends_on = _parse_depends_on(d.pop("depends_on", UNSET))

        def _parse_detail(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        detail = _parse_detail(d.pop("detail", UNSET))

        def _parse_failure(data: object) -> CredentialFailureView | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                failure_type_0 = CredentialFailureView.from_dict(data)

                return failure_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CredentialFailureView | None | Unset, data)

        failure = _parse_failure(d.pop("failure", UNSET))

        inside = cast(list[str], d.pop("inside", UNSET))

        def _parse_resolution(data: object) -> None | ResolutionView | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                resolution_type_0 = ResolutionView.from_dict(data)

                return resolution_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ResolutionView | Unset, data)

        resolution = _parse_resolution(d.pop("resolution", UNSET))

        resolve_row = cls(
            model=model,
            node_id=node_id,
            outcome=outcome,
            provider=provider,
            title=title,
            code=code,
            depends_on=depends_on,
            detail=detail,
            failure=failure,
            inside=inside,
            resolution=resolution,
        )

        resolve_row.additional_properties = d
        return resolve_row

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
