from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.problem import Problem
from ...models.trigger_change_body import TriggerChangeBody
from ...models.trigger_view import TriggerView
from ...types import UNSET, Unset
from typing import cast


def _get_kwargs(
    id: str,
    trigger_id: str,
    *,
    body: TriggerChangeBody | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/api/v1/workflows/{id}/triggers/{trigger_id}".format(
            id=quote(str(id), safe=""),
            trigger_id=quote(str(trigger_id), safe=""),
        ),
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | TriggerView | None:
    if response.status_code == 200:
        response_200 = TriggerView.from_dict(response.json())

        return response_200

    if 400 <= response.status_code <= 499:
        response_4xx = Problem.from_dict(response.json())

        return response_4xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Problem | TriggerView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    id: str,
    trigger_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: TriggerChangeBody | Unset = UNSET,
) -> Response[Problem | TriggerView]:
    """Switches a trigger off or on, or changes the environment of its runs.

    Args:
        id (str):
        trigger_id (str):
        body (TriggerChangeBody | Unset): What is changed of a trigger.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | TriggerView]
    """

    kwargs = _get_kwargs(
        id=id,
        trigger_id=trigger_id,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    id: str,
    trigger_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: TriggerChangeBody | Unset = UNSET,
) -> Problem | TriggerView | None:
    """Switches a trigger off or on, or changes the environment of its runs.

    Args:
        id (str):
        trigger_id (str):
        body (TriggerChangeBody | Unset): What is changed of a trigger.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | TriggerView
    """

    return sync_detailed(
        id=id,
        trigger_id=trigger_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    id: str,
    trigger_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: TriggerChangeBody | Unset = UNSET,
) -> Response[Problem | TriggerView]:
    """Switches a trigger off or on, or changes the environment of its runs.

    Args:
        id (str):
        trigger_id (str):
        body (TriggerChangeBody | Unset): What is changed of a trigger.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | TriggerView]
    """

    kwargs = _get_kwargs(
        id=id,
        trigger_id=trigger_id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: str,
    trigger_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: TriggerChangeBody | Unset = UNSET,
) -> Problem | TriggerView | None:
    """Switches a trigger off or on, or changes the environment of its runs.

    Args:
        id (str):
        trigger_id (str):
        body (TriggerChangeBody | Unset): What is changed of a trigger.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | TriggerView
    """

    return (
        await asyncio_detailed(
            id=id,
            trigger_id=trigger_id,
            client=client,
            body=body,
        )
    ).parsed
