from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.document_view import DocumentView
from ...models.new_document_body import NewDocumentBody
from ...models.problem import Problem
from ...types import UNSET, Unset
from typing import cast


def _get_kwargs(
    id: str,
    *,
    body: NewDocumentBody | str | Unset = UNSET,
    name: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    params: dict[str, Any] = {}

    params["name"] = name

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/datasets/{id}/documents".format(
            id=quote(str(id), safe=""),
        ),
        "params": params,
    }

    if isinstance(body, NewDocumentBody):
        if not isinstance(body, Unset):
            _kwargs["json"] = body.to_dict()

        headers["Content-Type"] = "application/json"
    if isinstance(body, str):
        if not isinstance(body, Unset):
            _kwargs["content"] = body
        headers["Content-Type"] = "text/plain"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> DocumentView | Problem | None:
    if response.status_code == 201:
        response_201 = DocumentView.from_dict(response.json())

        return response_201

    if 400 <= response.status_code <= 499:
        response_4xx = Problem.from_dict(response.json())

        return response_4xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[DocumentView | Problem]:
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
    body: NewDocumentBody | str | Unset = UNSET,
    name: str | Unset = UNSET,
) -> Response[DocumentView | Problem]:
    """Adds a document, as JSON or as its plain text; it is indexed in the background.

    Args:
        id (str):
        name (str | Unset):
        body (NewDocumentBody | Unset): A document that is to be added: a text, or questions with
            their answers.
        body (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DocumentView | Problem]
    """

    kwargs = _get_kwargs(
        id=id,
        body=body,
        name=name,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    body: NewDocumentBody | str | Unset = UNSET,
    name: str | Unset = UNSET,
) -> DocumentView | Problem | None:
    """Adds a document, as JSON or as its plain text; it is indexed in the background.

    Args:
        id (str):
        name (str | Unset):
        body (NewDocumentBody | Unset): A document that is to be added: a text, or questions with
            their answers.
        body (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DocumentView | Problem
    """

    return sync_detailed(
        id=id,
        client=client,
        body=body,
        name=name,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    body: NewDocumentBody | str | Unset = UNSET,
    name: str | Unset = UNSET,
) -> Response[DocumentView | Problem]:
    """Adds a document, as JSON or as its plain text; it is indexed in the background.

    Args:
        id (str):
        name (str | Unset):
        body (NewDocumentBody | Unset): A document that is to be added: a text, or questions with
            their answers.
        body (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DocumentView | Problem]
    """

    kwargs = _get_kwargs(
        id=id,
        body=body,
        name=name,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    body: NewDocumentBody | str | Unset = UNSET,
    name: str | Unset = UNSET,
) -> DocumentView | Problem | None:
    """Adds a document, as JSON or as its plain text; it is indexed in the background.

    Args:
        id (str):
        name (str | Unset):
        body (NewDocumentBody | Unset): A document that is to be added: a text, or questions with
            their answers.
        body (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DocumentView | Problem
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            body=body,
            name=name,
        )
    ).parsed
