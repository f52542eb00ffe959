from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.problem import Problem
from ...models.workflow_limits_view import WorkflowLimitsView
from ...types import UNSET, Unset
from typing import cast


def _get_kwargs(
    id: str,
    *,
    end_user: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["end_user"] = end_user

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/workflows/{id}/limits".format(
            id=quote(str(id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | WorkflowLimitsView | None:
    if response.status_code == 200:
        response_200 = WorkflowLimitsView.from_dict(response.json())

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
) -> Response[Problem | WorkflowLimitsView]:
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
    end_user: str | Unset = UNSET,
) -> Response[Problem | WorkflowLimitsView]:
    """Reads limits and budgets of a workflow and of its end users, and how they stand.

    Args:
        id (str):
        end_user (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | WorkflowLimitsView]
    """

    kwargs = _get_kwargs(
        id=id,
        end_user=end_user,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    end_user: str | Unset = UNSET,
) -> Problem | WorkflowLimitsView | None:
    """Reads limits and budgets of a workflow and of its end users, and how they stand.

    Args:
        id (str):
        end_user (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | WorkflowLimitsView
    """

    return sync_detailed(
        id=id,
        client=client,
        end_user=end_user,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    end_user: str | Unset = UNSET,
) -> Response[Problem | WorkflowLimitsView]:
    """Reads limits and budgets of a workflow and of its end users, and how they stand.

    Args:
        id (str):
        end_user (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | WorkflowLimitsView]
    """

    kwargs = _get_kwargs(
        id=id,
        end_user=end_user,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    end_user: str | Unset = UNSET,
) -> Problem | WorkflowLimitsView | None:
    """Reads limits and budgets of a workflow and of its end users, and how they stand.

    Args:
        id (str):
        end_user (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | WorkflowLimitsView
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            end_user=end_user,
        )
    ).parsed
