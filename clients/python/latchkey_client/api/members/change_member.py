from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.member_change_body import MemberChangeBody
from ...models.problem import Problem
from ...models.workspace_member_view import WorkspaceMemberView
from ...types import UNSET, Unset
from typing import cast


def _get_kwargs(
    id: str,
    *,
    body: MemberChangeBody | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/api/v1/members/{id}".format(
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
) -> Problem | WorkspaceMemberView | None:
    if response.status_code == 200:
        response_200 = WorkspaceMemberView.from_dict(response.json())

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
) -> Response[Problem | WorkspaceMemberView]:
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
    body: MemberChangeBody | Unset = UNSET,
) -> Response[Problem | WorkspaceMemberView]:
    """Changes what a member may do.

     Nobody gives or takes a role that may do more than himself, and an owner always stays
    (`last_owner`).

    Args:
        id (str):
        body (MemberChangeBody | Unset): What is changed about a member; absent fields stay.
            Whoever is changed has to log in again.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | WorkspaceMemberView]
    """

    kwargs = _get_kwargs(
        id=id,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    body: MemberChangeBody | Unset = UNSET,
) -> Problem | WorkspaceMemberView | None:
    """Changes what a member may do.

     Nobody gives or takes a role that may do more than himself, and an owner always stays
    (`last_owner`).

    Args:
        id (str):
        body (MemberChangeBody | Unset): What is changed about a member; absent fields stay.
            Whoever is changed has to log in again.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | WorkspaceMemberView
    """

    return sync_detailed(
        id=id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    body: MemberChangeBody | Unset = UNSET,
) -> Response[Problem | WorkspaceMemberView]:
    """Changes what a member may do.

     Nobody gives or takes a role that may do more than himself, and an owner always stays
    (`last_owner`).

    Args:
        id (str):
        body (MemberChangeBody | Unset): What is changed about a member; absent fields stay.
            Whoever is changed has to log in again.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | WorkspaceMemberView]
    """

    kwargs = _get_kwargs(
        id=id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    body: MemberChangeBody | Unset = UNSET,
) -> Problem | WorkspaceMemberView | None:
    """Changes what a member may do.

     Nobody gives or takes a role that may do more than himself, and an owner always stays
    (`last_owner`).

    Args:
        id (str):
        body (MemberChangeBody | Unset): What is changed about a member; absent fields stay.
            Whoever is changed has to log in again.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | WorkspaceMemberView
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            body=body,
        )
    ).parsed
