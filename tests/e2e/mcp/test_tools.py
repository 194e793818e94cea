"""Each tool at running services: a good call, one that cannot be done, one that the key may not make."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from tests.support.mcp import NEW, OLD, admin, key_with, speaking
from tests.support.mcp_calls import IMPOSSIBLE, MADE, WELL_FORMED, Workshop, open_workshop
from tests.support.product import Product
from tests.support.waiting import until
from xencrm.mcp_server.tool import Tool
from xencrm.mcp_server.tools.table import BY_NAME, TOOLS

EVERY_TOOL = pytest.mark.parametrize("tool", TOOLS, ids=[tool.name for tool in TOOLS])
SLOW = {"latency_ms": 4000}


@pytest.fixture(scope="module")
async def workshop(product: Product) -> AsyncIterator[Workshop]:
    """Whose campaigns take a while."""
    opened = await open_workshop(product)
    await opened.turn(**SLOW)
    yield opened
    await opened.turn()


def test_no_tool_is_without_its_calls() -> None:
    assert BY_NAME.keys() == WELL_FORMED.keys() == IMPOSSIBLE.keys() == MADE


@EVERY_TOOL
async def test_a_good_call_is_answered_as_the_tool_says(workshop: Workshop, tool: Tool[Any, Any]) -> None:
    async with admin(workshop.product) as mcp:
        # The client compares structured content with the schemas that it was shown.
        shown = {each.name: each for each in (await mcp.client.list_tools()).tools}[tool.name]
        text, data = await mcp.ask(tool.name, **await workshop.good(tool.name))
    assert text
    assert shown.output_schema is not None
    assert data.keys() <= shown.output_schema["properties"].keys()
    assert set(shown.output_schema["required"]) <= data.keys()


@EVERY_TOOL
async def test_what_cannot_be_done_is_refused_with_what_to_do(product: Product, tool: Tool[Any, Any]) -> None:
    arguments, words = IMPOSSIBLE[tool.name]
    async with admin(product) as mcp:
        said = await mcp.refused(tool.name, **arguments)
    assert [word for word in words if word not in said] == [], said


@EVERY_TOOL
async def test_who_may_not_is_told_to_ask_a_person(product: Product, tool: Tool[Any, Any]) -> None:
    role = {"add_customer": "viewer", "add_order": "viewer", "dead_letters": "marketer"}.get(
        tool.name, "ingest" if tool.reads else "viewer"
    )
    async with speaking("http", NEW, product.url, await key_with(product, role)) as mcp:
        said = await mcp.refused(tool.name, **WELL_FORMED[tool.name])
    assert "Don't try again: tell the person" in said


async def test_when_its_key_is_revoked_each_tool_asks_for_another_one(product: Product) -> None:
    made = await product.ask("POST", "/api-keys", json={"name": "short", "role": "marketer"})
    async with speaking("stdio", OLD, product.url, made["key"]) as mcp:
        await mcp.ask("list_segments")
        await product.ask("DELETE", f"/api-keys/{made['key_id']}")
        for tool in TOOLS:
            asking = partial(mcp.said, tool.name, **WELL_FORMED[tool.name])
            await until(asking, lambda said: "put a working API key" in said)
