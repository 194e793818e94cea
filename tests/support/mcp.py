"""The official MCP client, talking to an installation by each transport and revision of the protocol."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import mcp.client.session
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from tests.support.product import XENCRM

OLD, NEW = "2025-06-18", "2026-07-28"


@dataclass(frozen=True)
class Conversation:
    """Calls tools; answers are (text, structured content), refusals text."""

    client: Client

    async def ask(self, tool: str, **arguments: Any) -> tuple[str, Any]:
        result = await self.client.call_tool(tool, arguments)
        (said,) = result.content
        assert said.type == "text"
        assert not result.is_error, said.text
        return said.text, result.structured_content

    async def refused(self, tool: str, **arguments: Any) -> str:
        result = await self.client.call_tool(tool, arguments)
        (said,) = result.content
        assert said.type == "text"
        assert result.is_error, said.text
        return said.text

    async def read(self, uri: str) -> Any:
        (content,) = (await self.client.read_resource(uri)).contents
        assert content.mime_type == "application/json"
        return json.loads(content.text)


@asynccontextmanager
async def speaking(transport: str, revision: str, url: str, key: str) -> AsyncIterator[Conversation]:
    """`transport` is stdio or http."""
    mode = "legacy" if revision == OLD else "auto"
    with pytest.MonkeyPatch.context() as patch:
        # What the SDK's client offers at the handshake; otherwise the newest that it knows.
        patch.setattr(mcp.client.session, "LATEST_HANDSHAKE_VERSION", OLD)
        async with _client(transport, mode, url, key) as client:
            assert client.session.protocol_version == revision
            yield Conversation(client)


@asynccontextmanager
async def _client(transport: str, mode: str, url: str, key: str) -> AsyncIterator[Client]:
    if transport == "stdio":
        environment = {"XENCRM_URL": url, "XENCRM_API_KEY": key}
        parameters = StdioServerParameters(command=str(XENCRM), args=["mcp"], env=environment)
        async with Client(parameters, mode=mode) as client:
            yield client
    else:
        headers = {"Authorization": f"Bearer {key}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=60) as http,
            Client(streamable_http_client(f"{url}/mcp", http_client=http), mode=mode) as client,
        ):
            yield client
