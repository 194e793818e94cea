"""A poison event on each queue: put aside alone, looked at, replayed once its cause is gone, applied."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.campaigns import running_campaigns, walk
from tests.support.cli import xencrm
from tests.support.ingestion import running_ingestion
from tests.support.poison import BUYER, CAMPAIGNS, INGESTION, KINDS, Kind, allow, applied, event_of, forbid
from tests.support.ports import free_port
from tests.support.postgres import PostgresServer
from tests.support.rabbitmq import RabbitServer
from tests.support.service import RunningService, key_of
from xencrm.contracts.customers import CustomerRecorded
from xencrm.contracts.topology import (
    ACCESS_QUEUE,
    CUSTOMER_MV_QUEUE,
    CUSTOMER_QUEUE,
    ORDER_MV_QUEUE,
    ORDER_QUEUE,
    RECEIPT_QUEUE,
)
from xencrm.kernel.clock import utc_now
from xencrm.kernel.ids import uuid7
from xencrm.kernel.messaging.envelope import Event, encode_data, encode_frame
from xencrm.local.front import Front, service_of, upstream
from xencrm.local.front_pages import Pages
from xencrm.local.probe import is_ok
from xencrm.local.web_ui import WebUi


@dataclass
class Services:
    ingestion: RunningService
    campaigns: RunningService

    def of(self, kind: Kind) -> tuple[RunningService, str]:
        """The service of a queue, and where its dead letters are."""
        if kind in INGESTION:
            return self.ingestion, "/dead-letters"
        return self.campaigns, "/operations/dead-letters"


@pytest.fixture(scope="module", params=["rabbitmq", "embedded"])
def rabbit(request: pytest.FixtureRequest) -> RabbitServer | None:
    """None for the embedded broker."""
    return request.getfixturevalue("rabbitmq") if request.param == "rabbitmq" else None


@pytest.fixture(scope="module")
async def services(rabbit: RabbitServer | None, postgres: PostgresServer) -> AsyncIterator[Services]:
    broker_url = await (rabbit.fresh_vhost() if rabbit else postgres.create_database(f"broker_{uuid4().hex}"))
    master = await postgres.create_database(f"master_{uuid4().hex}")
    roles = ("http", *(kind.queue.name for kind in CAMPAIGNS))
    async with (
        running_ingestion(master, broker_url, without=("relay",)) as ingestion,
        running_campaigns(postgres, roles=roles, broker_url=broker_url) as campaigns,
    ):
        status, _ = await ingestion.post("/customers", {"name": "Buyer", "email": BUYER})
        assert status == 202
        await ingestion.until("SELECT count(*) FROM customers", 1)
        yield Services(ingestion, campaigns)


async def letter_of(running: RunningService, path: str, event_id: UUID) -> dict[str, Any]:
    """The dead letter of an event, as soon as the list has one."""
    async with asyncio.timeout(30):
        while True:
            for letter in await walk(running, path, limit=1000):
                if letter["event_id"] == str(event_id):
                    return dict(letter)
            await asyncio.sleep(0.02)


async def without_letter(running: RunningService, event_id: UUID) -> None:
    await running.until("SELECT count(*) FROM dead_letters WHERE event_id = :id", 0, id=event_id)


async def poison(running: RunningService, path: str, kind: Kind, mark: str) -> dict[str, Any]:
    """The letter of an event that the table refuses for now."""
    await forbid(running, kind, mark)
    event = event_of(kind, mark)
    await running.broker.publish(kind.queue.topic, encode_frame([event]))
    return await letter_of(running, path, event.id)


@pytest.mark.parametrize("queue", KINDS)
async def test_a_poison_event_is_replayed_and_applied_once_its_cause_is_gone(
    services: Services, queue: str
) -> None:
    kind = KINDS[queue]
    running, path = services.of(kind)
    marks = [f"m{uuid4().hex}" for _ in range(3)]
    events = [event_of(kind, mark) for mark in marks]
    await forbid(running, kind, marks[1])
    await running.broker.publish(kind.queue.topic, encode_frame(events))
    letter = await letter_of(running, path, events[1].id)
    for mark in (marks[0], marks[2]):
        await applied(running, kind, mark)
    about = {"queue": queue, "type": kind.type, "subject": marks[1]}
    assert {name: letter[name] for name in about} == about
    assert f"no_{marks[1]}" in letter["reason"]

    status, shown = await running.get(f"{path}/{letter['dead_letter_id']}")
    assert status == 200
    assert shown["event"]["id"] == str(events[1].id)
    assert marks[1] in str(shown["event"]["data"])
    assert (shown["text"], shown["base64"]) == (None, None)

    await allow(running, kind, marks[1])
    status, answer = await running.ask("POST", f"{path}/{letter['dead_letter_id']}/replay")
    assert (status, answer) == (
        202,
        {"event_id": str(events[1].id), "queue": queue, "status": "queued"},
    )
    await applied(running, kind, marks[1])
    await without_letter(running, events[1].id)
    status, _ = await running.ask("POST", f"{path}/{letter['dead_letter_id']}/replay")
    assert status == 404


@pytest.mark.parametrize("queue", [ORDER_QUEUE.name, RECEIPT_QUEUE.name])
async def test_a_replay_that_fails_again_is_there_again_with_its_new_reason(
    services: Services, queue: str
) -> None:
    kind, mark = KINDS[queue], f"m{uuid4().hex}"
    running, path = services.of(kind)
    first = await poison(running, path, kind, mark)
    await allow(running, kind, mark)
    await forbid(running, kind, mark, "never")
    status, _ = await running.ask("POST", f"{path}/{first['dead_letter_id']}/replay")
    assert status == 202
    await running.until(
        "SELECT count(*) FROM dead_letters WHERE event_id = :id AND reason LIKE :reason",
        1,
        id=UUID(first["event_id"]),
        reason=f"%never_{mark}%",
    )
    again = await letter_of(running, path, UUID(first["event_id"]))
    assert again["dead_letter_id"] > first["dead_letter_id"]
    assert again["size"] == first["size"]
    assert (await running.get(f"{path}/{first['dead_letter_id']}"))[0] == 404


@pytest.mark.parametrize("queue", [CUSTOMER_QUEUE.name, CUSTOMER_MV_QUEUE.name])
async def test_a_dropped_letter_is_gone_and_its_event_is_not_applied(services: Services, queue: str) -> None:
    kind, mark = KINDS[queue], f"m{uuid4().hex}"
    running, path = services.of(kind)
    letter = await poison(running, path, kind, mark)
    await allow(running, kind, mark)
    one = f"{path}/{letter['dead_letter_id']}"
    assert await running.ask("DELETE", one) == (204, None)
    assert [(await running.ask(*call))[0] for call in (("DELETE", one), ("GET", one))] == [404, 404]
    assert await running.rows(f"SELECT 1 FROM {kind.table} WHERE {kind.column} = :mark", mark=mark) == []


@pytest.mark.parametrize("queue", [ORDER_QUEUE.name, ORDER_MV_QUEUE.name])
@pytest.mark.parametrize(
    "raw", [b"\xff\x00 no text", b"no frame", b'[{"id": 1}]'], ids=["bytes", "text", "json"]
)
async def test_a_frame_that_is_none_is_shown_and_replayed_as_it_came(
    services: Services, queue: str, raw: bytes
) -> None:
    kind = KINDS[queue]
    running, path = services.of(kind)
    frame = raw + uuid4().hex.encode()
    await running.broker.publish(kind.queue.topic, frame)
    find = "SELECT coalesce(max(dead_letter_id::text), '') FROM dead_letters WHERE payload = :payload"
    async with asyncio.timeout(30):
        while not (letter_id := (await running.rows(find, payload=frame))[0][0]):
            await asyncio.sleep(0.02)
    _, shown = await running.get(f"{path}/{letter_id}")
    assert (shown["type"], shown["event"], shown["size"]) == ("undecodable", None, len(frame))
    held = base64.b64decode(shown["base64"]) if shown["base64"] else shown["text"].encode()
    assert held == frame
    assert (await running.ask("POST", f"{path}/{letter_id}/replay"))[0] == 202
    await running.until(f"SELECT ({find}) > :old", True, payload=frame, old=letter_id)


async def test_a_letter_larger_than_a_frame_may_be_is_shown_and_replayed(services: Services) -> None:
    kind, mark = KINDS[CUSTOMER_QUEUE.name], f"m{uuid4().hex}"
    running, path = services.ingestion, "/dead-letters"
    await forbid(running, kind, mark)
    recorded = CustomerRecorded(name=mark, email=f"{mark}@shop.example", phone="x" * 3_000_000)
    event = Event(
        id=uuid7(), type=kind.type, source="tests", subject="", time=utc_now(), data=encode_data(recorded)
    )
    await running.broker.publish(kind.queue.topic, encode_frame([event]))
    letter = await letter_of(running, path, event.id)
    assert letter["size"] > 3_000_000
    _, shown = await running.get(f"{path}/{letter['dead_letter_id']}")
    assert len(shown["event"]["data"]["phone"]) == 3_000_000
    await allow(running, kind, mark)
    assert (await running.ask("POST", f"{path}/{letter['dead_letter_id']}/replay"))[0] == 202
    await applied(running, kind, mark)


async def test_letters_are_listed_newest_first_by_queue_and_type(services: Services) -> None:
    kind, path = KINDS[ACCESS_QUEUE.name], "/dead-letters"
    running, unknown = services.ingestion, f"t{uuid4().hex}"
    events = [
        Event(
            id=uuid7(), type=unknown, source="tests", subject=str(number), time=utc_now(), data=encode_data(1)
        )
        for number in range(5)
    ]
    for event in events:
        await running.broker.publish(kind.queue.topic, encode_frame([event]))
        await letter_of(running, path, event.id)
    listed = await walk(running, path, limit=2, type=unknown, queue=kind.queue.name)
    assert [letter["subject"] for letter in listed] == ["4", "3", "2", "1", "0"]
    assert listed[0]["reason"] == f"ValueError: unknown event type {unknown}"
    assert await walk(running, path, limit=2, type=unknown, queue=ORDER_QUEUE.name) == []


async def test_a_letter_of_a_queue_that_is_gone_cannot_be_replayed(services: Services) -> None:
    running, letter_id = services.ingestion, uuid7()
    await running.rows(
        "INSERT INTO dead_letters (dead_letter_id, event_id, queue, type, subject, reason, payload)"
        " VALUES (:id, :id, 'former_queue', 't', '', 'no', '{}') RETURNING 1",
        id=letter_id,
    )
    status, problem = await running.ask("POST", f"/dead-letters/{letter_id}/replay")
    assert (status, problem["detail"]) == (
        409,
        "There is no queue former_queue any more: the letter can only be dropped.",
    )
    assert (await running.get(f"/dead-letters/{letter_id}"))[0] == 200


@pytest.mark.parametrize("role", ["viewer", "marketer", "ingest", None])
async def test_dead_letters_are_for_admins_only(services: Services, role: str | None) -> None:
    for running, path in (
        (services.ingestion, "/dead-letters"),
        (services.campaigns, "/operations/dead-letters"),
    ):
        one = f"{path}/{uuid7()}"
        calls = (("GET", path), ("GET", one), ("POST", f"{one}/replay"), ("DELETE", one))
        for method, where in calls:
            assert (await running.ask(method, where, role=role))[0] == (403 if role else 401)
            if where != path:
                assert (await running.ask(method, where))[0] == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [("cursor=x", 400), ("limit=0", 400), ("limit=1001", 400), ("queue=%00", 400), ("type=nothing", 200)],
)
async def test_what_is_asked_of_the_list_is_checked(services: Services, query: str, status: int) -> None:
    assert (await services.ingestion.get(f"/dead-letters?{query}"))[0] == status


@asynccontextmanager
async def front(services: Services) -> AsyncIterator[str]:
    """The one port in front of both services; its URL."""
    port, stop = free_port(), asyncio.Event()
    urls = {"ingestion": services.ingestion.url, "campaigns": services.campaigns.url}
    behind = {name: upstream(name, url) for name, url in urls.items()}
    pages = Pages(urls, Path("none"), service_of, WebUi(Path("none")))
    serving = Front(behind, pages).serve("127.0.0.1", port, stop)
    task = asyncio.create_task(serving)
    while not await is_ok(f"http://127.0.0.1:{port}/healthz"):
        assert not task.done()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        stop.set()
        await task


async def test_letters_of_both_services_are_settled_from_the_command_line(
    services: Services, tmp_path: Path
) -> None:
    kinds = [KINDS[CUSTOMER_QUEUE.name], KINDS[CUSTOMER_MV_QUEUE.name]]
    places = [services.of(kind) for kind in kinds]
    marks = [f"m{uuid4().hex}" for _ in kinds]
    letters = [
        await poison(running, path, kind, mark)
        for (running, path), kind, mark in zip(places, kinds, marks, strict=True)
    ]
    ids = [str(letter["dead_letter_id"]) for letter in letters]
    async with front(services) as url:

        async def run(*arguments: str) -> str:
            given = ("--url", url, "--api-key", key_of("admin"))
            done = await xencrm("dead-letters", *arguments, *given, home=tmp_path)
            assert done.exit_code == 0, done.output
            return str(done.stdout)

        listed = await run("list", "--limit", "1000")
        assert [letter_id in listed for letter_id in ids] == [True, True]
        for letter_id, mark in zip(ids, marks, strict=True):
            assert mark in await run("show", letter_id)
        for (running, _), kind, mark in zip(places, kinds, marks, strict=True):
            await allow(running, kind, mark)
        assert (await run("replay", ids[0])).endswith(f"replayed {ids[0]}\n")
        await applied(places[0][0], kinds[0], marks[0])
        narrowed = ("--all", "--yes", "--service", "campaigns", "--queue", CUSTOMER_MV_QUEUE.name)
        assert (await run("replay", *narrowed)).endswith("replayed 1 of 1 letters\n")
        await applied(places[1][0], kinds[1], marks[1])
        assert await run("drop", "--all", "--yes", "--type", "none.such.v1") == "dropped 0 of 0 letters\n"
