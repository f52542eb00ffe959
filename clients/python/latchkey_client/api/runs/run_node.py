from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.node_run_body import NodeRunBody
from ...models.problem import Problem
from ...models.run_view import RunView
from ...types import UNSET, Unset
from typing import cast


def _get_kwargs(
    id: str,
    node_id: str,
    *,
    body: NodeRunBody | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/workflows/{id}/nodes/{node_id}/run".format(
            id=quote(str(id), safe=""),
            node_id=quote(str(node_id), safe=""),
        ),
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | RunView | None:
    if response.status_code == 200:
        response_200 = RunView.from_dict(response.json())

        return response_200

    if response.status_code == 202:
        response_202 = RunView.from_dict(response.json())

        return response_202

    if 400 <= response.status_code <= 499:
        response_4xx = Problem.from_dict(response.json())

        return response_4xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Problem | RunView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    id: str,
    node_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: NodeRunBody | Unset = UNSET,
) -> Response[Problem | RunView]:
    """Runs one node of the draft, with stated values for the variables that it reads.

     A run of its own kind (`node_id`): the node's outputs stand in its node executions, after those of a
    start. Credentials are chosen
    and calls are written down as in every run. What a graph begins, ends and goes round with (`start`,
    `end`, `answer`, triggers, the
    starts and ends inside of containers) is refused (`node_not_alone`); a container runs with
    everything inside of it.

    Args:
        id (str):
        node_id (str):
        body (NodeRunBody | Unset): A run of one node of the draft.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | RunView]
    """

    kwargs = _get_kwargs(
        id=id,
        node_id=node_id,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    id: str,
    node_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: NodeRunBody | Unset = UNSET,
) -> Problem | RunView | None:
    """Runs one node of the draft, with stated values for the variables that it reads.

     A run of its own kind (`node_id`): the node's outputs stand in its node executions, after those of a
    start. Credentials are chosen
    and calls are written down as in every run. What a graph begins, ends and goes round with (`start`,
    `end`, `answer`, triggers, the
    starts and ends inside of containers) is refused (`node_not_alone`); a container runs with
    everything inside of it.

    Args:
        id (str):
        node_id (str):
        body (NodeRunBody | Unset): A run of one node of the draft.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | RunView
    """

    return sync_detailed(
        id=id,
        node_id=node_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    id: str,
    node_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: NodeRunBody | Unset = UNSET,
) -> Response[Problem | RunView]:
    """Runs one node of the draft, with stated values for the variables that it reads.

     A run of its own kind (`node_id`): the node's outputs stand in its node executions, after those of a
    start. Credentials are chosen
    and calls are written down as in every run. What a graph begins, ends and goes round with (`start`,
    `end`, `answer`, triggers, the
    starts and ends inside of containers) is refused (`node_not_alone`); a container runs with
    everything inside of it.

    Args:
        id (str):
        node_id (str):
        body (NodeRunBody | Unset): A run of one node of the draft.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | RunView]
    """

    kwargs = _get_kwargs(
        id=id,
        node_id=node_id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: str,
    node_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: NodeRunBody | Unset = UNSET,
) -> Problem | RunView | None:
    """Runs one node of the draft, with stated values for the variables that it reads.

     A run of its own kind (`node_id`): the node's outputs stand in its node executions, after those of a
    start. Credentials are chosen
    and calls are written down as in every run. What a graph begins, ends and goes round with (`start`,
    `end`, `answer`, triggers, the
    starts and ends inside of containers) is refused (`node_not_alone`); a container runs with
    everything inside of it.

    Args:
        id (str):
        node_id (str):
        body (NodeRunBody | Unset): A run of one node of the draft.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | RunView
    """

    return (
        await asyncio_detailed(
            id=id,
            node_id=node_id,
            client=client,
            body=body,
        )
    ).parsed
