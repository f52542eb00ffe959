from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.problem import Problem
from ...models.usage_sums import UsageSums
from ...types import UNSET, Unset
from typing import cast


def _get_kwargs(
    id: str,
    *,
    group_by: str | Unset = UNSET,
    from_: str | Unset = UNSET,
    to: str | Unset = UNSET,
    credential_id: str | Unset = UNSET,
    workflow_id: str | Unset = UNSET,
    credential: str | Unset = UNSET,
    workflow: str | Unset = UNSET,
    provider: str | Unset = UNSET,
    model: str | Unset = UNSET,
    environment: str | Unset = UNSET,
    end_user: str | Unset = UNSET,
    node: str | Unset = UNSET,
    api_key: str | Unset = UNSET,
    level: str | Unset = UNSET,
    day: str | Unset = UNSET,
    usage_source: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["group_by"] = group_by

    params["from"] = from_

    params["to"] = to

    params["credential_id"] = credential_id

    params["workflow_id"] = workflow_id

    params["credential"] = credential

    params["workflow"] = workflow

    params["provider"] = provider

    params["model"] = model

    params["environment"] = environment

    params["end_user"] = end_user

    params["node"] = node

    params["api_key"] = api_key

    params["level"] = level

    params["day"] = day

    params["usage_source"] = usage_source

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/credentials/{id}/usage".format(
            id=quote(str(id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | UsageSums | None:
    if response.status_code == 200:
        response_200 = UsageSums.from_dict(response.json())

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
) -> Response[Problem | UsageSums]:
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
    group_by: str | Unset = UNSET,
    from_: str | Unset = UNSET,
    to: str | Unset = UNSET,
    credential_id: str | Unset = UNSET,
    workflow_id: str | Unset = UNSET,
    credential: str | Unset = UNSET,
    workflow: str | Unset = UNSET,
    provider: str | Unset = UNSET,
    model: str | Unset = UNSET,
    environment: str | Unset = UNSET,
    end_user: str | Unset = UNSET,
    node: str | Unset = UNSET,
    api_key: str | Unset = UNSET,
    level: str | Unset = UNSET,
    day: str | Unset = UNSET,
    usage_source: str | Unset = UNSET,
) -> Response[Problem | UsageSums]:
    """Sums up what one credential paid.

    Args:
        id (str):
        group_by (str | Unset):
        from_ (str | Unset):
        to (str | Unset):
        credential_id (str | Unset):
        workflow_id (str | Unset):
        credential (str | Unset):
        workflow (str | Unset):
        provider (str | Unset):
        model (str | Unset):
        environment (str | Unset):
        end_user (str | Unset):
        node (str | Unset):
        api_key (str | Unset):
        level (str | Unset):
        day (str | Unset):
        usage_source (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | UsageSums]
    """

    kwargs = _get_kwargs(
        id=id,
        group_by=group_by,
        from_=from_,
        to=to,
        credential_id=credential_id,
        workflow_id=workflow_id,
        credential=credential,
        workflow=workflow,
        provider=provider,
        model=model,
        environment=environment,
        end_user=end_user,
        node=node,
        api_key=api_key,
        level=level,
        day=day,
        usage_source=usage_source,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    group_by: str | Unset = UNSET,
    from_: str | Unset = UNSET,
    to: str | Unset = UNSET,
    credential_id: str | Unset = UNSET,
    workflow_id: str | Unset = UNSET,
    credential: str | Unset = UNSET,
    workflow: str | Unset = UNSET,
    provider: str | Unset = UNSET,
    model: str | Unset = UNSET,
    environment: str | Unset = UNSET,
    end_user: str | Unset = UNSET,
    node: str | Unset = UNSET,
    api_key: str | Unset = UNSET,
    level: str | Unset = UNSET,
    day: str | Unset = UNSET,
    usage_source: str | Unset = UNSET,
) -> Problem | UsageSums | None:
    """Sums up what one credential paid.

    Args:
        id (str):
        group_by (str | Unset):
        from_ (str | Unset):
        to (str | Unset):
        credential_id (str | Unset):
        workflow_id (str | Unset):
        credential (str | Unset):
        workflow (str | Unset):
        provider (str | Unset):
        model (str | Unset):
        environment (str | Unset):
        end_user (str | Unset):
        node (str | Unset):
        api_key (str | Unset):
        level (str | Unset):
        day (str | Unset):
        usage_source (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | UsageSums
    """

    return sync_detailed(
        id=id,
        client=client,
        group_by=group_by,
        from_=from_,
        to=to,
        credential_id=credential_id,
        workflow_id=workflow_id,
        credential=credential,
        workflow=workflow,
        provider=provider,
        model=model,
        environment=environment,
        end_user=end_user,
        node=node,
        api_key=api_key,
        level=level,
        day=day,
        usage_source=usage_source,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    group_by: str | Unset = UNSET,
    from_: str | Unset = UNSET,
    to: str | Unset = UNSET,
    credential_id: str | Unset = UNSET,
    workflow_id: str | Unset = UNSET,
    credential: str | Unset = UNSET,
    workflow: str | Unset = UNSET,
    provider: str | Unset = UNSET,
    model: str | Unset = UNSET,
    environment: str | Unset = UNSET,
    end_user: str | Unset = UNSET,
    node: str | Unset = UNSET,
    api_key: str | Unset = UNSET,
    level: str | Unset = UNSET,
    day: str | Unset = UNSET,
    usage_source: str | Unset = UNSET,
) -> Response[Problem | UsageSums]:
    """Sums up what one credential paid.

    Args:
        id (str):
        group_by (str | Unset):
        from_ (str | Unset):
        to (str | Unset):
        credential_id (str | Unset):
        workflow_id (str | Unset):
        credential (str | Unset):
        workflow (str | Unset):
        provider (str | Unset):
        model (str | Unset):
        environment (str | Unset):
        end_user (str | Unset):
        node (str | Unset):
        api_key (str | Unset):
        level (str | Unset):
        day (str | Unset):
        usage_source (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | UsageSums]
    """

    kwargs = _get_kwargs(
        id=id,
        group_by=group_by,
        from_=from_,
        to=to,
        credential_id=credential_id,
        workflow_id=workflow_id,
        credential=credential,
        workflow=workflow,
        provider=provider,
        model=model,
        environment=environment,
        end_user=end_user,
        node=node,
        api_key=api_key,
        level=level,
        day=day,
        usage_source=usage_source,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    group_by: str | Unset = UNSET,
    from_: str | Unset = UNSET,
    to: str | Unset = UNSET,
    credential_id: str | Unset = UNSET,
    workflow_id: str | Unset = UNSET,
    credential: str | Unset = UNSET,
    workflow: str | Unset = UNSET,
    provider: str | Unset = UNSET,
    model: str | Unset = UNSET,
    environment: str | Unset = UNSET,
    end_user: str | Unset = UNSET,
    node: str | Unset = UNSET,
    api_key: str | Unset = UNSET,
    level: str | Unset = UNSET,
    day: str | Unset = UNSET,
    usage_source: str | Unset = UNSET,
) -> Problem | UsageSums | None:
    """Sums up what one credential paid.

    Args:
        id (str):
        group_by (str | Unset):
        from_ (str | Unset):
        to (str | Unset):
        credential_id (str | Unset):
        workflow_id (str | Unset):
        credential (str | Unset):
        workflow (str | Unset):
        provider (str | Unset):
        model (str | Unset):
        environment (str | Unset):
        end_user (str | Unset):
        node (str | Unset):
        api_key (str | Unset):
        level (str | Unset):
        day (str | Unset):
        usage_source (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | UsageSums
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            group_by=group_by,
            from_=from_,
            to=to,
            credential_id=credential_id,
            workflow_id=workflow_id,
            credential=credential,
            workflow=workflow,
            provider=provider,
            model=model,
            environment=environment,
            end_user=end_user,
            node=node,
            api_key=api_key,
            level=level,
            day=day,
            usage_source=usage_source,
        )
    ).parsed
