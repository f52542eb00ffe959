from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.failure_view import FailureView
    from ..models.node_execution_view_inputs_type_0 import NodeExecutionViewInputsType0
    from ..models.node_execution_view_outputs_type_0 import (
        NodeExecutionViewOutputsType0,
    )
    from ..models.node_execution_view_process_data_type_0 import (
        NodeExecutionViewProcessDataType0,
    )
    from ..models.resolution_view import ResolutionView
    from ..models.step_view import StepView


T = TypeVar("T", bound="NodeExecutionView")


@_attrs_define
class NodeExecutionView:
    """One execution of one node, all its attempts together.

    Attributes:
        attempts (int): Attempts, from 1.
        id (str): Its id.
        index (int): Its place in the order of starts, from 1.
        input_tokens (int): Tokens of all attempts.
        iteration_path (list[StepView]): The rounds of the containers around it.
        node_id (str): The node.
        output_tokens (int): Tokens of all attempts.
        started_at (str): When its first attempt began.
        status (str): running, succeeded, failed, exception, stopped or paused.
        title (str): The node's title.
        type_ (str): The node's type.
        elapsed_ms (int | None | Unset): How long it took.
        error (FailureView | None | Unset):
        inputs (NodeExecutionViewInputsType0 | None | Unset): What went in.
        outputs (NodeExecutionViewOutputsType0 | None | Unset): What came out.
        process_data (NodeExecutionViewProcessDataType0 | None | Unset): What happened inside.
        resolution (None | ResolutionView | Unset):
    """

    attempts: int
    id: str
    index: int
    input_tokens: int
    iteration_path: list[StepView]
    node_id: str
    output_tokens: int
    started_at: str
    status: str
    title: str
    type_: str
    elapsed_ms: int | None | Unset = UNSET
    error: FailureView | None | Unset = UNSET
    inputs: NodeExecutionViewInputsType0 | None | Unset = UNSET
    outputs: NodeExecutionViewOutputsType0 | None | Unset = UNSET
    process_data: NodeExecutionViewProcessDataType0 | None | Unset = UNSET
    resolution: None | ResolutionView | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.failure_view import FailureView  # noqa: PLC0415
        from ..models.node_execution_view_inputs_type_0 import (
            NodeExecutionViewInputsType0,
        )  # noqa: PLC0415
        from ..models.node_execution_view_outputs_type_0 import (
            NodeExecutionViewOutputsType0,
        )  # noqa: PLC0415
        from ..models.node_execution_view_process_data_type_0 import (
            NodeExecutionViewProcessDataType0,
        )  # noqa: PLC0415
        from ..models.resolution_view import ResolutionView  # noqa: PLC0415
        from ..models.step_view import StepView  # noqa: PLC0415

        attempts = self.attempts

        id = self.id

        index = self.index

        input_tokens = self.input_tokens

        iteration_path = []
        for iteration_path_item_data in self.iteration_path:
            iteration_path_item = iteration_path_item_data.to_dict()
            iteration_path.append(iteration_path_item)

        node_id = self.node_id

        output_tokens = self.output_tokens

        started_at = self.started_at

        status = self.status

        title = self.title

        type_ = self.type_

        elapsed_ms: int | None | Unset
        if isinstance(self.elapsed_ms, Unset):
            elapsed_ms = UNSET
        else:
            elapsed_ms = self.elapsed_ms

        error: dict[str, Any] | None | Unset
        if isinstance(self.error, Unset):
            error = UNSET
        elif isinstance(self.error, FailureView):
            error = self.error.to_dict()
        else:
            error = self.error

        inputs: dict[str, Any] | None | Unset
        if isinstance(self.inputs, Unset):
            inputs = UNSET
        elif isinstance(self.inputs, NodeExecutionViewInputsType0):
            inputs = self.inputs.to_dict()
        else:
            inputs = self.inputs

        outputs: dict[str, Any] | None | Unset
        if isinstance(self.outputs, Unset):
            outputs = UNSET
        elif isinstance(self.outputs, NodeExecutionViewOutputsType0):
            outputs = self.outputs.to_dict()
        else:
            outputs = self.outputs

        process_data: dict[str, Any] | None | Unset
        if isinstance(self.process_data, Unset):
            process_data = UNSET
        elif isinstance(self.process_data, NodeExecutionViewProcessDataType0):
            process_data = self.process_data.to_dict()
        else:
            process_data = self.process_data

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
                "attempts": attempts,
                "id": id,
                "index": index,
                "input_tokens": input_tokens,
                "iteration_path": iteration_path,
                "node_id": node_id,
                "output_tokens": output_tokens,
                "started_at": started_at,
                "status": status,
                "title": title,
                "type": type_,
            }
        )
        if elapsed_ms is not UNSET:
            field_dict["elapsed_ms"] = elapsed_ms
        if error is not UNSET:
            field_dict["error"] = error
        if inputs is not UNSET:
            field_dict["inputs"] = inputs
        if outputs is not UNSET:
            field_dict["outputs"] = outputs
        if process_data is not UNSET:
            field_dict["process_data"] = process_data
        if resolution is not UNSET:
            field_dict["resolution"] = resolution

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.failure_view import FailureView  # noqa: PLC0415
        from ..models.node_execution_view_inputs_type_0 import (
            NodeExecutionViewInputsType0,
        )  # noqa: PLC0415
        from ..models.node_execution_view_outputs_type_0 import (
            NodeExecutionViewOutputsType0,
        )  # noqa: PLC0415
        from ..models.node_execution_view_process_data_type_0 import (
            NodeExecutionViewProcessDataType0,
        )  # noqa: PLC0415
        from ..models.resolution_view import ResolutionView  # noqa: PLC0415
        from ..models.step_view import StepView  # noqa: PLC0415

        d = dict(src_dict)
        attempts = d.pop("attempts")

        id = d.pop("id")

        index = d.pop("index")

        input_tokens = d.pop("input_tokens")

        iteration_path = []
        _iteration_path = d.pop("iteration_path")
        for iteration_path_item_data in _iteration_path:
            iteration_path_item = StepView.from_dict(iteration_path_item_data)

            iteration_path.append(iteration_path_item)

        node_id = d.pop("node_id")

        output_tokens = d.pop("output_tokens")

        started_at = d.pop("started_at")

        status = d.pop("status")

        title = d.pop("title")

        type_ = d.pop("type")

        def _parse_elapsed_ms(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        elapsed_ms = _parse_elapsed_ms(d.pop("elapsed_ms", UNSET))

        def _parse_error(data: object) -> FailureView | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                error_type_0 = FailureView.from_dict(data)

                return error_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(FailureView | None | Unset, data)

        error = _parse_error(d.pop("error", UNSET))

        def _parse_inputs(data: object) -> NodeExecutionViewInputsType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                inputs_type_0 = NodeExecutionViewInputsType0.from_dict(data)

                return inputs_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(NodeExecutionViewInputsType0 | None | Unset, data)

        inputs = _parse_inputs(d.pop("inputs", UNSET))

        def _parse_outputs(
            data: object,
        ) -> NodeExecutionViewOutputsType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                outputs_type_0 = NodeExecutionViewOutputsType0.from_dict(data)

                return outputs_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(NodeExecutionViewOutputsType0 | None | Unset, data)

        outputs = _parse_outputs(d.pop("outputs", UNSET))

        def _parse_process_data(
            data: object,
        ) -> NodeExecutionViewProcessDataType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                process_data_type_0 = NodeExecutionViewProcessDataType0.from_dict(data)

                return process_data_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(NodeExecutionViewProcessDataType0 | None | Unset, data)

        process_data = _parse_process_data(d.pop("process_data", UNSET))

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

        node_execution_view = cls(
            attempts=attempts,
            id=id,
            index=index,
            input_tokens=input_tokens,
            iteration_path=iteration_path,
            node_id=node_id,
            output_tokens=output_tokens,
            started_at=started_at,
            status=status,
            title=title,
            type_=type_,
            elapsed_ms=elapsed_ms,
            error=error,
            inputs=inputs,
            outputs=outputs,
            process_data=process_data,
            resolution=resolution,
        )

        node_execution_view.additional_properties = d
        return node_execution_view

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
