from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.problem import Problem
from ...models.tool_provider_change_body import ToolProviderChangeBody
from ...models.tool_provider_view import ToolProviderView
from ...types import UNSET, Unset
from typing import cast


def _get_kwargs(
    id: str,
    *,
    body: ToolProviderChangeBody | Unset = UNSET,
    if_match: None | str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["If-Match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/api/v1/tool-providers/{id}".format(
            id=quote(str(id), safe=""),
        ),
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | ToolProviderView | None:
    if response.status_code == 200:
        response_200 = ToolProviderView.from_dict(response.json())

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
) -> Response[Problem | ToolProviderView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    body: ToolProviderChangeBody | Unset = UNSET,
    if_match: None | str | Unset = UNSET,
) -> Response[Problem | ToolProviderView]:
    """Changes a tool provider, if it is still that of `If-Match`.

    Args:
        id (str):
        if_match (None | str | Unset):
        body (ToolProviderChangeBody | Unset): What is changed of a tool provider; absent fields
            stay.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | ToolProviderView]
    """

    kwargs = _get_kwargs(
        id=id,
        body=body,
        if_match=if_match,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    body: ToolProviderChangeBody | Unset = UNSET,
    if_match: None | str | Unset = UNSET,
) -> Problem | ToolProviderView | None:
    """Changes a tool provider, if it is still that of `If-Match`.

    Args:
        id (str):
        if_match (None | str | Unset):
        body (ToolProviderChangeBody | Unset): What is changed of a tool provider; absent fields
            stay.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | ToolProviderView
    """

    return sync_detailed(
        id=id,
        client=client,
        body=body,
        if_match=if_match,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    body: ToolProviderChangeBody | Unset = UNSET,
    if_match: None | str | Unset = UNSET,
) -> Response[Problem | ToolProviderView]:
    """Changes a tool provider, if it is still that of `If-Match`.

    Args:
        id (str):
        if_match (None | str | Unset):
        body (ToolProviderChangeBody | Unset): What is changed of a tool provider; absent fields
            stay.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | ToolProviderView]
    """

    kwargs = _get_kwargs(
        id=id,
        body=body,
        if_match=if_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    body: ToolProviderChangeBody | Unset = UNSET,
    if_match: None | str | Unset = UNSET,
) -> Problem | ToolProviderView | None:
    """Changes a tool provider, if it is still that of `If-Match`.

    Args:
        id (str):
        if_match (None | str | Unset):
        body (ToolProviderChangeBody | Unset): What is changed of a tool provider; absent fields
            stay.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | ToolProviderView
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            body=body,
            if_match=if_match,
        )
    ).parsed
