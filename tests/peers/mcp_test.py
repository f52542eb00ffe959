"""The official MCP package's clients, with a handshake and without, against a server's /mcp: BASE and MCP (a key) from the environment."""
import asyncio
import json
import os

import httpx2
from mcp import ClientSession
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client

URL = f"{os.environ['BASE']}/mcp"
HEADERS = {"Authorization": f"Bearer {os.environ['MCP']}"}


async def use(client):
    tools = (await client.list_tools()).tools
    assert [tool.name for tool in tools] == ["light"], tools
    assert tools[0].input_schema["properties"]["name"]["maxLength"] == 200, tools
    answer = await client.call_tool("light", {"name": "Ada"})
    assert json.loads(answer.content[0].text) == {"greeting": "Hello Ada"}, answer
    assert answer.structured_content == {"greeting": "Hello Ada"}, answer
    refused = await client.call_tool("light", {"name": "x" * 300})
    assert refused.is_error and "name" in refused.content[0].text, refused


async def main():
    async with httpx2.AsyncClient(headers=HEADERS, timeout=60) as http:
        async with streamable_http_client(URL, http_client=http) as streams:
            async with ClientSession(streams[0], streams[1]) as session:
                await session.initialize()
                await use(session)
        async with Client(streamable_http_client(URL, http_client=http)) as client:
            await use(client)


asyncio.run(main())
print("ok")
