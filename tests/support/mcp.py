"""The official MCP client, talking to an installation by each transport and revision of the protocol."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2
import mcp.client.session
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from tests.support.product import XENCRM, Product

OLD, NEW = "2025-06-18", "2026-07-28"


@dataclass(frozen=True)
class Told:
    """What a model gets to see of a call."""

    is_refused: bool
    text: str
    data: Any


@dataclass(frozen=True)
class Conversation:
    """Calls tools; answers are (text, structured content), refusals text."""

    client: Client

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> Told:
        result = await self.client.call_tool(tool, dict(arguments))
        (said,) = result.content
        assert said.type == "text"
        return Told(bool(result.is_error), said.text, result.structured_content)

    async def ask(self, tool: str, **arguments: Any) -> tuple[str, Any]:
        told = await self.call(tool, arguments)
        assert not told.is_refused, told.text
        return told.text, told.data

    async def refused(self, tool: str, **arguments: Any) -> str:
        told = await self.call(tool, arguments)
        assert told.is_refused, told.text
        return told.text

    async def said(self, tool: str, **arguments: Any) -> str:
        """Be it an answer or a refusal."""
        return (await self.call(tool, arguments)).text

    async def read(self, uri: str) -> Any:
        (content,) = (await self.client.read_resource(uri)).contents
        assert content.mime_type == "application/json"
        return json.loads(content.text)


async def key_with(product: Product, role: str = "marketer", **limits: Any) -> str:
    """Of a new program."""
    body = {"name": f"agent {uuid4().hex}", "role": role, **limits}
    return str((await product.ask("POST", "/api-keys", json=body))["key"])


@asynccontextmanager
async def admin(product: Product) -> AsyncIterator[Conversation]:
    """By HTTP, of the newest revision."""
    async with speaking("http", NEW, product.url, product.credentials["api_key"]) as mcp:
        yield mcp


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
