"""Statements that run for every batch: as many for a thousand events as for one, and each by an index."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.support.campaigns import customer, order
from tests.support.full_databases import fill_business, fill_master
from tests.support.ingestion import MIGRATIONS as INGESTION
from tests.support.postgres import PostgresServer
from tests.support.sending import HASHES
from tests.support.statements import Statement, captured, indexes_used, plans_of, scanned
from xencrm.campaigns.delivery import store as delivery
from xencrm.campaigns.readiness import MIGRATIONS as CAMPAIGNS
from xencrm.campaigns.receipts.model import RetryPolicy
from xencrm.campaigns.subscriptions import projection, receipts
from xencrm.campaigns.tracking import store as tracking
from xencrm.campaigns.tracking.model import Seen, Times
from xencrm.contracts.customers import CUSTOMER_CHANGED, CUSTOMER_RECORDED, CustomerRecorded
from xencrm.contracts.orders import ORDER_CHANGED, ORDER_RECORDED, OrderRecorded
from xencrm.contracts.receipts import RECEIPT_RECEIVED, Outcome, ReceiptReceived
from xencrm.contracts.topology import ALL_QUEUES
from xencrm.ingestion.customers import store as customers
from xencrm.ingestion.orders import store as orders
from xencrm.ingestion.subscriptions import bindings
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Database, Tx
from xencrm.kernel.ids import uuid7
from xencrm.kernel.messaging import inbox, outbox
from xencrm.kernel.messaging.broker import Broker
from xencrm.kernel.messaging.consumer import Consumer
from xencrm.kernel.messaging.envelope import MAX_EVENTS, Event, encode_data, encode_event, join_events
from xencrm.kernel.messaging.open import open_broker
from xencrm.kernel.migrations import migrate

BINDINGS = {
    binding.queue.name: binding
    for binding in (*bindings(str.encode), *projection(HASHES), receipts(RetryPolicy(3, 1.0), HASHES))
}
OF_INGESTION = ("customer_queue", "order_queue")
# Tables that hold a handful of rows, whatever is in the others.
SMALL = {
    *("campaigns", "campaign_stats", "campaign_failures", "campaign_links", "queue_progress"),
    "inbox_default",
}


@dataclass(frozen=True)
class Shop:
    """Both databases with much in them, and a broker with nothing."""

    master: Database
    business: Database
    broker: Broker

    def database_of(self, queue: str) -> Database:
        return self.master if queue in OF_INGESTION else self.business


@pytest.fixture(scope="module")
async def shop(postgres: PostgresServer) -> AsyncIterator[Shop]:
    master = Database(await postgres.create_database("hot_master"))
    business = Database(await postgres.create_database("hot_business"))
    broker = await open_broker(
        await postgres.create_database("hot_broker"), ALL_QUEUES, max_bytes=100_000_000
    )
    await migrate(master, INGESTION)
    await migrate(business, CAMPAIGNS)
    async with master.transaction() as tx:
        await inbox.maintain(tx, days=7)
    await fill_master(master.url)
    await fill_business(business.url)
    yield Shop(master, business, broker)
    for part in (master, business, broker):
        await part.close()


async def rows(database: Database, query: str, most: int) -> Sequence[Any]:
    async with database.transaction() as tx:
        return (await tx.execute(text(f"{query} LIMIT {most}"))).all()


async def customers_recorded(shop: Shop, count: int) -> list[CustomerRecorded]:
    """Changes of known customers and, every fourth, new ones."""
    known = await rows(shop.master, "SELECT email FROM customers ORDER BY md5(email)", count)
    return [
        CustomerRecorded(
            name=f"Changed {uuid4().hex}",
            email=f"{uuid4().hex}@new.example" if place % 4 == 3 else row.email,
            attributes={"city": "Pune"},
        )
        for place, row in enumerate(known)
    ]


async def orders_recorded(shop: Shop, count: int) -> list[OrderRecorded]:
    """New orders of known customers and, every fourth, one that is taken back."""
    query = "SELECT order_id, email FROM orders JOIN customers USING (customer_id) ORDER BY md5(order_id)"
    known = await rows(shop.master, query, count)
    return [
        OrderRecorded(
            order_amount=Decimal("12.50"),
            customer_email=row.email,
            order_id=row.order_id if place % 4 == 3 else uuid4().hex,
            order_status="REFUNDED" if place % 4 == 3 else "COMPLETED",
        )
        for place, row in enumerate(known)
    ]


async def customers_changed(shop: Shop, count: int) -> list[Any]:
    query = "SELECT customer_id FROM customers_mv ORDER BY md5(customer_id::text)"
    known = await rows(shop.business, query, count)
    return [
        customer(customer_id=uuid7() if place % 4 == 3 else row.customer_id, version=time.time_ns())
        for place, row in enumerate(known)
    ]


async def orders_changed(shop: Shop, count: int) -> list[Any]:
    query = "SELECT order_id, customer_id FROM orders_mv ORDER BY md5(order_id)"
    known = await rows(shop.business, query, count)
    return [
        order(
            order_id=row.order_id if place % 2 else uuid4().hex,
            customer_id=row.customer_id,
            version=time.time_ns(),
        )
        for place, row in enumerate(known)
    ]


async def receipts_received(shop: Shop, count: int) -> list[ReceiptReceived]:
    query = "SELECT message_id FROM communication_log WHERE state = 'SENDING'"
    return [
        ReceiptReceived(
            message_id=row.message_id,
            attempt=1,
            outcome=Outcome.DELIVERED if place % 4 == 3 else Outcome.FAILED,
            reason="" if place % 4 == 3 else "EMAIL_BOUNCED",
            vendor="simulator",
            occurred_at=utc_now(),
            body="Hello",
        )
        for place, row in enumerate(await rows(shop.business, query, count))
    ]


Make = Callable[[Shop, int], Awaitable[Sequence[Any]]]
BODIES: dict[str, tuple[str, Make]] = {
    "customer_queue": (CUSTOMER_RECORDED, customers_recorded),
    "order_queue": (ORDER_RECORDED, orders_recorded),
    "customer_mv_queue": (CUSTOMER_CHANGED, customers_changed),
    "order_mv_queue": (ORDER_CHANGED, orders_changed),
    "receipt_queue": (RECEIPT_RECEIVED, receipts_received),
}


def frames_of(queue: str, bodies: Sequence[Any]) -> list[bytes]:
    kind, _ = BODIES[queue]
    encoded = [
        encode_event(
            Event(id=uuid7(), type=kind, source="tests", subject="x", time=utc_now(), data=encode_data(body))
        )
        for body in bodies
    ]
    return [join_events(encoded[start : start + MAX_EVENTS]) for start in range(0, len(encoded), MAX_EVENTS)]


async def consume_one_batch(shop: Shop, queue: str, size: int) -> list[Statement]:
    """All events lie in the queue before the consumer comes; returns the statements of their transaction."""
    binding = BINDINGS[queue]
    _, make = BODIES[queue]
    for frame in frames_of(queue, await make(shop, size)):
        await shop.broker.publish(binding.queue.topic, frame)
    stop = asyncio.Event()
    consumer = Consumer(shop.database_of(queue), shop.broker, binding, max_events=2000)
    with captured(shop.database_of(queue)) as statements:
        task = asyncio.create_task(consumer.run(stop))
        async with asyncio.timeout(30):
            while await shop.broker.depth(binding.queue):
                await asyncio.sleep(0.02)
        stop.set()
        await task
    async with shop.database_of(queue).transaction() as tx:
        letters = await tx.execute(text("SELECT reason FROM dead_letters"))
        assert letters.scalars().all() == []
    return statements


@pytest.mark.parametrize("queue", BODIES)
async def test_a_batch_takes_as_many_statements_whatever_its_size(shop: Shop, queue: str) -> None:
    taken = {size: await consume_one_batch(shop, queue, size) for size in (1, 10, 1000)}
    kinds = {size: [statement.text for statement in statements] for size, statements in taken.items()}
    assert kinds[1] == kinds[10] == kinds[1000]
    assert 2 <= len(kinds[1]) <= 12


@pytest.mark.parametrize(
    ("queue", "indexes"),
    [
        ("customer_queue", {"customers_email_key", "customer_emails_pkey", "tombstones_email"}),
        ("order_queue", {"customers_email_key", "customers_pkey", "orders_pkey", "orders_of_customer"}),
        ("customer_mv_queue", {"tombstones_pkey"}),
        ("order_mv_queue", set()),
        ("receipt_queue", {"communication_log_default_pkey", "tombstones_pkey"}),
    ],
)
async def test_what_a_batch_reads_is_found_by_index(shop: Shop, queue: str, indexes: set[str]) -> None:
    database = shop.database_of(queue)
    assert indexes <= await check_plans(database, await consume_one_batch(shop, queue, 100))


async def check_plans(database: Database, statements: Sequence[Statement]) -> set[str]:
    """Nothing large is read from one end to the other; returns the indexes that serve instead."""
    used: set[str] = set()
    for statement in statements:
        for plan in await plans_of(database, statement):
            assert scanned(plan) <= SMALL, f"{statement}\n{plan}"
            used |= indexes_used(plan)
    return used


async def sweep_waiting_orders(tx: Tx) -> None:
    await orders.mark_ready(tx, within_s=60)
    await orders.take_ready(tx, 1000)


async def carry_the_outbox(tx: Tx) -> None:
    found = await outbox.list_unsettled(tx, 20)
    await outbox.settle(tx, [outbox_id for outbox_id, _, _ in found] or [1])


async def look_customers_up(tx: Tx) -> None:
    await customers.find_known(tx, ["somebody@shop.example"], [uuid4()])


@pytest.mark.parametrize(
    ("work", "indexes"),
    [
        (sweep_waiting_orders, {"waiting_orders_ready", "waiting_orders_parked"}),
        (carry_the_outbox, {"outbox_unsettled", "outbox_pkey"}),
        (look_customers_up, {"customers_email_key", "customers_pkey"}),
    ],
)
async def test_what_ingestion_asks_all_the_time_is_found_by_index(
    shop: Shop, work: Callable[[Tx], Awaitable[None]], indexes: set[str]
) -> None:
    with captured(shop.master) as statements:
        async with shop.master.transaction() as tx:
            await work(tx)
    assert indexes <= await check_plans(shop.master, statements)


async def test_messages_are_claimed_by_the_index_of_what_is_pending(shop: Shop) -> None:
    with captured(shop.business) as statements:
        async with shop.business.transaction() as tx:
            campaign = (await delivery.list_running(tx, "simulator", most_sending=100_000))[0]
            claimed = await delivery.claim_messages(tx, campaign, lease=uuid4(), lease_s=30, most=100)
    assert len(claimed) == 100
    used = await check_plans(shop.business, statements[1:])
    assert {"communication_log_default_campaign_id_not_before_message_id_idx", "customers_mv_pkey"} <= used


@pytest.mark.parametrize("count", [1, 500])
async def test_opens_and_clicks_are_written_down_in_one_statement_by_index(shop: Shop, count: int) -> None:
    month_and_id = "SELECT campaign_month, message_id FROM communication_log ORDER BY md5(message_id::text)"
    messages = await rows(shop.business, month_and_id, count)
    now = utc_now()
    seen = {
        Seen(row.campaign_month, row.message_id, link): Times(1, now, now)
        for row in messages
        for link in (None, 7)
    }
    with captured(shop.business) as statements:
        async with shop.business.transaction() as tx:
            await tracking.record(tx, seen)
    assert len(statements) == 1
    used = await check_plans(shop.business, statements)
    assert {"communication_log_default_pkey", "tombstones_pkey"} <= used
    for table in ("engagements", "link_clicks"):
        assert len(await rows(shop.business, f"SELECT 1 FROM {table}", 1000)) >= count
