from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.import_body import ImportBody
from ...models.imported_view import ImportedView
from ...models.problem import Problem
from ...types import UNSET, Unset
from typing import cast


def _get_kwargs(
    *,
    body: ImportBody | str | Unset = UNSET,
    name: str | Unset = UNSET,
    workflow_id: str | Unset = UNSET,
    publish: bool | Unset = UNSET,
    dry_run: bool | Unset = UNSET,
    confirm_newer: bool | Unset = UNSET,
    bind: bool | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    params: dict[str, Any] = {}

    params["name"] = name

    params["workflow_id"] = workflow_id

    params["publish"] = publish

    params["dry_run"] = dry_run

    params["confirm_newer"] = confirm_newer

    params["bind"] = bind

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/workflows/import",
        "params": params,
    }

    if isinstance(body, ImportBody):
        if not isinstance(body, Unset):
            _kwargs["json"] = body.to_dict()

        headers["Content-Type"] = "application/json"
    if isinstance(body, str):
        if not isinstance(body, Unset):
            _kwargs["content"] = body
        headers["Content-Type"] = "application/yaml"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ImportedView | Problem | None:
    if response.status_code == 200:
        response_200 = ImportedView.from_dict(response.json())

        return response_200

    if response.status_code == 201:
        response_201 = ImportedView.from_dict(response.json())

        return response_201

    if response.status_code == 202:
        response_202 = ImportedView.from_dict(response.json())

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
) -> Response[ImportedView | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: ImportBody | str | Unset = UNSET,
    name: str | Unset = UNSET,
    workflow_id: str | Unset = UNSET,
    publish: bool | Unset = UNSET,
    dry_run: bool | Unset = UNSET,
    confirm_newer: bool | Unset = UNSET,
    bind: bool | Unset = UNSET,
) -> Response[ImportedView | Problem]:
    """Imports a file: its text as YAML, or JSON that holds it.

    Args:
        name (str | Unset):
        workflow_id (str | Unset):
        publish (bool | Unset):
        dry_run (bool | Unset):
        confirm_newer (bool | Unset):
        bind (bool | Unset):
        body (ImportBody | Unset): A file with how it is imported.
        body (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ImportedView | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
        name=name,
        workflow_id=workflow_id,
        publish=publish,
        dry_run=dry_run,
        confirm_newer=confirm_newer,
        bind=bind,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    body: ImportBody | str | Unset = UNSET,
    name: str | Unset = UNSET,
    workflow_id: str | Unset = UNSET,
    publish: bool | Unset = UNSET,
    dry_run: bool | Unset = UNSET,
    confirm_newer: bool | Unset = UNSET,
    bind: bool | Unset = UNSET,
) -> ImportedView | Problem | None:
    """Imports a file: its text as YAML, or JSON that holds it.

    Args:
        name (str | Unset):
        workflow_id (str | Unset):
        publish (bool | Unset):
        dry_run (bool | Unset):
        confirm_newer (bool | Unset):
        bind (bool | Unset):
        body (ImportBody | Unset): A file with how it is imported.
        body (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ImportedView | Problem
    """

    return sync_detailed(
        client=client,
        body=body,
        name=name,
        workflow_id=workflow_id,
        publish=publish,
        dry_run=dry_run,
        confirm_newer=confirm_newer,
        bind=bind,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: ImportBody | str | Unset = UNSET,
    name: str | Unset = UNSET,
    workflow_id: str | Unset = UNSET,
    publish: bool | Unset = UNSET,
    dry_run: bool | Unset = UNSET,
    confirm_newer: bool | Unset = UNSET,
    bind: bool | Unset = UNSET,
) -> Response[ImportedView | Problem]:
    """Imports a file: its text as YAML, or JSON that holds it.

    Args:
        name (str | Unset):
        workflow_id (str | Unset):
        publish (bool | Unset):
        dry_run (bool | Unset):
        confirm_newer (bool | Unset):
        bind (bool | Unset):
        body (ImportBody | Unset): A file with how it is imported.
        body (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ImportedView | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
        name=name,
        workflow_id=workflow_id,
        publish=publish,
        dry_run=dry_run,
        confirm_newer=confirm_newer,
        bind=bind,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: ImportBody | str | Unset = UNSET,
    name: str | Unset = UNSET,
    workflow_id: str | Unset = UNSET,
    publish: bool | Unset = UNSET,
    dry_run: bool | Unset = UNSET,
    confirm_newer: bool | Unset = UNSET,
    bind: bool | Unset = UNSET,
) -> ImportedView | Problem | None:
    """Imports a file: its text as YAML, or JSON that holds it.

    Args:
        name (str | Unset):
        workflow_id (str | Unset):
        publish (bool | Unset):
        dry_run (bool | Unset):
        confirm_newer (bool | Unset):
        bind (bool | Unset):
        body (ImportBody | Unset): A file with how it is imported.
        body (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ImportedView | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            name=name,
            workflow_id=workflow_id,
            publish=publish,
            dry_run=dry_run,
            confirm_newer=confirm_newer,
            bind=bind,
        )
    ).parsed
