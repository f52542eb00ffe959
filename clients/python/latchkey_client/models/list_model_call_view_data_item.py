from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.list_model_call_view_data_item_raw_usage_type_0 import (
        ListModelCallViewDataItemRawUsageType0,
    )
    from ..models.money_view import MoneyView
    from ..models.price_view import PriceView
    from ..models.step_view import StepView


T = TypeVar("T", bound="ListModelCallViewDataItem")


@_attrs_define
class ListModelCallViewDataItem:
    """One attempt against a provider.

    Attributes:
        attempt (int): Which attempt of the node, from 1.
        cache_read_tokens (int): Tokens read from the provider's cache.
        cache_write_tokens (int): Tokens written to the provider's cache.
        environment (str): The environment.
        id (str): Its id, which the provider was sent too.
        input_tokens (int): Tokens read, not from a cache.
        iteration_path (list[StepView]): The rounds of the containers around the node.
        model_type (str): What the model does: llm, text-embedding, rerank and so on.
        opened_at (str): When it was opened.
        outcome (str): open, succeeded, failed, cancelled, refused or lost.
        output_tokens (int): Tokens written, reasoning not counted.
        provider (str): The provider.
        reasoning_tokens (int): Tokens written as reasoning.
        api_key_id (None | str | Unset): The API key that called.
        closed_at (None | str | Unset): When it was closed.
        cost (MoneyView | None | Unset):
        credential_id (None | str | Unset): The credential that paid.
        credential_name (None | str | Unset): Its name at the time.
        credential_version (int | None | Unset): The version of its values.
        end_user (None | str | Unset): The end user's label.
        error_code (None | str | Unset): What went wrong.
        first_token_ms (int | None | Unset): From sending to the first token.
        http_status (int | None | Unset): The provider's HTTP status.
        latency_ms (int | None | Unset): From sending to the end.
        level (None | str | Unset): The level that decided.
        model (None | str | Unset): The model; null when the provider was asked about a credential only.
        node_execution_id (None | str | Unset): The node execution.
        node_id (None | str | Unset): The node.
        price (None | PriceView | Unset):
        provider_request_id (None | str | Unset): The provider's id of the request.
        raw_usage (ListModelCallViewDataItemRawUsageType0 | None | Unset): What the provider reported, as it reported
            it.
        run_id (None | str | Unset): The run.
        usage_source (None | str | Unset): reported, estimated, lost or none.
        version (int | None | Unset): The published version; null for a draft.
        workflow_id (None | str | Unset): The workflow.
        workflow_name (None | str | Unset): The workflow's name at the time.
    """

    attempt: int
    cache_read_tokens: int
    cache_write_tokens: int
    environment: str
    id: str
    input_tokens: int
    iteration_path: list[StepView]
    model_type: str
    opened_at: str
    outcome: str
    output_tokens: int
    provider: str
    reasoning_tokens: int
    api_key_id: None | str | Unset = UNSET
    closed_at: None | str | Unset = UNSET
    cost: MoneyView | None | Unset = UNSET
    credential_id: None | str | Unset = UNSET
    credential_name: None | str | Unset = UNSET
    credential_version: int | None | Unset = UNSET
    end_user: None | str | Unset = UNSET
    error_code: None | str | Unset = UNSET
    first_token_ms: int | None | Unset = UNSET
    http_status: int | None | Unset = UNSET
    latency_ms: int | None | Unset = UNSET
    level: None | str | Unset = UNSET
    model: None | str | Unset = UNSET
    node_execution_id: None | str | Unset = UNSET
    node_id: None | str | Unset = UNSET
    price: None | PriceView | Unset = UNSET
    provider_request_id: None | str | Unset = UNSET
    raw_usage: ListModelCallViewDataItemRawUsageType0 | None | Unset = UNSET
    run_id: None | str | Unset = UNSET
    usage_source: None | str | Unset = UNSET
    version: int | None | Unset = UNSET
    workflow_id: None | str | Unset = UNSET
    workflow_name: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.list_model_call_view_data_item_raw_usage_type_0 import (
            ListModelCallViewDataItemRawUsageType0,
        )  # noqa: PLC0415
        from ..models.money_view import MoneyView  # noqa: PLC0415
        from ..models.price_view import PriceView  # noqa: PLC0415
        from ..models.step_view import StepView  # noqa: PLC0415

        attempt = self.attempt

        cache_read_tokens = self.cache_read_tokens

        cache_write_tokens = self.cache_write_tokens

        environment = self.environment

        id = self.id

        input_tokens = self.input_tokens

        iteration_path = []
        for iteration_path_item_data in self.iteration_path:
            iteration_path_item = iteration_path_item_data.to_dict()
            iteration_path.append(iteration_path_item)

        model_type = self.model_type

        opened_at = self.opened_at

        outcome = self.outcome

        output_tokens = self.output_tokens

        provider = self.provider

        reasoning_tokens = self.reasoning_tokens

        api_key_id: None | str | Unset
        if isinstance(self.api_key_id, Unset):
            api_key_id = UNSET
        else:
            api_key_id = self.api_key_id

        closed_at: None | str | Unset
        if isinstance(self.closed_at, Unset):
            closed_at = UNSET
        else:
            closed_at = self.closed_at

        cost: dict[str, Any] | None | Unset
        if isinstance(self.cost, Unset):
            cost = UNSET
        elif isinstance(self.cost, MoneyView):
            cost = self.cost.to_dict()
        else:
            cost = self.cost

        credential_id: None | str | Unset
        if isinstance(self.credential_id, Unset):
            credential_id = UNSET
        else:
            credential_id = self.credential_id

        credential_name: None | str | Unset
        if isinstance(self.credential_name, Unset):
            credential_name = UNSET
        else:
            credential_name = self.credential_name

        credential_version: int | None | Unset
        if isinstance(self.credential_version, Unset):
            credential_version = UNSET
        else:
            credential_version = self.credential_version

        end_user: None | str | Unset
        if isinstance(self.end_user, Unset):
            end_user = UNSET
        else:
            end_user = self.end_user

        error_code: None | str | Unset
        if isinstance(self.error_code, Unset):
            error_code = UNSET
        else:
            error_code = self.error_code

        first_token_ms: int | None | Unset
        if isinstance(self.first_token_ms, Unset):
            first_token_ms = UNSET
        else:
            first_token_ms = self.first_token_ms

        http_status: int | None | Unset
        if isinstance(self.http_status, Unset):
            http_status = UNSET
        else:
            http_status = self.http_status

        latency_ms: int | None | Unset
        if isinstance(self.latency_ms, Unset):
            latency_ms = UNSET
        else:
            latency_ms = self.latency_ms

        level: None | str | Unset
        if isinstance(self.level, Unset):
            level = UNSET
        else:
            level = self.level

        model: None | str | Unset
        if isinstance(self.model, Unset):
            model = UNSET
        else:
            model = self.model

        node_execution_id: None | str | Unset
        if isinstance(self.node_execution_id, Unset):
            node_execution_id = UNSET
        else:
            node_execution_id = self.node_execution_id

        node_id: None | str | Unset
        if isinstance(self.node_id, Unset):
            node_id = UNSET
        else:
            node_id = self.node_id

        price: dict[str, Any] | None | Unset
        if isinstance(self.price, Unset):
            price = UNSET
        elif isinstance(self.price, PriceView):
            price = self.price.to_dict()
        else:
            price = self.price

        provider_request_id: None | str | Unset
        if isinstance(self.provider_request_id, Unset):
            provider_request_id = UNSET
        else:
            provider_request_id = self.provider_request_id

        raw_usage: dict[str, Any] | None | Unset
        if isinstance(self.raw_usage, Unset):
            raw_usage = UNSET
        elif isinstance(self.raw_usage, ListModelCallViewDataItemRawUsageType0):
            raw_usage = self.raw_usage.to_dict()
        else:
            raw_usage = self.raw_usage

        run_id: None | str | Unset
        if isinstance(self.run_id, Unset):
            run_id = UNSET
        else:
            run_id = self.run_id

        usage_source: None | str | Unset
        if isinstance(self.usage_source, Unset):
            usage_source = UNSET
        else:
            usage_source = self.usage_source

        version: int | None | Unset
        if isinstance(self.version, Unset):
            version = UNSET
        else:
            version = self.version

        workflow_id: None | str | Unset
        if isinstance(self.workflow_id, Unset):
            workflow_id = UNSET
        else:
            workflow_id = self.workflow_id

        workflow_name: None | str | Unset
        if isinstance(self.workflow_name, Unset):
            workflow_name = UNSET
        else:
            workflow_name = self.workflow_name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "attempt": attempt,
                "cache_read_tokens": cache_read_tokens,
                "cache_write_tokens": cache_write_tokens,
                "environment": environment,
                "id": id,
                "input_tokens": input_tokens,
                "iteration_path": iteration_path,
                "model_type": model_type,
                "opened_at": opened_at,
                "outcome": outcome,
                "output_tokens": output_tokens,
                "provider": provider,
                "reasoning_tokens": reasoning_tokens,
            }
        )
        if api_key_id is not UNSET:
            field_dict["api_key_id"] = api_key_id
        if closed_at is not UNSET:
            field_dict["closed_at"] = closed_at
        if cost is not UNSET:
            field_dict["cost"] = cost
        if credential_id is not UNSET:
            field_dict["credential_id"] = credential_id
        if credential_name is not UNSET:
            field_dict["credential_name"] = credential_name
        if credential_version is not UNSET:
            field_dict["credential_version"] = credential_version
        if end_user is not UNSET:
            field_dict["end_user"] = end_user
        if error_code is not UNSET:
            field_dict["error_code"] = error_code
        if first_token_ms is not UNSET:
            field_dict["first_token_ms"] = first_token_ms
        if http_status is not UNSET:
            field_dict["http_status"] = http_status
        if latency_ms is not UNSET:
            field_dict["latency_ms"] = latency_ms
        if level is not UNSET:
            field_dict["level"] = level
        if model is not UNSET:
            field_dict["model"] = model
        if node_execution_id is not UNSET:
            field_dict["node_execution_id"] = node_execution_id
        if node_id is not UNSET:
            field_dict["node_id"] = node_id
        if price is not UNSET:
            field_dict["price"] = price
        if provider_request_id is not UNSET:
            field_dict["provider_request_id"] = provider_request_id
        if raw_usage is not UNSET:
            field_dict["raw_usage"] = raw_usage
        if run_id is not UNSET:
            field_dict["run_id"] = run_id
        if usage_source is not UNSET:
            field_dict["usage_source"] = usage_source
        if version is not UNSET:
            field_dict["version"] = version
        if workflow_id is not UNSET:
            field_dict["workflow_id"] = workflow_id
        if workflow_name is not UNSET:
            field_dict["workflow_name"] = workflow_name

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.list_model_call_view_data_item_raw_usage_type_0 import (
            ListModelCallViewDataItemRawUsageType0,
        )  # noqa: PLC0415
        from ..models.money_view import MoneyView  # noqa: PLC0415
        from ..models.price_view import PriceView  # noqa: PLC0415
        from ..models.step_view import StepView  # noqa: PLC0415

        d = dict(src_dict)
        attempt = d.pop("attempt")

        cache_read_tokens = d.pop("cache_read_tokens")

        cache_write_tokens = d.pop("cache_write_tokens")

        environment = d.pop("environment")

        id = d.pop("id")

        input_tokens = d.pop("input_tokens")

        iteration_path = []
        _iteration_path = d.pop("iteration_path")
        for iteration_path_item_data in _iteration_path:
            iteration_path_item = StepView.from_dict(iteration_path_item_data)

            iteration_path.append(iteration_path_item)

        model_type = d.pop("model_type")

        opened_at = d.pop("opened_at")

        outcome = d.pop("outcome")

        output_tokens = d.pop("output_tokens")

        provider = d.pop("provider")

        reasoning_tokens = d.pop("reasoning_tokens")

        def _parse_api_key_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        api_key_id = _parse_api_key_id(d.pop("api_key_id", UNSET))

        def _parse_closed_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        closed_at = _parse_closed_at(d.pop("closed_at", UNSET))

        def _parse_cost(data: object) -> MoneyView | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                cost_type_0 = MoneyView.from_dict(data)

                return cost_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(MoneyView | None | Unset, data)

        cost = _parse_cost(d.pop("cost", UNSET))

        def _parse_credential_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        credential_id = _parse_credential_id(d.pop("credential_id", UNSET))

        def _parse_credential_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        credential_name = _parse_credential_name(d.pop("credential_name", UNSET))

        def _parse_credential_version(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        credential_version = _parse_credential_version(
            d.pop("credential_version", UNSET)
        )

        def _parse_end_user(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        end_user = _parse_end_user(d.pop("end_user", UNSET))

        def _parse_error_code(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        error_code = _parse_error_code(d.pop("error_code", UNSET))

        def _parse_first_token_ms(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        first_token_ms = _parse_first_token_ms(d.pop("first_token_ms", UNSET))

        def _parse_http_status(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        http_status = _parse_http_status(d.pop("http_status", UNSET))

        def _parse_latency_ms(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        latency_ms = _parse_latency_ms(d.pop("latency_ms", UNSET))

        def _parse_level(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        level = _parse_level(d.pop("level", UNSET))

        def _parse_model(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        model = _parse_model(d.pop("model", UNSET))

        def _parse_node_execution_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        node_execution_id = _parse_node_execution_id(d.pop("node_execution_id", UNSET))

        def _parse_node_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        node_id = _parse_node_id(d.pop("node_id", UNSET))

        def _parse_price(data: object) -> None | PriceView | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                price_type_0 = PriceView.from_dict(data)

                return price_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PriceView | Unset, data)

        price = _parse_price(d.pop("price", UNSET))

        def _parse_provider_request_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        provider_request_id = _parse_provider_request_id(
            d.pop("provider_request_id", UNSET)
        )

        def _parse_raw_usage(
            data: object,
        ) -> ListModelCallViewDataItemRawUsageType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                raw_usage_type_0 = ListModelCallViewDataItemRawUsageType0.from_dict(
                    data
                )

                return raw_usage_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ListModelCallViewDataItemRawUsageType0 | None | Unset, data)

        raw_usage = _parse_raw_usage(d.pop("raw_usage", UNSET))

        def _parse_run_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        run_id = _parse_run_id(d.pop("run_id", UNSET))

        def _parse_usage_source(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        usage_source = _parse_usage_source(d.pop("usage_source", UNSET))

        def _parse_version(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        version = _parse_version(d.pop("version", UNSET))

        def _parse_workflow_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        workflow_id = _parse_workflow_id(d.pop("workflow_id", UNSET))

        def _parse_workflow_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        workflow_name = _parse_workflow_name(d.pop("workflow_name", UNSET))

        list_model_call_view_data_item = cls(
            attempt=attempt,
            cache_read_tokens=cache_read_tokens,
            cache_write_tokens=cache_write_tokens,
            environment=environment,
            id=id,
            input_tokens=input_tokens,
            iteration_path=iteration_path,
            model_type=model_type,
            opened_at=opened_at,
            outcome=outcome,
            output_tokens=output_tokens,
            provider=provider,
            reasoning_tokens=reasoning_tokens,
            api_key_id=api_key_id,
            closed_at=closed_at,
            cost=cost,
            credential_id=credential_id,
            credential_name=credential_name,
            credential_version=credential_version,
            end_user=end_user,
            error_code=error_code,
            first_token_ms=first_token_ms,
            http_status=http_status,
            latency_ms=latency_ms,
            level=level,
            model=model,
            node_execution_id=node_execution_id,
            node_id=node_id,
            price=price,
            provider_request_id=provider_request_id,
            raw_usage=raw_usage,
            run_id=run_id,
            usage_source=usage_source,
            version=version,
            workflow_id=workflow_id,
            workflow_name=workflow_name,
        )

        list_model_call_view_data_item.additional_properties = d
        return list_model_call_view_data_item

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
