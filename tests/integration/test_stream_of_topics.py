"""Several things in one stream, over a real connection."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.events import Reader, reading
from tests.support.postgres import PostgresServer
from tests.support.sending import launch
from tests.support.service import RunningService


@pytest.fixture(scope="module")
async def running(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres) as campaigns:
        await add_customers(campaigns, [customer() for _ in range(4)])
        yield campaigns


def url_of(running: RunningService, topics: str, **more: str) -> str:
    rest = "".join(f"&{name}={value}" for name, value in more.items())
    return f"{running.url}/api/v1/stream?topics={topics}{rest}"


async def told(reader: Reader, *names: str) -> dict[str, Any]:
    """The first event of each name, whatever comes between."""
    found: dict[str, Any] = {}
    async with asyncio.timeout(30):
        while set(names) - set(found):
            event = await reader.next()
            assert event is not None
            found.setdefault(event.name, event.data)
    return found


async def finish(running: RunningService, campaign_id: UUID) -> None:
    await running.rows(
        "UPDATE campaigns SET status = 'COMPLETED', finished_at = now() WHERE campaign_id = :id RETURNING 1",
        id=campaign_id,
    )


async def test_all_topics_come_at_once_as_the_api_has_them(running: RunningService) -> None:
    campaign = await launch(running)
    topics = f"dashboard,operations,campaigns,campaign:{campaign},dashboard"
    async with reading(running.http, url_of(running, topics, days="7")) as reader:
        assert reader.response.headers["content-type"].partition(";")[0] == "text/event-stream"
        found = await told(reader, "dashboard", "operations", "campaigns", "campaign")
    assert found["dashboard"] == (await running.get("/dashboard", params={"days": "7"}))[1]
    assert len(found["dashboard"]["series"]["orders"]) == 7
    assert found["operations"].keys() == (await running.get("/operations"))[1].keys()
    (shown,) = [each for each in found["campaigns"]["items"] if each["campaign_id"] == str(campaign)]
    assert shown in (await running.get("/campaignStats"))[1]["items"]
    stats = (await running.get(f"/campaigns/{campaign}/stats"))[1]
    assert found["campaign"] == {"campaign_id": str(campaign), "stats": stats}


async def test_changes_are_told_and_the_end_of_a_campaign_ends_nothing(running: RunningService) -> None:
    campaign, other = await launch(running), await launch(running)
    topics = f"campaigns,campaign:{campaign},campaign:{other}"
    async with reading(running.http, url_of(running, topics)) as reader:
        await told(reader, "campaigns", "campaign")
        await finish(running, campaign)
        async with asyncio.timeout(30):
            while True:
                event = await reader.next()
                assert event is not None
                assert event.name in ("campaigns", "campaign")
                if event.name == "campaign" and event.data["stats"]["status"] == "COMPLETED":
                    break
        assert event.data["campaign_id"] == str(campaign)
        query = "UPDATE campaign_stats SET delivered = 3 WHERE campaign_id = :id RETURNING 1"
        await running.rows(query, id=campaign)
        async with asyncio.timeout(30):
            while (event := await reader.next()) is not None:
                if event.name == "campaigns" and any(each["delivered"] == 3 for each in event.data["items"]):
                    break
        assert event is not None


async def test_the_dashboard_follows_new_customers(running: RunningService) -> None:
    async with reading(running.http, url_of(running, "dashboard")) as reader:
        before = (await told(reader, "dashboard"))["dashboard"]["totals"]["customers"]
        await add_customers(running, [customer()])
        after = (await told(reader, "dashboard"))["dashboard"]["totals"]["customers"]
    assert after == before + 1


@pytest.mark.parametrize(
    "topics",
    ["", "weather", "dashboard,", "campaign:1", ",".join(f"campaign:{uuid4()}" for _ in range(21))],
)
async def test_topics_that_are_not_there_are_named(running: RunningService, topics: str) -> None:
    status, problem = await running.get("/stream", params={"topics": topics})
    assert (status, [error["field"] for error in problem["errors"]]) == (400, ["topics"])


async def test_a_stream_needs_its_campaigns_and_a_role(running: RunningService) -> None:
    assert (await running.get("/stream", params={"topics": f"campaign:{uuid4()}"}))[0] == 404
    assert (await running.get("/stream"))[0] == 400
    assert (await running.get("/stream", params={"topics": "dashboard"}, role="ingest"))[0] == 403
    assert (await running.get("/stream", params={"topics": "dashboard"}, role=None))[0] == 401
    status, _ = await asyncio.wait_for(
        running.ask("HEAD", "/stream", params={"topics": "dashboard"}), timeout=5
    )
    assert status == 200
