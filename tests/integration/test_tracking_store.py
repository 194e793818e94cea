"""Opens and clicks in the database: each message counts once, whoever writes it down and however often."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.postgres import PostgresServer
from tests.support.sending import launch
from tests.support.service import RunningService
from xencrm.campaigns.tracking import reads, service, store
from xencrm.campaigns.tracking.model import Seen, Times
from xencrm.campaigns.tracking.recorder import Recorder
from xencrm.campaigns.tracking.template_links import link_of
from xencrm.kernel.ids import uuid7

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SALE, NEWS = link_of("https://shop.example/sale"), link_of("https://shop.example/news?to={{ email }}")
RECOUNT = """
    SELECT stats.opened, stats.clicked, recount.opened, recount.clicked,
           (SELECT coalesce(sum(clicks), 0) FROM campaign_links WHERE clicks <> coalesce((
               SELECT count(*) FROM link_clicks
               WHERE link_clicks.link = campaign_links.link
                 AND link_clicks.campaign_id = campaign_links.campaign_id), 0)) AS wrong_links
    FROM campaign_engagement AS stats, LATERAL (
        SELECT count(*) FILTER (WHERE opens > 0) AS opened, count(*) FILTER (WHERE clicks > 0) AS clicked
        FROM engagements WHERE engagements.campaign_id = stats.campaign_id
    ) AS recount
"""


@pytest.fixture
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres) as running:
        yield running


async def launched(campaigns: RunningService, people: int) -> tuple[UUID, list[Seen]]:
    """A campaign with two links, and its messages."""
    await add_customers(campaigns, [customer() for _ in range(people)])
    campaign_id = await launch(campaigns, track=True)
    async with campaigns.database.transaction() as tx:
        await service.keep_links(tx, campaign_id, [SALE, NEWS])
    rows = await campaigns.rows(
        "SELECT campaign_month, message_id FROM communication_log WHERE campaign_id = :id", id=campaign_id
    )
    return campaign_id, [Seen(row.campaign_month, row.message_id, None) for row in rows]


def once(minute: int = 0) -> Times:
    at = NOON + timedelta(minutes=minute)
    return Times(1, at, at)


def click(message: Seen, link: Any = SALE) -> Seen:
    return Seen(message.campaign_month, message.message_id, link.key)


async def record(campaigns: RunningService, seen: dict[Seen, Times]) -> None:
    async with campaigns.database.transaction() as tx:
        await store.record(tx, seen)


async def counted(campaigns: RunningService) -> tuple[int, int]:
    """(opened, clicked), which a recount gives too."""
    rows = await campaigns.rows(RECOUNT)
    if not rows:
        assert await campaigns.rows("SELECT 1 FROM engagements") == []
        return 0, 0
    ((opened, clicked, *recounted, wrong_links),) = rows
    assert (recounted, wrong_links) == ([opened, clicked], 0)
    return opened, clicked


async def test_a_message_is_counted_once_and_its_times_are_kept(campaigns: RunningService) -> None:
    campaign_id, (first, second, _) = await launched(campaigns, 3)
    await record(campaigns, {first: once(5), second: Times(3, NOON, NOON + timedelta(minutes=9))})
    await record(campaigns, {first: once(1), click(first): once(2), click(first, NEWS): once(3)})
    await record(campaigns, {first: once(7), click(first): once(8)})
    assert await counted(campaigns) == (2, 1)
    async with campaigns.database.transaction() as tx:
        opens = await reads.find_opens(tx, first.message_id)
        clicks = await reads.list_clicks(tx, first.message_id)
        links = await reads.list_links(tx, campaign_id)
    assert opens is not None
    assert (opens.count, opens.first_at, opens.last_at) == (3, once(1).first_at, once(7).last_at)
    assert [(item.url, item.count, item.first_at, item.last_at) for item in clicks] == [
        (SALE.url, 2, once(2).first_at, once(8).last_at),
        (NEWS.url, 1, once(3).first_at, once(3).last_at),
    ]
    assert [(item.url, item.clicks) for item in links] == [(NEWS.url, 1), (SALE.url, 1)]


async def test_a_click_makes_no_open_of_its_own(campaigns: RunningService) -> None:
    _, (message,) = await launched(campaigns, 1)
    await record(campaigns, {click(message): once()})
    assert await counted(campaigns) == (0, 1)
    async with campaigns.database.transaction() as tx:
        assert await reads.find_opens(tx, message.message_id) is None


async def test_what_many_write_down_at_once_is_counted_once(campaigns: RunningService) -> None:
    campaign_id, messages = await launched(campaigns, 60)
    shuffled = random.Random(7)

    async def write() -> None:
        chosen = [seen for each in messages for seen in (each, click(each), click(each, NEWS))]
        shuffled.shuffle(chosen)
        for at in range(0, len(chosen), 30):
            await record(campaigns, dict.fromkeys(chosen[at : at + 30], once()))

    await asyncio.gather(*(write() for _ in range(6)))
    assert await counted(campaigns) == (60, 60)
    (total,) = await campaigns.rows("SELECT sum(opens), sum(clicks) FROM engagements")
    assert tuple(total) == (6 * 60, 6 * 120)
    async with campaigns.database.transaction() as tx:
        assert {item.clicks for item in await reads.list_links(tx, campaign_id)} == {60}


async def test_a_message_that_is_not_there_is_not_counted(campaigns: RunningService) -> None:
    _, (message,) = await launched(campaigns, 1)
    await record(campaigns, {Seen(message.campaign_month, uuid7(), None): once()})
    await record(campaigns, {Seen(message.campaign_month.replace(year=2020), message.message_id, 1): once()})
    assert await counted(campaigns) == (0, 0)


async def test_what_is_seen_beyond_what_can_wait_is_given_up(campaigns: RunningService) -> None:
    _, (first, second, third) = await launched(campaigns, 3)
    recorder = Recorder(campaigns.database, most=2)
    for seen in (first, second, third, first):
        recorder.note(seen)
    stop = asyncio.Event()
    recording = asyncio.create_task(recorder.run(stop))
    await campaigns.until("SELECT coalesce(sum(opens), 0) FROM engagements", 3)
    recorder.note(third)
    await campaigns.until("SELECT sum(opens) FROM engagements", 4)
    recorder.note(second)
    stop.set()
    await recording
    assert await campaigns.rows("SELECT sum(opens) FROM engagements") == [(5,)]
    assert await counted(campaigns) == (3, 0)
