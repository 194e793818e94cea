"""Writing down audiences: how much one chunk looks at, and who waits for whom."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.postgres import PostgresServer
from tests.support.sending import check_counters
from tests.support.service import RunningService
from tests.support.waiting import until
from xencrm.campaigns.delivery.audience import list_preparing, prepare_chunk
from xencrm.campaigns.delivery.stride import FEWEST, FIRST, STEP, Stride
from xencrm.campaigns.delivery.tending import preparing

PEOPLE = 95
CITIES = ("Pune", "Goa")
POSITION = """
    SELECT (SELECT count(*) FROM customers_mv WHERE customer_id <= prepare_position), status
    FROM campaigns WHERE campaign_id = :id
"""
AUDIENCE = "SELECT customer_id FROM communication_log WHERE campaign_id = :id ORDER BY customer_id"


@pytest.fixture
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres, roles=("http",)) as running:
        await add_customers(
            running, [customer(attributes={"city": CITIES[place % 2]}) for place in range(PEOPLE)]
        )
        yield running
        await check_counters(running)


async def launch(campaigns: RunningService, *, city: str, **fields: Any) -> UUID:
    rule = {"field": "attributes.city", "operator": "=", "value": city}
    rules = {"combinator": "and", "rules": [rule]}
    _, segment = await campaigns.post("/segments", {"name": uuid4().hex, "rules": rules})
    body = {"name": "A", "segment_id": segment["segment_id"], "message_template": "Hi", **fields}
    _, made = await campaigns.post("/campaigns", body)
    status, _ = await campaigns.ask("POST", f"/campaigns/{made['campaign_id']}/launch")
    assert status == 202
    return UUID(made["campaign_id"])


async def looked_at(campaigns: RunningService, campaign_id: UUID) -> tuple[int, str]:
    row = (await campaigns.rows(POSITION, id=campaign_id))[0]
    return row[0], row[1]


async def audience_of(campaigns: RunningService, campaign_id: UUID) -> list[UUID]:
    return [row[0] for row in await campaigns.rows(AUDIENCE, id=campaign_id)]


async def living_in(campaigns: RunningService, city: str) -> list[UUID]:
    query = "SELECT customer_id FROM customers_mv WHERE attributes->>'city' = :city ORDER BY customer_id"
    return [row[0] for row in await campaigns.rows(query, city=city)]


@pytest.mark.parametrize("city", ["nowhere", "Pune"])
async def test_a_chunk_looks_at_no_more_profiles_than_its_stride(
    campaigns: RunningService, city: str
) -> None:
    campaign_id = await launch(campaigns, city=city)
    seen: Sequence[tuple[int, str]] = []
    more = True
    while more:
        more = await prepare_chunk(campaigns.database, campaign_id, Stride(profiles=10), zone="UTC")
        seen = [*seen, await looked_at(campaigns, campaign_id)]
    assert seen == [*((count, "PREPARING") for count in range(10, PEOPLE, 10)), (PEOPLE, "RUNNING")]
    assert await audience_of(campaigns, campaign_id) == await living_in(campaigns, city)


async def test_an_audience_is_the_same_however_it_was_divided(campaigns: RunningService) -> None:
    for profiles in (1, 7, PEOPLE, FIRST):
        campaign_id = await launch(campaigns, city="Goa")
        while await prepare_chunk(campaigns.database, campaign_id, Stride(profiles=profiles), zone="UTC"):
            pass
        assert await audience_of(campaigns, campaign_id) == await living_in(campaigns, "Goa")


async def test_a_chunk_that_takes_too_long_writes_nothing_and_the_next_looks_at_less(
    campaigns: RunningService,
) -> None:
    campaign_id, stride = await launch(campaigns, city="Pune"), Stride()
    async with campaigns.database.transaction() as busy:
        await busy.exec_driver_sql("LOCK TABLE suppressions")
        assert await prepare_chunk(campaigns.database, campaign_id, stride, zone="UTC")
        assert stride.profiles == FIRST // STEP
        assert (await campaigns.ask("POST", f"/campaigns/{campaign_id}/pause"))[0] == 200
    assert await audience_of(campaigns, campaign_id) == []
    assert (await campaigns.ask("POST", f"/campaigns/{campaign_id}/resume"))[0] == 200
    assert not await prepare_chunk(campaigns.database, campaign_id, stride, zone="UTC")
    assert await audience_of(campaigns, campaign_id) == await living_in(campaigns, "Pune")


async def test_where_nothing_smaller_can_be_tried_a_chunk_takes_its_time(campaigns: RunningService) -> None:
    campaign_id, stride = await launch(campaigns, city="Pune"), Stride(profiles=FEWEST)
    async with campaigns.database.transaction() as busy:
        await busy.exec_driver_sql("LOCK TABLE suppressions")
        chunk = asyncio.create_task(prepare_chunk(campaigns.database, campaign_id, stride, zone="UTC"))
        _, waits = await asyncio.wait([chunk], timeout=1.5)
        assert waits == {chunk}
    assert not await chunk
    assert await audience_of(campaigns, campaign_id) == await living_in(campaigns, "Pune")


async def test_a_campaign_that_cannot_be_prepared_holds_up_no_other(campaigns: RunningService) -> None:
    stuck = await launch(campaigns, city="Goa")
    other = await launch(campaigns, city="Pune")
    await campaigns.rows(
        "UPDATE campaigns SET frozen_rules = '{}' WHERE campaign_id = :id RETURNING 1", id=stuck
    )
    stop = asyncio.Event()
    role = asyncio.create_task(preparing(campaigns.database, zone="UTC")(stop))

    async def status() -> str:
        return (await looked_at(campaigns, other))[1]

    try:
        await until(status, lambda found: found == "RUNNING", within_s=20)
    finally:
        stop.set()
        await role
    assert await list_preparing(campaigns.database) == [stuck]
    assert (await campaigns.ask("POST", f"/campaigns/{stuck}/cancel"))[0] == 200
