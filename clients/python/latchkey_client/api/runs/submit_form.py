from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.form_body import FormBody
from ...models.form_view import FormView
from ...models.problem import Problem
from typing import cast


def _get_kwargs(
    id: str,
    form_id: str,
    *,
    body: FormBody,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/runs/{id}/forms/{form_id}".format(
            id=quote(str(id), safe=""),
            form_id=quote(str(form_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> FormView | Problem | None:
    if response.status_code == 200:
        response_200 = FormView.from_dict(response.json())

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
) -> Response[FormView | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    id: str,
    form_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: FormBody,
) -> Response[FormView | Problem]:
    """Answers a form; the first answer wins, and its run goes on.

    Args:
        id (str):
        form_id (str):
        body (FormBody): An answer to a form.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[FormView | Problem]
    """

    kwargs = _get_kwargs(
        id=id,
        form_id=form_id,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    id: str,
    form_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: FormBody,
) -> FormView | Problem | None:
    """Answers a form; the first answer wins, and its run goes on.

    Args:
        id (str):
        form_id (str):
        body (FormBody): An answer to a form.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        FormView | Problem
    """

    return sync_detailed(
        id=id,
        form_id=form_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    id: str,
    form_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: FormBody,
) -> Response[FormView | Problem]:
    """Answers a form; the first answer wins, and its run goes on.

    Args:
        id (str):
        form_id (str):
        body (FormBody): An answer to a form.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[FormView | Problem]
    """

    kwargs = _get_kwargs(
        id=id,
        form_id=form_id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: str,
    form_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: FormBody,
) -> FormView | Problem | None:
    """Answers a form; the first answer wins, and its run goes on.

    Args:
        id (str):
        form_id (str):
        body (FormBody): An answer to a form.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        FormView | Problem
    """

    return (
        await asyncio_detailed(
            id=id,
            form_id=form_id,
            client=client,
            body=body,
        )
    ).parsed
