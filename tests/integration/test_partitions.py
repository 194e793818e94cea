"""Services with divided queues: each event applied once, a customer's in their order, none left behind."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from tests.support.campaigns import running_campaigns
from tests.support.ingestion import RunningIngestion, running_ingestion
from tests.support.postgres import PostgresServer
from tests.support.waiting import until
from xencrm.contracts.customers import CUSTOMER_RECORDED
from xencrm.contracts.orders import ORDER_RECORDED
from xencrm.contracts.topology import (
    CUSTOMER_MV_QUEUE,
    CUSTOMER_QUEUE,
    ORDER_MV_QUEUE,
    ORDER_QUEUE,
    all_queues,
    division,
)
from xencrm.kernel.clock import utc_now
from xencrm.kernel.ids import uuid7
from xencrm.kernel.messaging.broker import Queue
from xencrm.kernel.messaging.envelope import Event, decode_frame, encode_data, encode_frame
from xencrm.kernel.messaging.partitions import number_of

PEOPLE = 24
EMAILS = [f"p{number}@shop.example" for number in range(PEOPLE)]
APPLIED = "SELECT count(*) FROM inbox"


def consumers(partitions: int) -> tuple[str, ...]:
    """The roles that take customers and orders from their queues."""
    divided = division(partitions)
    return tuple(queue.name for whole in (CUSTOMER_QUEUE, ORDER_QUEUE) for queue in divided.queues_of(whole))


@pytest.fixture
async def master(postgres: PostgresServer) -> str:
    return await postgres.create_database(f"master_{uuid4().hex}")


@pytest.fixture
async def ingestion(master: str, broker_url: str) -> AsyncIterator[RunningIngestion]:
    async with running_ingestion(master, broker_url, partitions=3, customer_grace_s=5) as running:
        yield running


async def post(running: RunningIngestion, path: str, **body: Any) -> str:
    status, answer = await running.post(path, body)
    assert status == 202, answer
    return str(answer["event_id"])


async def a_life(running: RunningIngestion, email: str) -> None:
    """A customer who is renamed, and an order that ends refunded, one post after the other."""
    for name in ("first", "second", "third", "last"):
        await post(running, "/customers", name=name, email=email)
    for status in ("PENDING", "COMPLETED", "CANCELLED", "COMPLETED", "REFUNDED"):
        known = {"order_id": f"changing of {email}", "order_status": status}
        await post(running, "/orders", customer_email=email, order_amount=5, **known)
    for _ in range(3):
        await post(running, "/orders", customer_email=email, order_amount=10)


async def test_each_event_is_applied_once_and_a_customers_events_in_their_order(
    ingestion: RunningIngestion,
) -> None:
    await asyncio.gather(*(a_life(ingestion, email) for email in EMAILS))
    await ingestion.until(APPLIED, PEOPLE * 12)
    people = await ingestion.rows("SELECT name, orders_spend::int, orders_count FROM customers")
    assert people == [("last", 30, 3)] * PEOPLE
    statuses = await ingestion.rows("SELECT order_status FROM orders WHERE order_id LIKE 'changing of %'")
    assert statuses == [("REFUNDED",)] * PEOPLE
    assert await ingestion.rows("SELECT count(*) FROM dead_letters") == [(0,)]
    applied_by = await ingestion.rows("SELECT queue FROM queue_progress ORDER BY queue")
    assert set(consumers(3)) <= {row.queue for row in applied_by}


async def of_partitions(
    running: RunningIngestion, whole: Queue, subjects: int, events: int
) -> list[tuple[int, Event]]:
    """Takes events from the partitions of a queue, each with the number of its own, until they are so many
    at least, and of so many subjects."""
    taken: list[tuple[int, Event]] = []
    async with asyncio.timeout(30):
        while len(taken) < events or len({event.subject for _, event in taken}) < subjects:
            for number, queue in enumerate(division(3).queues_of(whole)[:3]):
                async with running.broker.subscribe(queue, prefetch=1000) as subscription:
                    frames = await subscription.receive(max_frames=1000, wait_s=0.2)
                    await subscription.ack(frames)
                    taken += [(number, event) for frame in frames for event in decode_frame(frame.body)]
    return taken


async def test_a_customers_events_go_to_one_partition_whichever_way_they_come(
    master: str, broker_url: str
) -> None:
    async with running_ingestion(master, broker_url, partitions=3, without=consumers(3)) as running:
        people = [{"name": "A", "email": email} for email in EMAILS]
        orders = [{"customer_email": email, "order_amount": 1} for email in EMAILS]
        await asyncio.gather(*(post(running, "/customers", **person) for person in people))
        await asyncio.gather(*(post(running, "/orders", **order) for order in orders))
        await running.post("/customers/batch", people)
        await running.post("/orders/batch", orders)
        for whole in (CUSTOMER_QUEUE, ORDER_QUEUE):
            taken = await of_partitions(running, whole, PEOPLE + 1, 2 * PEOPLE + 1)
            said = [item for item in taken if item[1].type in (CUSTOMER_RECORDED, ORDER_RECORDED)]
            found = sorted((event.subject, number) for number, event in said)
            assert found == sorted(2 * [(email, number_of(email, 3)) for email in EMAILS])


async def test_an_order_goes_to_the_same_partition_by_id_as_by_email(master: str, broker_url: str) -> None:
    orders_away = consumers(3)[4:]
    async with running_ingestion(master, broker_url, partitions=3, without=orders_away) as running:
        await asyncio.gather(*(post(running, "/customers", name="A", email=email) for email in EMAILS))
        await running.until("SELECT count(*) FROM customers", PEOPLE)
        for email, customer_id in await running.rows("SELECT email, customer_id::text FROM customers"):
            await post(running, "/orders", customer_email=email, order_amount=1, order_id=email)
            await post(running, "/orders", customer_id=customer_id, order_amount=1, order_id=email)
        taken = await of_partitions(running, ORDER_QUEUE, 2 * PEOPLE, 2 * PEOPLE)
        found = sorted((msgspec.json.decode(event.data)["order_id"], number) for number, event in taken)
        assert found == sorted(2 * [(email, number_of(email, 3)) for email in EMAILS])


async def test_snapshots_go_by_the_customers_id(ingestion: RunningIngestion) -> None:
    await asyncio.gather(*(a_life(ingestion, email) for email in EMAILS))
    for whole in (CUSTOMER_MV_QUEUE, ORDER_MV_QUEUE):
        taken = await of_partitions(ingestion, whole, PEOPLE, PEOPLE)
        ids = [msgspec.json.decode(event.data)["customer_id"] for _, event in taken]
        assert [event.subject for _, event in taken] == ids
        assert [number for number, _ in taken] == [number_of(customer_id, 3) for customer_id in ids]


async def test_the_database_computes_the_same_partitions(ingestion: RunningIngestion) -> None:
    keys = [*EMAILS, "", "zoë@shop.example", *(str(uuid7()) for _ in range(50))]
    query = """
        SELECT key, crc32(convert_to(key, 'UTF8')) % 7 AS number
        FROM unnest(CAST(:keys AS text[])) AS key
    """
    rows = await ingestion.rows(query, keys=keys)
    assert {row.key: row.number for row in rows} == {key: number_of(key, 7) for key in keys}


@pytest.mark.parametrize(("before", "after"), [(1, 3), (3, 2), (3, 1)])
async def test_what_was_queued_under_another_division_is_applied(
    master: str, broker_url: str, before: int, after: int
) -> None:
    async with running_ingestion(master, broker_url, partitions=before, without=consumers(before)) as running:
        await asyncio.gather(*(post(running, "/customers", name="A", email=email) for email in EMAILS))
        orders = [{"customer_email": email, "order_amount": 1} for email in EMAILS]
        await asyncio.gather(*(post(running, "/orders", **order) for order in orders))
        if before > 1:  # the partitions are known from the start of their consumers on
            registered = "SELECT count(*) FROM queue_progress WHERE queue LIKE '%queue._'"
            await running.until(registered, 2 * before)
    async with running_ingestion(master, broker_url, partitions=after) as running:
        await running.until("SELECT count(*) FROM customers WHERE orders_count = 1", PEOPLE)
        for whole in (CUSTOMER_QUEUE, ORDER_QUEUE):
            await until(partial(running.broker.depth, whole), lambda frames: frames == 0)


async def test_a_dead_letter_of_a_partition_bears_the_name_of_the_whole_queue_and_is_replayed(
    ingestion: RunningIngestion,
) -> None:
    poison = Event(
        id=uuid7(),
        type="customer.unheard_of.v1",
        source="tests",
        subject=EMAILS[0],
        time=utc_now(),
        data=encode_data({}),
    )
    await ingestion.broker.publish(CUSTOMER_QUEUE.topic, encode_frame([poison]), timeout_s=20)
    await ingestion.until("SELECT count(*) FROM dead_letters", 1)
    _, listed = await ingestion.get("/dead-letters", params={"queue": "customer_queue"})
    letter = listed["items"][0]
    assert letter["event_id"] == str(poison.id)
    path = f"/dead-letters/{letter['dead_letter_id']}/replay"
    assert (await ingestion.post(path, None))[0] == 202
    failed_again = "SELECT count(*) FROM dead_letters WHERE dead_letter_id <> :first"
    await ingestion.until(failed_again, 1, first=letter["dead_letter_id"])


async def test_consumers_that_share_the_partitions_take_their_own(master: str, broker_url: str) -> None:
    options = {"partitions": 2, "customer_grace_s": 5}
    async with running_ingestion(master, broker_url, **options, consumer_partitions="0") as running:
        events = [await post(running, "/customers", name="A", email=email) for email in EMAILS]
        first = sum(number_of(email, 2) == 0 for email in EMAILS)
        await running.until(APPLIED, first)
        assert 0 < first < len(events)
        async with running_ingestion(master, broker_url, **options, consumer_partitions="1"):
            await running.until(APPLIED, PEOPLE)


async def test_operations_show_every_partition(postgres: PostgresServer) -> None:
    async with running_campaigns(postgres, partitions=2) as campaigns:
        _, shown = await campaigns.get("/operations")
        assert [queue["name"] for queue in shown["queues"]] == [queue.name for queue in all_queues(2)]
        assert {queue["frames"] for queue in shown["queues"]} == {0}
