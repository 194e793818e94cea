"""Pausing and cancelling: how soon the vendor hears no more, and what becomes of what is under way."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.postgres import PostgresServer
from tests.support.sending import check_counters, launch
from tests.support.service import RunningService
from tests.support.waiting import until
from tests.support.watched_simulator import Door, watched_simulator
from xencrm.campaigns.delivery import audience

PEOPLE = 900
BEGUN = 200
STILL_S = 2.0
ROLES = ("http", "prepare", "send", "tend", "receipt_queue")
OPEN = ("pending", "sending", "sent")
HELD_UP = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with watched_simulator(tmp_path) as door:
        await door.simulator.turn(success_rate=1.0, latency_ms=300)
        yield door


@pytest.fixture(params=[None, "simulator=150"], ids=["slow vendor", "limited rate"])
async def campaigns(
    request: pytest.FixtureRequest, postgres: PostgresServer, door: Door
) -> AsyncIterator[RunningService]:
    """Most of what is claimed waits for its call, or for the rate to let it pass."""
    settings: dict[str, Any] = {
        "simulator_url": door.url,
        "send_batch": 20 if request.param is None else 200,
        "send_lease_s": 9,
        "vendor_rates": request.param,
    }
    async with running_campaigns(postgres, roles=ROLES, **settings) as running:
        await add_customers(running, [customer() for _ in range(PEOPLE)])
        yield running
        await check_counters(running)


async def stats_of(campaigns: RunningService, campaign_id: UUID) -> dict[str, Any]:
    return dict((await campaigns.get(f"/campaigns/{campaign_id}/stats"))[1])


async def stopped_in_mid_sending(
    campaigns: RunningService, door: Door, campaign_id: UUID, verb: str
) -> dict[str, Any]:
    """The numbers when nothing is claimed any more, once no call has begun for a while.

    None began later than allowed after the answer.
    """

    async def accepted() -> int:
        return int((await door.simulator.get("/v1/stats"))["accepted"])

    async def stats() -> dict[str, Any]:
        return await stats_of(campaigns, campaign_id)

    await until(accepted, lambda count: count >= BEGUN)
    status, _ = await campaigns.ask("POST", f"/campaigns/{campaign_id}/{verb}")
    answered = asyncio.get_running_loop().time()
    assert status == 200
    found = await until(stats, lambda seen: seen["sending"] == seen["sent"] == 0)
    await asyncio.sleep(STILL_S + 1 - (asyncio.get_running_loop().time() - answered))
    assert max(door.times) < answered + STILL_S
    assert await accepted() == found["delivered"] < PEOPLE
    return found


async def test_a_pause_ends_the_calls_gives_back_what_is_claimed_and_nothing_is_lost_by_it(
    campaigns: RunningService, door: Door
) -> None:
    campaign_id = await launch(campaigns, prepare=False)
    stats = await stopped_in_mid_sending(campaigns, door, campaign_id, "pause")
    assert stats["pending"] == PEOPLE - stats["delivered"]
    left = await campaigns.rows(
        "SELECT count(*) FROM communication_log WHERE lease IS NOT NULL AND state = 'PENDING'"
    )
    assert left[0][0] == 0
    await door.simulator.turn(latency_ms=0)
    await campaigns.ask("POST", f"/campaigns/{campaign_id}/resume")
    await campaigns.until("SELECT status FROM campaigns", "COMPLETED")
    stats = await stats_of(campaigns, campaign_id)
    vendor = await door.simulator.get("/v1/stats")
    assert stats["delivered"] == vendor["accepted"] == vendor["unique_accepted"] == PEOPLE
    attempts = await campaigns.rows("SELECT max(attempt) FROM communication_log")
    assert attempts[0][0] == 1


async def test_a_cancel_ends_the_calls_and_what_was_not_handed_over_is_cancelled(
    campaigns: RunningService, door: Door
) -> None:
    campaign_id = await launch(campaigns, prepare=False)
    stats = await stopped_in_mid_sending(campaigns, door, campaign_id, "cancel")
    stats = await stats_of(campaigns, campaign_id)
    assert [stats[state] for state in OPEN] == [0, 0, 0]
    assert stats["cancelled"] == PEOPLE - stats["delivered"]


async def test_a_cancel_while_the_audience_is_written_ends_within_a_chunk(postgres: PostgresServer) -> None:
    async with running_campaigns(postgres, roles=("http", "tend")) as campaigns:
        await add_customers(campaigns, [customer() for _ in range(3 * audience.CHUNK)])
        campaign_id = await launch(campaigns, prepare=False)

        async def stats() -> dict[str, Any]:
            return await stats_of(campaigns, campaign_id)

        async with campaigns.database.transaction() as tx:
            await tx.execute(text("LOCK TABLE campaign_stats IN SHARE MODE"))
            writing = asyncio.create_task(audience.prepare_chunk(campaigns.database, campaign_id, zone="UTC"))
            await campaigns.until(f"{HELD_UP} AND query LIKE '%SET audience = audience%'", 1)
            cancelling = asyncio.create_task(campaigns.ask("POST", f"/campaigns/{campaign_id}/cancel"))
            await campaigns.until(f"{HELD_UP} AND query LIKE '%FROM campaigns%'", 1)
        assert await writing
        assert (await cancelling)[0] == 200
        at_once = await stats()
        assert at_once["status"] == "CANCELLED"
        assert not await audience.prepare_chunk(campaigns.database, campaign_id, zone="UTC")
        ended = await until(stats, lambda seen: seen["cancelled"] == seen["audience"])
        assert ended["audience"] == at_once["audience"] == audience.CHUNK
        await check_counters(campaigns)


async def test_a_pause_while_the_audience_is_written_goes_on_where_it_was(postgres: PostgresServer) -> None:
    people = 2 * audience.CHUNK + 1
    async with running_campaigns(postgres, roles=("http",)) as campaigns:
        await add_customers(campaigns, [customer() for _ in range(people)])
        campaign_id = await launch(campaigns, prepare=False)
        assert await audience.prepare_chunk(campaigns.database, campaign_id, zone="UTC")
        assert (await campaigns.ask("POST", f"/campaigns/{campaign_id}/pause"))[0] == 200
        assert not await audience.prepare_chunk(campaigns.database, campaign_id, zone="UTC")
        await campaigns.ask("POST", f"/campaigns/{campaign_id}/resume")
        while await audience.prepare_chunk(campaigns.database, campaign_id, zone="UTC"):
            pass
        stats = await stats_of(campaigns, campaign_id)
        assert (stats["status"], stats["audience"], stats["pending"]) == ("RUNNING", people, people)
        await check_counters(campaigns)
