from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.problem import Problem
from ...models.tool_bindings_body import ToolBindingsBody
from ...types import UNSET, Unset
from typing import cast


def _get_kwargs(
    *,
    body: ToolBindingsBody,
    workflow_id: str | Unset = UNSET,
    if_match: None | str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["If-Match"] = if_match

    params: dict[str, Any] = {}

    params["workflow_id"] = workflow_id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/api/v1/tool-bindings",
        "params": params,
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | ToolBindingsBody | None:
    if response.status_code == 200:
        response_200 = ToolBindingsBody.from_dict(response.json())

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
) -> Response[Problem | ToolBindingsBody]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: ToolBindingsBody,
    workflow_id: str | Unset = UNSET,
    if_match: None | str | Unset = UNSET,
) -> Response[Problem | ToolBindingsBody]:
    """Replaces what tools of documents are bound to, if it is still that of `If-Match`; effective at the
    next use.

    Args:
        workflow_id (str | Unset):
        if_match (None | str | Unset):
        body (ToolBindingsBody): What tools of documents are bound to.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | ToolBindingsBody]
    """

    kwargs = _get_kwargs(
        body=body,
        workflow_id=workflow_id,
        if_match=if_match,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    body: ToolBindingsBody,
    workflow_id: str | Unset = UNSET,
    if_match: None | str | Unset = UNSET,
) -> Problem | ToolBindingsBody | None:
    """Replaces what tools of documents are bound to, if it is still that of `If-Match`; effective at the
    next use.

    Args:
        workflow_id (str | Unset):
        if_match (None | str | Unset):
        body (ToolBindingsBody): What tools of documents are bound to.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | ToolBindingsBody
    """

    return sync_detailed(
        client=client,
        body=body,
        workflow_id=workflow_id,
        if_match=if_match,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: ToolBindingsBody,
    workflow_id: str | Unset = UNSET,
    if_match: None | str | Unset = UNSET,
) -> Response[Problem | ToolBindingsBody]:
    """Replaces what tools of documents are bound to, if it is still that of `If-Match`; effective at the
    next use.

    Args:
        workflow_id (str | Unset):
        if_match (None | str | Unset):
        body (ToolBindingsBody): What tools of documents are bound to.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | ToolBindingsBody]
    """

    kwargs = _get_kwargs(
        body=body,
        workflow_id=workflow_id,
        if_match=if_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: ToolBindingsBody,
    workflow_id: str | Unset = UNSET,
    if_match: None | str | Unset = UNSET,
) -> Problem | ToolBindingsBody | None:
    """Replaces what tools of documents are bound to, if it is still that of `If-Match`; effective at the
    next use.

    Args:
        workflow_id (str | Unset):
        if_match (None | str | Unset):
        body (ToolBindingsBody): What tools of documents are bound to.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | ToolBindingsBody
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            workflow_id=workflow_id,
            if_match=if_match,
        )
    ).parsed
