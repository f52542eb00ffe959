from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.preflight import Preflight
from ..models.response_mode import ResponseMode
from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.start_body_credential_overrides import StartBodyCredentialOverrides
    from ..models.start_body_files_item import StartBodyFilesItem
    from ..models.start_body_inputs import StartBodyInputs


T = TypeVar("T", bound="StartBody")


@_attrs_define
class StartBody:
    """A start of a run.

    Attributes:
        credential_overrides (StartBodyCredentialOverrides | Unset): Credentials that this run states, by `<provider>`
            or `<provider>:<model>`.
        end_user (None | str | Unset): A label for the end user: it grants nothing.
        environment (None | str | Unset): The environment; the key's first unless said.
        files (list[StartBodyFilesItem] | Unset): Files besides the inputs, if the app takes some: each with
            `transfer_method` and `upload_file_id` or `url`.
        inputs (StartBodyInputs | Unset): The inputs, as the start node or the trigger declares them.
        preflight (None | Preflight | Unset):
        query (None | str | Unset): The question, for a workflow that answers in a conversation.
        response_mode (ResponseMode | Unset): How the answer comes.
        trigger (None | str | Unset): The id of the trigger node at which the run begins; the first one unless said.
        version (int | None | str | Unset):
    """

    credential_overrides: StartBodyCredentialOverrides | Unset = UNSET
    end_user: None | str | Unset = UNSET
    environment: None | str | Unset = UNSET
    files: list[StartBodyFilesItem] | Unset = UNSET
    inputs: StartBodyInputs | Unset = UNSET
    preflight: None | Preflight | Unset = UNSET
    query: None | str | Unset = UNSET
    response_mode: ResponseMode | Unset = UNSET
    trigger: None | str | Unset = UNSET
    version: int | None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.start_body_credential_overrides import (
            StartBodyCredentialOverrides,
        )  # noqa: PLC0415
        from ..models.start_body_files_item import StartBodyFilesItem  # noqa: PLC0415
        from ..models.start_body_inputs import StartBodyInputs  # noqa: PLC0415

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

        files: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.files, Unset):
            files = []
            for files_item_data in self.files:
                files_item = files_item_data.to_dict()
                files.append(files_item)

        inputs: dict[str, Any] | Unset = UNSET
        if not isinstance(self.inputs, Unset):
            inputs = self.inputs.to_dict()

        preflight: None | str | Unset
        if isinstance(self.preflight, Unset):
            preflight = UNSET
        elif isinstance(self.preflight, Preflight):
            preflight = self.preflight.value
        else:
            preflight = self.preflight

        query: None | str | Unset
        if isinstance(self.query, Unset):
            query = UNSET
        else:
            query = self.query

        response_mode: str | Unset = UNSET
        if not isinstance(self.response_mode, Unset):
            response_mode = self.response_mode.value

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
        if files is not UNSET:
            field_dict["files"] = files
        if inputs is not UNSET:
            field_dict["inputs"] = inputs
        if preflight is not UNSET:
            field_dict["preflight"] = preflight
        if query is not UNSET:
            field_dict["query"] = query
        if response_mode is not UNSET:
            field_dict["response_mode"] = response_mode
        if trigger is not UNSET:
            field_dict["trigger"] = trigger
        if version is not UNSET:
            field_dict["version"] = version

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.start_body_credential_overrides import (
            StartBodyCredentialOverrides,
        )  # noqa: PLC0415
        from ..models.start_body_files_item import StartBodyFilesItem  # noqa: PLC0415
        from ..models.start_body_inputs import StartBodyInputs  # noqa: PLC0415

        d = dict(src_dict)
        _credential_overrides = d.pop("credential_overrides", UNSET)
        credential_overrides: StartBodyCredentialOverrides | Unset
        if isinstance(_credential_overrides, Unset):
            credential_overrides = UNSET
        else:
            credential_overrides = StartBodyCredentialOverrides.from_dict(
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

        _files = d.pop("files", UNSET)
        files: list[StartBodyFilesItem] | Unset = UNSET
        if _files is not UNSET:
            files = []
            for files_item_data in _files:
                files_item = StartBodyFilesItem.from_dict(files_item_data)

                files.append(files_item)

        _inputs = d.pop("inputs", UNSET)
        inputs: StartBodyInputs | Unset
        if isinstance(_inputs, Unset):
            inputs = UNSET
        else:
            inputs = StartBodyInputs.from_dict(_inputs)

        def _parse_preflight(data: object) -> None | Preflight | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                preflight_type_0 = Preflight(data)

                return preflight_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Preflight | Unset, data)

        preflight = _parse_preflight(d.pop("preflight", UNSET))

        def _parse_query(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        query = _parse_query(d.pop("query", UNSET))

        _response_mode = d.pop("response_mode", UNSET)
        response_mode: ResponseMode | Unset
        if isinstance(_response_mode, Unset):
            response_mode = UNSET
        else:
            response_mode = ResponseMode(_response_mode)

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

        start_body = cls(
            credential_overrides=credential_overrides,
            end_user=end_user,
            environment=environment,
            files=files,
            inputs=inputs,
            preflight=preflight,
            query=query,
            response_mode=response_mode,
            trigger=trigger,
            version=version,
        )

        return start_body
