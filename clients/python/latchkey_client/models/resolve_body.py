from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.resolve_body_credential_overrides import (
        ResolveBodyCredentialOverrides,
    )
    from ..models.resolve_body_inputs import ResolveBodyInputs


T = TypeVar("T", bound="ResolveBody")


@_attrs_define
class ResolveBody:
    """What a dry run supposes.

    Attributes:
        credential_overrides (ResolveBodyCredentialOverrides | Unset): What the run would state for itself.
        end_user (None | str | Unset): The end user's label.
        environment (None | str | Unset): The environment.
        inputs (ResolveBodyInputs | Unset): Inputs, as many as are known.
        trigger (None | str | Unset): The id of the trigger node at which the run would begin; the first one unless
            said.
        version (int | None | str | Unset):
    """

    credential_overrides: ResolveBodyCredentialOverrides | Unset = UNSET
    end_user: None | str | Unset = UNSET
    environment: None | str | Unset = UNSET
    inputs: ResolveBodyInputs | Unset = UNSET
    trigger: None | str | Unset = UNSET
    version: int | None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.resolve_body_credential_overrides import (
            ResolveBodyCredentialOverrides,
        )  # noqa: PLC0415
        from ..models.resolve_body_inputs import ResolveBodyInputs  # noqa: PLC0415

        credential_overrides: dict[str, Any] | Unset = UNSET
        if not isinstance(self.credential_overrides, Unset):
            credential_overrides = self.credential_overrides.to_dict()

        end_user: None | str | Unset
        if isinstance(self.end_user, Unset):
            end_user = UNSET
        else:
            end_user = self.end_user

        environment: None | str | Unset
        if isinstance(self.environment, Unset):
            environment = UNSET
        else:
            environment = self.environment

        inputs: dict[str, Any] | Unset = UNSET
        if not isinstance(self.inputs, Unset):
            inputs = self.inputs.to_dict()

        trigger: None | str | Unset
        if isinstance(self.trigger, Unset):
            trigger = UNSET
        else:
            trigger = self.trigger

        version: int | None | str | Unset
        if isinstance(self.version, Unset):
            version = UNSET
        else:
            version = self.version

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if credential_overrides is not UNSET:
            field_dict["credential_overrides"] = credential_overrides
        if end_user is not UNSET:
            field_dict["end_user"] = end_user
        if environment is not UNSET:
            field_dict["environment"] = environment
        if inputs is not UNSET:
            field_dict["inputs"] = inputs
        if trigger is not UNSET:
            field_dict["trigger"] = trigger
        if version is not UNSET:
            field_dict["version"] = version

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.resolve_body_credential_overrides import (
            ResolveBodyCredentialOverrides,
        )  # noqa: PLC0415
        from ..models.resolve_body_inputs import ResolveBodyInputs  # noqa: PLC0415

        d = dict(src_dict)
        _credential_overrides = d.pop("credential_overrides", UNSET)
        credential_overrides: ResolveBodyCredentialOverrides | Unset
        if isinstance(_credential_overrides, Unset):
            credential_overrides = UNSET
        else:
            credential_overrides = ResolveBodyCredentialOverrides.from_dict(
                _credential_overrides
            )

        def _parse_end_user(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        end_user = _parse_end_user(d.pop("end_user", UNSET))

        def _parse_environment(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        environment = _parse_environment(d.pop("environment", UNSET))

        _inputs = d.pop("inputs", UNSET)
        inputs: ResolveBodyInputs | Unset
        if isinstance(_inputs, Unset):
            inputs = UNSET
        else:
            inputs = ResolveBodyInputs.from_dict(_inputs)

        def _parse_trigger(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        trigger = _parse_trigger(d.pop("trigger", UNSET))

        def _parse_version(data: object) -> int | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | str | Unset, data)

        version = _parse_version(d.pop("version", UNSET))

        resolve_body = cls(
            credential_overrides=credential_overrides,
            end_user=end_user,
            environment=environment,
            inputs=inputs,
            trigger=trigger,
            version=version,
        )

        return resolve_body
