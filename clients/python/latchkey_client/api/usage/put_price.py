from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.price_body import PriceBody
from ...models.problem import Problem
from ...models.stated_price_view import StatedPriceView
from typing import cast


def _get_kwargs(
    *,
    body: PriceBody,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/api/v1/prices",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | StatedPriceView | None:
    if response.status_code == 200:
        response_200 = StatedPriceView.from_dict(response.json())

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
) -> Response[Problem | StatedPriceView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: PriceBody,
) -> Response[Problem | StatedPriceView]:
    """States the price of a model since a time.

     It is stronger than the catalogue's and holds for calls opened from then on; rows of the ledger keep
    the price that they have. What was stated for the same model and time is replaced. Needs
    `credentials:write`.

    Args:
        body (PriceBody): A price that is stated. Amounts are decimal texts; `"0"` means that it
            costs nothing.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | StatedPriceView]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    body: PriceBody,
) -> Problem | StatedPriceView | None:
    """States the price of a model since a time.

     It is stronger than the catalogue's and holds for calls opened from then on; rows of the ledger keep
    the price that they have. What was stated for the same model and time is replaced. Needs
    `credentials:write`.

    Args:
        body (PriceBody): A price that is stated. Amounts are decimal texts; `"0"` means that it
            costs nothing.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | StatedPriceView
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: PriceBody,
) -> Response[Problem | StatedPriceView]:
    """States the price of a model since a time.

     It is stronger than the catalogue's and holds for calls opened from then on; rows of the ledger keep
    the price that they have. What was stated for the same model and time is replaced. Needs
    `credentials:write`.

    Args:
        body (PriceBody): A price that is stated. Amounts are decimal texts; `"0"` means that it
            costs nothing.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | StatedPriceView]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: PriceBody,
) -> Problem | StatedPriceView | None:
    """States the price of a model since a time.

     It is stronger than the catalogue's and holds for calls opened from then on; rows of the ledger keep
    the price that they have. What was stated for the same model and time is replaced. Needs
    `credentials:write`.

    Args:
        body (PriceBody): A price that is stated. Amounts are decimal texts; `"0"` means that it
            costs nothing.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | StatedPriceView
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
