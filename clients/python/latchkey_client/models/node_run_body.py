from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.response_mode import ResponseMode
from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.node_run_body_credential_overrides import (
        NodeRunBodyCredentialOverrides,
    )
    from ..models.node_run_body_inputs import NodeRunBodyInputs


T = TypeVar("T", bound="NodeRunBody")


@_attrs_define
class NodeRunBody:
    """A run of one node of the draft.

    Attributes:
        credential_overrides (NodeRunBodyCredentialOverrides | Unset): Credentials that this run states, by `<provider>`
            or `<provider>:<model>`.
        end_user (None | str | Unset): A label for the end user: it grants nothing.
        environment (None | str | Unset): The environment; `development` unless said, where there is one.
        inputs (NodeRunBodyInputs | Unset): The values of the variables that the node reads, by `node.variable`,
            `sys.variable`, `env.variable` or `conversation.variable`. What
            is not stated is what the draft says, or nothing. A file is named as in the inputs of a run.
        response_mode (ResponseMode | Unset): How the answer comes.
    """

    credential_overrides: NodeRunBodyCredentialOverrides | Unset = UNSET
    end_user: None | str | Unset = UNSET
    environment: None | str | Unset = UNSET
    inputs: NodeRunBodyInputs | Unset = UNSET
    response_mode: ResponseMode | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.node_run_body_credential_overrides import (
            NodeRunBodyCredentialOverrides,
        )  # noqa: PLC0415
        from ..models.node_run_body_inputs import NodeRunBodyInputs  # noqa: PLC0415

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

        response_mode: str | Unset = UNSET
        if not isinstance(self.response_mode, Unset):
            response_mode = self.response_mode.value

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
        if response_mode is not UNSET:
            field_dict["response_mode"] = response_mode

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.node_run_body_credential_overrides import (
            NodeRunBodyCredentialOverrides,
        )  # noqa: PLC0415
        from ..models.node_run_body_inputs import NodeRunBodyInputs  # noqa: PLC0415

        d = dict(src_dict)
        _credential_overrides = d.pop("credential_overrides", UNSET)
        credential_overrides: NodeRunBodyCredentialOverrides | Unset
        if isinstance(_credential_overrides, Unset):
            credential_overrides = UNSET
        else:
            credential_overrides = NodeRunBodyCredentialOverrides.from_dict(
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
        inputs: NodeRunBodyInputs | Unset
        if isinstance(_inputs, Unset):
            inputs = UNSET
        else:
            inputs = NodeRunBodyInputs.from_dict(_inputs)

        _response_mode = d.pop("response_mode", UNSET)
        response_mode: ResponseMode | Unset
        if isinstance(_response_mode, Unset):
            response_mode = UNSET
        else:
            response_mode = ResponseMode(_response_mode)

        node_run_body = cls(
            credential_overrides=credential_overrides,
            end_user=end_user,
            environment=environment,
            inputs=inputs,
            response_mode=response_mode,
        )

        return node_run_body
