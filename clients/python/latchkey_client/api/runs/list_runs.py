from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.list_run_view import ListRunView
from ...models.problem import Problem
from ...types import UNSET, Unset
from typing import cast


def _get_kwargs(
    *,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
    workflow_id: str | Unset = UNSET,
    status: str | Unset = UNSET,
    environment: str | Unset = UNSET,
    end_user: str | Unset = UNSET,
    credential_id: str | Unset = UNSET,
    from_: str | Unset = UNSET,
    to: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["cursor"] = cursor

    params["workflow_id"] = workflow_id

    params["status"] = status

    params["environment"] = environment

    params["end_user"] = end_user

    params["credential_id"] = credential_id

    params["from"] = from_

    params["to"] = to

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/runs",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ListRunView | Problem | None:
    if response.status_code == 200:
        response_200 = ListRunView.from_dict(response.json())

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
) -> Response[ListRunView | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
    workflow_id: str | Unset = UNSET,
    status: str | Unset = UNSET,
    environment: str | Unset = UNSET,
    end_user: str | Unset = UNSET,
    credential_id: str | Unset = UNSET,
    from_: str | Unset = UNSET,
    to: str | Unset = UNSET,
) -> Response[ListRunView | Problem]:
    """Lists runs.

    Args:
        limit (int | Unset):
        cursor (str | Unset):
        workflow_id (str | Unset):
        status (str | Unset):
        environment (str | Unset):
        end_user (str | Unset):
        credential_id (str | Unset):
        from_ (str | Unset):
        to (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListRunView | Problem]
    """

    kwargs = _get_kwargs(
        limit=limit,
        cursor=cursor,
        workflow_id=workflow_id,
        status=status,
        environment=environment,
        end_user=end_user,
        credential_id=credential_id,
        from_=from_,
        to=to,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
    workflow_id: str | Unset = UNSET,
    status: str | Unset = UNSET,
    environment: str | Unset = UNSET,
    end_user: str | Unset = UNSET,
    credential_id: str | Unset = UNSET,
    from_: str | Unset = UNSET,
    to: str | Unset = UNSET,
) -> ListRunView | Problem | None:
    """Lists runs.

    Args:
        limit (int | Unset):
        cursor (str | Unset):
        workflow_id (str | Unset):
        status (str | Unset):
        environment (str | Unset):
        end_user (str | Unset):
        credential_id (str | Unset):
        from_ (str | Unset):
        to (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListRunView | Problem
    """

    return sync_detailed(
        client=client,
        limit=limit,
        cursor=cursor,
        workflow_id=workflow_id,
        status=status,
        environment=environment,
        end_user=end_user,
        credential_id=credential_id,
        from_=from_,
        to=to,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
    workflow_id: str | Unset = UNSET,
    status: str | Unset = UNSET,
    environment: str | Unset = UNSET,
    end_user: str | Unset = UNSET,
    credential_id: str | Unset = UNSET,
    from_: str | Unset = UNSET,
    to: str | Unset = UNSET,
) -> Response[ListRunView | Problem]:
    """Lists runs.

    Args:
        limit (int | Unset):
        cursor (str | Unset):
        workflow_id (str | Unset):
        status (str | Unset):
        environment (str | Unset):
        end_user (str | Unset):
        credential_id (str | Unset):
        from_ (str | Unset):
        to (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListRunView | Problem]
    """

    kwargs = _get_kwargs(
        limit=limit,
        cursor=cursor,
        workflow_id=workflow_id,
        status=status,
        environment=environment,
        end_user=end_user,
        credential_id=credential_id,
        from_=from_,
        to=to,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
    workflow_id: str | Unset = UNSET,
    status: str | Unset = UNSET,
    environment: str | Unset = UNSET,
    end_user: str | Unset = UNSET,
    credential_id: str | Unset = UNSET,
    from_: str | Unset = UNSET,
    to: str | Unset = UNSET,
) -> ListRunView | Problem | None:
    """Lists runs.

    Args:
        limit (int | Unset):
        cursor (str | Unset):
        workflow_id (str | Unset):
        status (str | Unset):
        environment (str | Unset):
        end_user (str | Unset):
        credential_id (str | Unset):
        from_ (str | Unset):
        to (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListRunView | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            limit=limit,
            cursor=cursor,
            workflow_id=workflow_id,
            status=status,
            environment=environment,
            end_user=end_user,
            credential_id=credential_id,
            from_=from_,
            to=to,
        )
    ).parsed
