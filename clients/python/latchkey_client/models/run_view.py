from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.payer_view import PayerView
    from ..models.run_error_view import RunErrorView
    from ..models.run_view_inputs import RunViewInputs
    from ..models.run_view_outputs_type_0 import RunViewOutputsType0
    from ..models.usage_view import UsageView


T = TypeVar("T", bound="RunView")


@_attrs_define
class RunView:
    """A run.

    Attributes:
        created_at (str): When it was accepted.
        environment (str): Its environment.
        id (str): Its id.
        inputs (RunViewInputs): Its inputs.
        status (str): queued, running, succeeded, partial-succeeded, failed, stopped or paused.
        steps (int): Started attempts of nodes.
        usage (UsageView): What was used.
        version (int | str): A version of a workflow.
        workflow_id (str): The workflow.
        credentials (list[PayerView] | None | Unset): The credentials that were asked to pay, in the order of their
            first calls, for those who may read credentials. Only in
            lists of runs.
        elapsed_ms (int | None | Unset): How long it took.
        end_user (None | str | Unset): The end user's label.
        error (None | RunErrorView | Unset):
        finished_at (None | str | Unset): When it ended.
        node_id (None | str | Unset): The only node of the draft that it runs; its inputs are then the stated values, by
            `node.variable`.
        outputs (None | RunViewOutputsType0 | Unset): Its outputs; null until it is over.
        parent_run_id (None | str | Unset): The run whose tool it is.
        retried_from (None | str | Unset): The run that it repeats.
        started_at (None | str | Unset): When it began.
        trigger (None | str | Unset): The trigger node at which it began, where that was said.
    """

    created_at: str
    environment: str
    id: str
    inputs: RunViewInputs
    status: str
    steps: int
    usage: UsageView
    version: int | str
    workflow_id: str
    credentials: list[PayerView] | None | Unset = UNSET
    elapsed_ms: int | None | Unset = UNSET
    end_user: None | str | Unset = UNSET
    error: None | RunErrorView | Unset = UNSET
    finished_at: None | str | Unset = UNSET
    node_id: None | str | Unset = UNSET
    outputs: None | RunViewOutputsType0 | Unset = UNSET
    parent_run_id: None | str | Unset = UNSET
    retried_from: None | str | Unset = UNSET
    started_at: None | str | Unset = UNSET
    trigger: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.payer_view import PayerView  # noqa: PLC0415
        from ..models.run_error_view import RunErrorView  # noqa: PLC0415
        from ..models.run_view_inputs import RunViewInputs  # noqa: PLC0415
        from ..models.run_view_outputs_type_0 import RunViewOutputsType0  # noqa: PLC0415
        from ..models.usage_view import UsageView  # noqa: PLC0415

        created_at = self.created_at

        environment = self.environment

        id = self.id

        inputs = self.inputs.to_dict()

        status = self.status

        steps = self.steps

        usage = self.usage.to_dict()

        version: int | str
        version = self.version

        workflow_id = self.workflow_id

        credentials: list[dict[str, Any]] | None | Unset
        if isinstance(self.credentials, Unset):
            credentials = UNSET
        elif isinstance(self.credentials, list):
            credentials = []
            for credentials_type_0_item_data in self.credentials:
                credentials_type_0_item = credentials_type_0_item_data.to_dict()
                credentials.append(credentials_type_0_item)

        else:
            credentials = self.credentials

        elapsed_ms: int | None | Unset
        if isinstance(self.elapsed_ms, Unset):
            elapsed_ms = UNSET
        else:
            elapsed_ms = self.elapsed_ms

        end_user: None | str | Unset
        if isinstance(self.end_user, Unset):
            end_user = UNSET
        else:
            end_user = self.end_user

        error: dict[str, Any] | None | Unset
        if isinstance(self.error, Unset):
            error = UNSET
        elif isinstance(self.error, RunErrorView):
            error = self.error.to_dict()
        else:
            error = self.error

        finished_at: None | str | Unset
        if isinstance(self.finished_at, Unset):
            finished_at = UNSET
        else:
            finished_at = self.finished_at

        node_id: None | str | Unset
        if isinstance(self.node_id, Unset):
            node_id = UNSET
        else:
            node_id = self.node_id

        outputs: dict[str, Any] | None | Unset
        if isinstance(self.outputs, Unset):
            outputs = UNSET
        elif isinstance(self.outputs, RunViewOutputsType0):
            outputs = self.outputs.to_dict()
        else:
            outputs = self.outputs

        parent_run_id: None | str | Unset
        if isinstance(self.parent_run_id, Unset):
            parent_run_id = UNSET
        else:
            parent_run_id = self.parent_run_id

        retried_from: None | str | Unset
        if isinstance(self.retried_from, Unset):
            retried_from = UNSET
        else:
            retried_from = self.retried_from

        started_at: None | str | Unset
        if isinstance(self.started_at, Unset):
            started_at = UNSET
        else:
            started_at = self.started_at

        trigger: None | str | Unset
        if isinstance(self.trigger, Unset):
            trigger = UNSET
        else:
            trigger = self.trigger

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "created_at": created_at,
                "environment": environment,
                "id": id,
                "inputs": inputs,
                "status": status,
                "steps": steps,
                "usage": usage,
                "version": version,
                "workflow_id": workflow_id,
            }
        )
        if credentials is not UNSET:
            field_dict["credentials"] = credentials
        if elapsed_ms is not UNSET:
            field_dict["elapsed_ms"] = elapsed_ms
        if end_user is not UNSET:
            field_dict["end_user"] = end_user
        if error is not UNSET:
            field_dict["error"] = error
        if finished_at is not UNSET:
            field_dict["finished_at"] = finished_at
        if node_id is not UNSET:
            field_dict["node_id"] = node_id
        if outputs is not UNSET:
            field_dict["outputs"] = outputs
        if parent_run_id is not UNSET:
            field_dict["parent_run_id"] = parent_run_id
        if retried_from is not UNSET:
            field_dict["retried_from"] = retried_from
        if started_at is not UNSET:
            field_dict["started_at"] = started_at
        if trigger is not UNSET:
            field_dict["trigger"] = trigger

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.payer_view import PayerView  # noqa: PLC0415
        from ..models.run_error_view import RunErrorView  # noqa: PLC0415
        from ..models.run_view_inputs import RunViewInputs  # noqa: PLC0415
        from ..models.run_view_outputs_type_0 import RunViewOutputsType0  # noqa: PLC0415
        from ..models.usage_view import UsageView  # noqa: PLC0415

        d = dict(src_dict)
        created_at = d.pop("created_at")

        environment = d.pop("environment")

        id = d.pop("id")

        inputs = RunViewInputs.from_dict(d.pop("inputs"))

        status = d.pop("status")

        steps = d.pop("steps")

        usage = UsageView.from_dict(d.pop("usage"))

        def _parse_version(data: object) -> int | str:
            return cast(int | str, data)

        version = _parse_version(d.pop("version"))

        workflow_id = d.pop("workflow_id")

        def _parse_credentials(data: object) -> list[PayerView] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                credentials_type_0 = []
                _credentials_type_0 = data
                for credentials_type_0_item_data in _credentials_type_0:
                    credentials_type_0_item = PayerView.from_dict(
                        credentials_type_0_item_data
                    )

                    credentials_type_0.append(credentials_type_0_item)

                return credentials_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[PayerView] | None | Unset, data)

        credentials = _parse_credentials(d.pop("credentials", UNSET))

        def _parse_elapsed_ms(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        elapsed_ms = _parse_elapsed_ms(d.pop("elapsed_ms", UNSET))

        def _parse_end_user(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        end_user = _parse_end_user(d.pop("end_user", UNSET))

        def _parse_error(data: object) -> None | RunErrorView | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                error_type_0 = RunErrorView.from_dict(data)

                return error_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RunErrorView | Unset, data)

        error = _parse_error(d.pop("error", UNSET))

        def _parse_finished_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        finished_at = _parse_finished_at(d.pop("finished_at", UNSET))

        def _parse_node_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        node_id = _parse_node_id(d.pop("node_id", UNSET))

        def _parse_outputs(data: object) -> None | RunViewOutputsType0 | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                outputs_type_0 = RunViewOutputsType0.from_dict(data)

                return outputs_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RunViewOutputsType0 | Unset, data)

        outputs = _parse_outputs(d.pop("outputs", UNSET))

        def _parse_parent_run_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        parent_run_id = _parse_parent_run_id(d.pop("parent_run_id", UNSET))

        def _parse_retried_from(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        retried_from = _parse_retried_from(d.pop("retried_from", UNSET))

        def _parse_started_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        started_at = _parse_started_at(d.pop("started_at", UNSET))

        def _parse_trigger(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        trigger = _parse_trigger(d.pop("trigger", UNSET))

        run_view = cls(
            created_at=created_at,
            environment=environment,
            id=id,
            inputs=inputs,
            status=status,
            steps=steps,
            usage=usage,
            version=version,
            workflow_id=workflow_id,
            credentials=credentials,
            elapsed_ms=elapsed_ms,
            end_user=end_user,
            error=error,
            finished_at=finished_at,
            node_id=node_id,
            outputs=outputs,
            parent_run_id=parent_run_id,
            retried_from=retried_from,
            started_at=started_at,
            trigger=trigger,
        )

        run_view.additional_properties = d
        return run_view

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
