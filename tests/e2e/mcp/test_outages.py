"""A service is away in the middle of conversations: each tool says so, and goes on when it is back."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from tests.support.away import away, standing_still
from tests.support.mcp import NEW, OLD, Conversation, Told, speaking
from tests.support.mcp_calls import Arguments, Workshop, open_workshop
from tests.support.product import Product
from tests.support.waiting import until
from xencrm.mcp_server.tool import Tool
from xencrm.mcp_server.tools.table import TOOLS

EVERY_TOOL = pytest.mark.parametrize("tool", TOOLS, ids=[tool.name for tool in TOOLS])
SERVICE = pytest.mark.parametrize("service", ["campaigns", "ingestion"])
OF_INGESTION = {"add_customer", "add_order", "dead_letters"}
AWAY = {"outage": True}


def needs(tool: Tool[Any, Any], service: str) -> bool:
    return tool.name in OF_INGESTION if service == "ingestion" else not tool.anyway


@dataclass(frozen=True)
class Outage:
    """What each tool told each of the conversations during it and afterwards."""

    during: dict[str, list[Told]]
    after: dict[str, list[Told]]


@pytest.fixture(scope="module")
async def outages(product: Product) -> dict[str, Outage]:
    """By the service that was away."""
    return {service: await outage_of(product, service) for service in ("campaigns", "ingestion")}


async def outage_of(product: Product, service: str) -> Outage:
    workshop, key = await open_workshop(product), product.credentials["api_key"]
    await workshop.turn(**AWAY)
    async with (
        speaking("stdio", OLD, product.url, key) as started,
        speaking("http", NEW, product.url, key) as asked,
    ):
        conversations = (started, asked)
        await until_answered(conversations)
        before = [await good_calls(workshop) for _ in conversations]
        async with away(product, service):
            during = await told_by_all(conversations, before)
        await until_answered(conversations)
        after = await told_by_all(conversations, [await good_calls(workshop) for _ in conversations])
    await workshop.turn()
    return Outage(during, after)


async def until_answered(conversations: Sequence[Conversation]) -> None:
    for mcp in conversations:
        await until(partial(mcp.call, "dead_letters", {}), lambda told: not told.is_refused)


async def good_calls(workshop: Workshop) -> dict[str, Arguments]:
    return {tool.name: await workshop.good(tool.name) for tool in TOOLS}


async def told_by_all(
    conversations: Sequence[Conversation], calls: Sequence[dict[str, Arguments]]
) -> dict[str, list[Told]]:
    """All tools at once, each in every conversation."""

    async def told(tool: str) -> list[Told]:
        asking = (mcp.call(tool, given[tool]) for mcp, given in zip(conversations, calls, strict=True))
        return list(await asyncio.gather(*asking))

    names = [tool.name for tool in TOOLS]
    return dict(zip(names, await asyncio.gather(*map(told, names)), strict=True))


@SERVICE
@EVERY_TOOL
async def test_while_a_service_is_away_a_tool_says_what_to_do_or_works_without_it(
    outages: dict[str, Outage], tool: Tool[Any, Any], service: str
) -> None:
    for told in outages[service].during[tool.name]:
        if not needs(tool, service):
            assert (told.is_refused, told.data is None) == (False, False), told.text
            continue
        assert (told.is_refused, told.data) == (True, None)
        assert f"{service} is away" in told.text
        assert "not reachable. Wait a minute and try again" in told.text
        assert "`xencrm up` starts it" in told.text
        assert tool.reads or "look before you repeat it" in told.text or "give order_id" in told.text


@SERVICE
@EVERY_TOOL
async def test_in_the_same_conversation_a_tool_works_when_the_service_is_back(
    outages: dict[str, Outage], tool: Tool[Any, Any], service: str
) -> None:
    for told in outages[service].after[tool.name]:
        assert (told.is_refused, told.data is None) == (False, False), told.text
        assert told.data.get("currency", "INR") == "INR"


async def test_a_service_that_answers_nobody_is_not_waited_for(product: Product) -> None:
    key = product.credentials["api_key"]
    async with (
        speaking("stdio", OLD, product.url, key) as started,
        speaking("http", NEW, product.url, key) as asked,
    ):
        await until_answered((started, asked))
        with standing_still(product, "campaigns"):
            # Clients give up after half a minute.
            async with asyncio.timeout(30):
                said = await asyncio.gather(started.refused("list_campaigns"), asked.refused("dashboard"))
        assert all("not reachable" in each for each in said)
        await until_answered((started, asked))
