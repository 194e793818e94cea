"""Keys that write to so many customers a day: reserved in the launch, given back by a cancel."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.postgres import PostgresServer
from tests.support.programs import (
    TOMORROW,
    ZONE,
    begin,
    campaign_for,
    prepare,
    program,
    segment_of,
    status_of,
)
from tests.support.service import RunningService
from xencrm.campaigns.delivery import store
from xencrm.campaigns.delivery.clearance import NOBODY, Clearance, find_confirmed
from xencrm.campaigns.delivery.store import RunningCampaign
from xencrm.campaigns.planning import allowance
from xencrm.campaigns.planning.life import cancel_campaign


@pytest.fixture(scope="module")
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres, time_zone=ZONE) as running:
        yield running


async def test_a_key_writes_to_so_many_a_day(campaigns: RunningService) -> None:
    before = datetime.now(ZoneInfo(ZONE)).date()
    capped = await program(campaigns, daily_recipients=10)
    first, second, small = [await campaign_for(campaigns, size) for size in (6, 5, 4)]
    assert (await capped.post(f"{first}/launch"))[0] == 202
    status, problem = await capped.post(f"{second}/launch")
    assert status == 409
    assert all(word in problem["detail"] for word in ("10 customers a day", "4 of them are left", "has 5"))
    assert await status_of(campaigns, second) == "DRAFT"
    assert (await capped.post(f"{small}/launch"))[0] == 202
    held = await campaigns.rows("SELECT day, recipients FROM recipient_reservations ORDER BY recipients")
    assert [row.recipients for row in held] == [4, 6]
    assert {row.day for row in held} <= {before, datetime.now(ZoneInfo(ZONE)).date()}
    yesterday = "UPDATE recipient_reservations SET day = day - 1 RETURNING 1"
    await campaigns.rows(yesterday)
    assert (await capped.post(f"{second}/launch"))[0] == 202


async def test_those_who_are_not_written_to_are_not_counted(campaigns: RunningService) -> None:
    capped = await program(campaigns, daily_recipients=2)
    city, segment = await segment_of(campaigns, 3)
    away = [customer(status="INACTIVE", attributes={"city": city}) for _ in range(2)]
    await add_customers(campaigns, away)
    _, found = await campaigns.post("/segments/preview", {"rules": segment["rules"], "sample": 5})
    active = next(each for each in found["sample"] if each["status"] == "ACTIVE")
    suppression = {"email": active["email"]}
    assert (await campaigns.post("/suppressions", suppression))[0] == 201
    body = {"name": "a", "segment_id": segment["segment_id"], "message_template": "Hi"}
    path = f"/campaigns/{(await capped.post('/campaigns', body))[1]['campaign_id']}"
    assert (await capped.post(f"{path}/launch"))[0] == 202


@pytest.mark.parametrize("_", range(3))
async def test_two_launches_at_once_do_not_exceed_the_cap(campaigns: RunningService, _: int) -> None:
    capped = await program(campaigns, agent=True, daily_recipients=10)
    paths = [await campaign_for(campaigns, 6) for _ in range(4)]
    tokens = [await capped.token(path) for path in paths]
    answers = await asyncio.gather(
        *(
            capped.post(f"{path}/launch", {"plan_token": token})
            for path, token in zip(paths, tokens, strict=True)
        )
    )
    assert sorted(status for status, _ in answers) == [202, 409, 409, 409]
    states = [await status_of(campaigns, path) for path in paths]
    assert sorted(states) == ["DRAFT", "DRAFT", "DRAFT", "PREPARING"]


async def test_a_schedule_counts_on_the_day_it_begins(campaigns: RunningService) -> None:
    capped = await program(campaigns, daily_recipients=10)
    large, later, now = [await campaign_for(campaigns, size) for size in (11, 6, 6)]
    status, problem = await capped.post(f"{large}/schedule", {"scheduled_at": TOMORROW})
    assert (status, "10 customers a day" in problem["detail"]) == (409, True)
    assert (await capped.post(f"{later}/schedule", {"scheduled_at": TOMORROW}))[0] == 200
    assert (await capped.post(f"{now}/launch"))[0] == 202
    begun = await begin(campaigns, later)
    assert (begun["status"], "4 of them are left" in begun["held_reason"]) == ("SCHEDULED", True)


async def test_what_is_resumed_on_another_day_counts_again(campaigns: RunningService) -> None:
    capped, path = await program(campaigns, daily_recipients=10), await campaign_for(campaigns, 6)
    assert (await capped.post(f"{path}/launch"))[0] == 202
    assert (await capped.post(f"{path}/pause"))[0] == 200
    status, problem = await capped.post(f"{path}/resume")
    assert (status, "a person has to resume" in problem["detail"]) == (403, True)
    assert (await campaigns.ask("POST", f"{path}/resume"))[0] == 200
    await prepare(campaigns, path)
    for _ in range(2):
        assert (await capped.post(f"{path}/pause"))[0] == 200
        assert (await capped.post(f"{path}/resume"))[0] == 200
    assert (await capped.post(f"{path}/pause"))[0] == 200
    yesterday = "UPDATE recipient_reservations SET day = day - 1 WHERE campaign_id = :id RETURNING 1"
    await campaigns.rows(yesterday, id=path.rpartition("/")[2])
    assert (await capped.post(f"{await campaign_for(campaigns, 6)}/launch"))[0] == 202
    status, problem = await capped.post(f"{path}/resume")
    assert (status, "4 of them are left" in problem["detail"]) == (409, True)


async def reserved(campaigns: RunningService, path: str) -> list[int]:
    query = "SELECT recipients FROM recipient_reservations WHERE campaign_id = :id"
    return [row[0] for row in await campaigns.rows(query, id=path.rpartition("/")[2])]


async def claimed(campaigns: RunningService, path: str, most: int, *, doubt: int = 0) -> Clearance:
    """So many messages are on their way, and as many of them as `doubt` says come back unanswered; what may
    be done with the others then."""
    _, shown = await campaigns.get(path)
    month = datetime.fromisoformat(shown["launched_at"]).date().replace(day=1)
    running = RunningCampaign(UUID(shown["campaign_id"]), month, "simulator", 1)
    lease = uuid4()
    async with campaigns.database.transaction() as tx:
        taken = await store.claim_messages(tx, running, lease=lease, lease_s=60, most=most)
        assert len(taken) == most
        back = [message.message_id for message in taken[:doubt]]
        await store.release_messages(tx, back, month=month, lease=lease, doubt=True)
    hashes = {message.message_id: b"" for message in taken}
    async with campaigns.database.transaction() as tx:
        return await find_confirmed(tx, running, hashes, lease=lease, needed_s=1)


@pytest.mark.parametrize("paused", [False, True], ids=["running", "paused"])
async def test_what_is_cancelled_before_anything_was_sent_costs_nothing_of_the_day(
    campaigns: RunningService, paused: bool
) -> None:
    capped = await program(campaigns, daily_recipients=10)
    for prepared in (False, True):
        path = await campaign_for(campaigns, 10)
        assert (await capped.post(f"{path}/launch"))[0] == 202
        if prepared:
            await prepare(campaigns, path)
        if paused:
            assert (await capped.post(f"{path}/pause"))[0] == 200
        assert await reserved(campaigns, path) == [10]
        assert (await capped.post(f"{path}/cancel"))[0] == 200
    assert (await capped.post(f"{await campaign_for(campaigns, 10)}/launch"))[0] == 202


async def test_what_is_on_its_way_or_in_doubt_when_a_campaign_is_cancelled_stays_counted(
    campaigns: RunningService,
) -> None:
    capped, path = await program(campaigns, daily_recipients=10), await campaign_for(campaigns, 10)
    assert (await capped.post(f"{path}/launch"))[0] == 202
    await prepare(campaigns, path)
    assert len((await claimed(campaigns, path, 5, doubt=2)).ready) == 3
    assert (await campaigns.ask("POST", f"{path}/cancel"))[0] == 200
    assert await reserved(campaigns, path) == [5]
    first, second = [await campaign_for(campaigns, size) for size in (6, 5)]
    assert (await capped.post(f"{first}/launch"))[0] == 409
    assert (await capped.post(f"{second}/launch"))[0] == 202


async def test_messages_claimed_while_a_campaign_is_cancelled_are_not_sent_nor_counted(
    campaigns: RunningService,
) -> None:
    capped, path = await program(campaigns, daily_recipients=10), await campaign_for(campaigns, 10)
    assert (await capped.post(f"{path}/launch"))[0] == 202
    await prepare(campaigns, path)
    campaign_id = UUID(path.rpartition("/")[2])
    async with campaigns.database.transaction() as tx:
        await cancel_campaign(tx, campaign_id, ZONE)
        claiming = asyncio.create_task(claimed(campaigns, path, 4))
        held_up = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%SET pending = pending -%'"
        await campaigns.until(f"{held_up} AND wait_event_type = 'Lock'", 1)
    assert await claiming == NOBODY
    assert await reserved(campaigns, path) == [0]
    assert await status_of(campaigns, path) == "CANCELLED"


async def test_a_refused_launch_leaves_nothing_reserved(campaigns: RunningService) -> None:
    capped = await program(campaigns, agent=True, daily_recipients=10)
    path = await campaign_for(campaigns, 6)
    token = await capped.token(path)
    for given in (
        {},
        {"plan_token": "guessed"},
        {"plan_token": await capped.token(await campaign_for(campaigns))},
    ):
        assert (await capped.post(f"{path}/launch", given))[0] == 409
    assert await reserved(campaigns, path) == []
    assert (await capped.post(f"{path}/launch", {"plan_token": token}))[0] == 202
    assert (await capped.post(f"{path}/launch", {"plan_token": token}))[0] == 409
    assert await reserved(campaigns, path) == [6]


async def test_days_that_are_over_are_forgotten(campaigns: RunningService) -> None:
    capped = await program(campaigns, daily_recipients=10)
    paths = [await campaign_for(campaigns, 2) for _ in range(3)]
    for days_ago, path in enumerate(paths):
        assert (await capped.post(f"{path}/launch"))[0] == 202
        move = "UPDATE recipient_reservations SET day = day - CAST(:days AS integer)"
        given = {"days": days_ago * 2, "id": path.rpartition("/")[2]}
        await campaigns.rows(f"{move} WHERE campaign_id = :id RETURNING 1", **given)

    async def purge(most: int) -> int:
        async with campaigns.database.transaction() as tx:
            return await allowance.purge(tx, most=most)

    assert await purge(1) == 1
    while await purge(1):
        pass
    assert [await reserved(campaigns, path) for path in paths] == [[2], [], []]
