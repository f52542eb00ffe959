from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.form_action_view import FormActionView
    from ..models.form_answer_view import FormAnswerView
    from ..models.form_input_view import FormInputView
    from ..models.step_view import StepView


T = TypeVar("T", bound="FormView")


@_attrs_define
class FormView:
    """A form.

    Attributes:
        actions (list[FormActionView]): What can be chosen.
        content (str): The text, as markdown; `{{#$output.name#}}` stands where a field is.
        created_at (str): When it was asked.
        due_at (str): Until when it can be answered.
        id (str): Its id.
        inputs (list[FormInputView]): The fields, in order.
        iteration_path (list[StepView]): The rounds of the containers around the node.
        node_id (str): The node.
        run_id (str): The run that asks.
        state (str): open, answered, or closed when its run is over.
        title (str): The node's title.
        answer (FormAnswerView | None | Unset):
        answered_at (None | str | Unset): When it was answered, or its deadline has passed.
    """

    actions: list[FormActionView]
    content: str
    created_at: str
    due_at: str
    id: str
    inputs: list[FormInputView]
    iteration_path: list[StepView]
    node_id: str
    run_id: str
    state: str
    title: str
    answer: FormAnswerView | None | Unset = UNSET
    answered_at: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.form_action_view import FormActionView  # noqa: PLC0415
        from ..models.form_answer_view import FormAnswerView  # noqa: PLC0415
        from ..models.form_input_view import FormInputView  # noqa: PLC0415
        from ..models.step_view import StepView  # noqa: PLC0415

        actions = []
        for actions_item_data in self.actions:
            actions_item = actions_item_data.to_dict()
            actions.append(actions_item)

        content = self.content

        created_at = self.created_at

        due_at = self.due_at

        id = self.id

        inputs = []
        for inputs_item_data in self.inputs:
            inputs_item = inputs_item_data.to_dict()
            inputs.append(inputs_item)

        iteration_path = []
        for iteration_path_item_data in self.iteration_path:
            iteration_path_item = iteration_path_item_data.to_dict()
            iteration_path.append(iteration_path_item)

        node_id = self.node_id

        run_id = self.run_id

        state = self.state

        title = self.title

        answer: dict[str, Any] | None | Unset
        if isinstance(self.answer, Unset):
            answer = UNSET
        elif isinstance(self.answer, FormAnswerView):
            answer = self.answer.to_dict()
        else:
            answer = self.answer

        answered_at: None | str | Unset
        if isinstance(self.answered_at, Unset):
            answered_at = UNSET
        else:
            answered_at = self.answered_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "actions": actions,
                "content": content,
                "created_at": created_at,
                "due_at": due_at,
                "id": id,
                "inputs": inputs,
                "iteration_path": iteration_path,
                "node_id": node_id,
                "run_id": run_id,
                "state": state,
                "title": title,
            }
        )
        if answer is not UNSET:
            field_dict["answer"] = answer
        if answered_at is not UNSET:
            field_dict["answered_at"] = answered_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.form_action_view import FormActionView  # noqa: PLC0415
        from ..models.form_answer_view import FormAnswerView  # noqa: PLC0415
        from ..models.form_input_view import FormInputView  # noqa: PLC0415
        from ..models.step_view import StepView  # noqa: PLC0415

        d = dict(src_dict)
        actions = []
        _actions = d.pop("actions")
        for actions_item_data in _actions:
            actions_item = FormActionView.from_dict(actions_item_data)

            actions.append(actions_item)

        content = d.pop("content")

        created_at = d.pop("created_at")

        due_at = d.pop("due_at")

        id = d.pop("id")

        inputs = []
        _inputs = d.pop("inputs")
        for inputs_item_data in _inputs:
            inputs_item = FormInputView.from_dict(inputs_item_data)

            inputs.append(inputs_item)

        iteration_path = []
        _iteration_path = d.pop("iteration_path")
        for iteration_path_item_data in _iteration_path:
            iteration_path_item = StepView.from_dict(iteration_path_item_data)

            iteration_path.append(iteration_path_item)

        node_id = d.pop("node_id")

        run_id = d.pop("run_id")

        state = d.pop("state")

        title = d.pop("title")

        def _parse_answer(data: object) -> FormAnswerView | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                answer_type_0 = FormAnswerView.from_dict(data)

                return answer_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(FormAnswerView | None | Unset, data)

        answer = _parse_answer(d.pop("answer", UNSET))

        def _parse_answered_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        answered_at = _parse_answered_at(d.pop("answered_at", UNSET))

        form_view = cls(
            actions=actions,
            content=content,
            created_at=created_at,
            due_at=due_at,
            id=id,
            inputs=inputs,
            iteration_path=iteration_path,
            node_id=node_id,
            run_id=run_id,
            state=state,
            title=title,
            answer=answer,
            answered_at=answered_at,
        )

        form_view.additional_properties = d
        return form_view

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
