"""Progress as it happens, over a real connection."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.events import Reader, reading
from tests.support.front import running_front
from tests.support.postgres import PostgresServer
from tests.support.sending import launch
from tests.support.service import RunningService, key_of
from tests.support.statements import captured
from tests.support.waiting import until
from xencrm.client.campaigns import CampaignStats
from xencrm.client.client import Client
from xencrm.kernel.errors import Unavailable
from xencrm.kernel.http import streams
from xencrm.kernel.http.streams import Hub, Told, Topic

MOST = 3


@pytest.fixture(scope="module")
async def running(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres, streams=MOST) as campaigns:
        await add_customers(campaigns, [customer() for _ in range(4)])
        yield campaigns


def path_of(running: RunningService, campaign_id: UUID) -> str:
    return f"{running.url}/api/v1/campaigns/{campaign_id}/stream"


async def count(running: RunningService, campaign_id: UUID, **counts: int) -> None:
    """The counters become so."""
    settings = ", ".join(f"{name} = {value}" for name, value in counts.items())
    await running.rows(
        f"UPDATE campaign_stats SET {settings} WHERE campaign_id = :id RETURNING 1", id=campaign_id
    )


async def finish(running: RunningService, campaign_id: UUID, status: str) -> None:
    await running.rows(
        "UPDATE campaigns SET status = :status, finished_at = now() WHERE campaign_id = :id RETURNING 1",
        status=status,
        id=campaign_id,
    )


async def stats_of(reader: Reader) -> Any:
    event = await asyncio.wait_for(reader.next(), 30)
    assert event is not None
    assert event.name == "stats"
    return event.data


async def test_stats_come_at_once_and_when_they_change_until_the_campaign_has_ended(
    running: RunningService,
) -> None:
    campaign = await launch(running)
    async with reading(running.http, path_of(running, campaign)) as reader:
        assert reader.response.status == 200
        assert reader.response.headers["content-type"].partition(";")[0] == "text/event-stream"
        first = await stats_of(reader)
        assert first == (await running.get(f"/campaigns/{campaign}/stats"))[1]
        assert reader.retry_ms is not None
        await count(running, campaign, pending=3, delivered=1)
        assert (await stats_of(reader))["delivered"] == 1
        await finish(running, campaign, "COMPLETED")
        assert (await stats_of(reader))["status"] == "COMPLETED"
        await count(running, campaign, pending=0, delivered=4)
        last, end = await asyncio.wait_for(reader.rest(), 20)
        assert (last.name, last.data["delivered"]) == ("stats", 4)
        assert (end.name, end.data) == ("end", {"campaign_id": str(campaign), "status": "COMPLETED"})


async def test_many_listeners_of_a_campaign_cost_one_look(running: RunningService) -> None:
    campaign = await launch(running)
    async with AsyncExitStack() as stack:
        url = path_of(running, campaign)
        readers = [await stack.enter_async_context(reading(running.http, url)) for _ in range(MOST)]
        for reader in readers:
            await stats_of(reader)
        began = time.monotonic()
        with captured(running.database) as statements:
            for number in range(1, 4):
                await count(running, campaign, sent=number)
                assert [(await stats_of(reader))["sent"] for reader in readers] == [number] * MOST
        looks = [statement for statement in statements if "campaign_results" in statement.text]
        assert 3 <= len(looks) <= (time.monotonic() - began) / streams.EVERY_S + 1


async def test_too_many_streams_are_refused_and_one_that_is_left_makes_room(running: RunningService) -> None:
    campaign = await launch(running)
    url = path_of(running, campaign)
    async with AsyncExitStack() as stack:
        for _ in range(MOST):
            await stats_of(await stack.enter_async_context(reading(running.http, url)))
        async with reading(running.http, url) as refused:
            assert refused.response.status == 503
            assert int(refused.response.headers["retry-after"]) >= 1
            assert (await refused.response.json(content_type=None))["status"] == 503

    async def status() -> int:
        async with reading(running.http, url) as reader:
            return reader.response.status

    await until(status, lambda seen: seen == 200)


async def test_a_stream_needs_a_key_and_a_campaign_and_head_does_not_wait(running: RunningService) -> None:
    campaign = await launch(running)
    async with reading(running.http, path_of(running, UUID(int=1))) as reader:
        assert reader.response.status == 404
    async with reading(running.http, path_of(running, campaign), key="") as reader:
        assert reader.response.status == 401
    status, _ = await asyncio.wait_for(running.ask("HEAD", f"/campaigns/{campaign}/stream"), 30)
    assert status == 200


async def test_the_client_watches_through_the_front(running: RunningService, tmp_path: Path) -> None:
    campaign = await launch(running)
    async with (
        running_front({"campaigns": running.url}, tmp_path / "credentials.json") as port,
        Client(f"http://127.0.0.1:{port}", key_of("viewer")) as client,
    ):
        watching = client.campaigns.watch(str(campaign))
        assert (await asyncio.wait_for(anext(watching), 30)).status == "RUNNING"
        await count(running, campaign, failed=2)
        assert (await asyncio.wait_for(anext(watching), 30)).failed == 2
        await count(running, campaign, pending=0)
        await finish(running, campaign, "CANCELLED")
        rest = await asyncio.wait_for(_all(watching), 20)
        assert rest[-1].status == "CANCELLED"


async def _all(watching: AsyncIterator[CampaignStats]) -> list[CampaignStats]:
    return [stats async for stats in watching]


async def test_streams_end_when_the_process_is_asked_to_stop(postgres: PostgresServer) -> None:
    async with aiohttp.ClientSession() as http, AsyncExitStack() as stack:
        async with running_campaigns(postgres) as campaigns:
            campaign = await launch(campaigns)
            reader = await stack.enter_async_context(reading(http, path_of(campaigns, campaign)))
            await stats_of(reader)
        assert await reader.rest() == [], "and is not cut off, which is an error of the connection"


async def test_a_stream_goes_on_after_the_database_was_away() -> None:
    server = PostgresServer()
    try:
        await server.start()
        async with running_campaigns(server) as campaigns:
            campaign = await launch(campaigns)
            async with reading(campaigns.http, path_of(campaigns, campaign)) as reader:
                await stats_of(reader)
                await server.kill()
                await server.start()
                await campaigns.database.wait_until_ready()
                await count(campaigns, campaign, audience=9)
                assert (await stats_of(reader))["audience"] == 9
    finally:
        await server.stop()


class Scene:
    """A topic that a test changes."""

    def __init__(self, key: str) -> None:
        self.number = 0
        self.over = False
        self.topic = Topic(key, key, self._look)

    async def _look(self) -> Told:
        return Told(b"%d" % self.number, self.number, self.over, b'"over"')


async def collected(frames: AsyncIterator[bytes], into: list[bytes]) -> None:
    async for frame in frames:
        into.append(frame)


async def test_one_stream_may_carry_several_topics_and_ends_with_the_last_of_them() -> None:
    hub, one, other = Hub(1), Scene("one"), Scene("other")
    seen: list[bytes] = []
    reading = asyncio.create_task(collected(hub.open(one.topic, other.topic), seen))

    async def text() -> str:
        return b"".join(seen).decode()

    await until(text, lambda told: "event: one\ndata: 0" in told and "event: other\ndata: 0" in told)
    one.number, one.over = 1, True
    await until(text, lambda told: "event: one\ndata: 1" in told and "event: end" in told)
    assert not reading.done()
    other.number, other.over = 7, True
    await asyncio.wait_for(reading, 30)
    assert (await text()).endswith('event: end\ndata: "over"\n\n')
    hub.open(one.topic)  # there is room again


async def test_a_slow_reader_gets_the_newest_state_and_no_backlog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "EVERY_S", 0.01)
    hub, scene = Hub(1), Scene("one")
    frames = hub.open(scene.topic)
    for number in range(5):
        scene.number = number
        await asyncio.sleep(0.05)
    assert await anext(frames) == b"retry: 2000\n\n"
    assert await anext(frames) == b"event: one\ndata: 4\n\n"


async def test_a_quiet_stream_is_kept_alive_by_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.05)
    frames = Hub(1).open(Scene("one").topic)
    seen = [await anext(frames) for _ in range(3)]
    assert seen[1:] == [b"event: one\ndata: 0\n\n", b": still here\n\n"]


async def test_a_place_that_nobody_takes_is_given_to_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BEGIN_S", 0.05)
    hub = Hub(1)
    hub.open(Scene("one").topic)
    with pytest.raises(Unavailable):
        hub.open(Scene("two").topic)

    async def room() -> bool:
        try:
            hub.open(Scene("three").topic)
        except Unavailable:
            return False
        return True

    assert await until(room, bool)


async def test_a_stream_ends_when_its_key_is_revoked(
    running: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "GOOD_EVERY_S", 0.1)
    _, made = await running.post("/api-keys", {"name": "a watcher", "role": "viewer"})
    campaign = await launch(running)
    async with reading(running.http, path_of(running, campaign), key=made["key"]) as reader:
        await stats_of(reader)
        await running.ask("DELETE", f"/api-keys/{made['key_id']}")
        assert await asyncio.wait_for(reader.rest(), 30) == []
