"""Lists of whole ranges, in Campaigns: what they repair and delete, and what they leave alone."""

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zlib import crc32

import msgspec
import pytest
from sqlalchemy import event as sqlalchemy_event

from tests.support.campaigns import add_customers, add_orders, customer, order, running_campaigns
from tests.support.postgres import PostgresServer
from tests.support.service import RunningService
from xencrm.campaigns.profiles import consumer
from xencrm.contracts.customers import CustomersRebuilt
from xencrm.contracts.orders import OrdersRebuilt
from xencrm.ingestion.rebuild.ranges import customers_rebuilt, orders_rebuilt
from xencrm.kernel.clock import utc_now
from xencrm.kernel.messaging.envelope import Event
from xencrm.kernel.messaging.subscription import Received

HOUR = timedelta(hours=1)


@pytest.fixture
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres) as running:
        yield running


async def test_a_range_that_comes_again_deletes_nothing_new(campaigns: RunningService) -> None:
    """Also when Ingestion's clock is ahead."""
    await add_customers(campaigns, [customer()])
    await add_orders(campaigns, [order()])
    nobody = _later(customers_rebuilt(None, None, [], 1)[0])
    nothing = _later(orders_rebuilt(None, None, [], 1)[0])
    await _project(campaigns, nobody, nothing)
    counts = "SELECT (SELECT count(*) FROM customers_mv) * 10 + (SELECT count(*) FROM orders_mv)"
    assert (await campaigns.rows(counts))[0][0] == 0
    await add_customers(campaigns, [customer()])
    await add_orders(campaigns, [order()])
    await _project(campaigns, nobody, nobody, nothing, nothing)
    assert (await campaigns.rows(counts))[0][0] == 11


async def test_a_range_that_is_replayed_much_later_deletes_nothing_new(campaigns: RunningService) -> None:
    """The inbox has forgotten a dead letter."""
    old = customers_rebuilt(None, None, [], 1)[0], orders_rebuilt(None, None, [], 1)[0]
    await add_customers(campaigns, [new := customer(version=7)])
    await add_orders(campaigns, [bought := order(version=7)])
    await _project(campaigns, *old)
    listed = customers_rebuilt(None, None, [customer(customer_id=new.customer_id)], 1)[0]
    ordered = orders_rebuilt(None, None, [order(order_id=bought.order_id)], 1)[0]
    await _project(campaigns, listed, ordered)
    assert [row.version for row in await campaigns.rows("SELECT version FROM customers_mv")] == [7]
    assert [row.version for row in await campaigns.rows("SELECT version FROM orders_mv")] == [7]


async def test_a_range_of_one_partition_leaves_the_others_alone(campaigns: RunningService) -> None:
    people = [customer() for _ in range(60)]
    kept = {item.customer_id for item in people[:20]}
    await add_customers(campaigns, people)
    await add_orders(campaigns, [order(customer_id=item.customer_id) for item in people])
    events = customers_rebuilt(None, None, people[:20], 3) + orders_rebuilt(None, None, [], 3)
    for done in range(3):
        await _project(campaigns, events[done], events[3 + done])
        waiting = {each.customer_id for each in people if _partition(each.customer_id) > done}
        profiles = await campaigns.rows("SELECT customer_id FROM customers_mv")
        assert {row.customer_id for row in profiles} == kept | waiting
        orders = await campaigns.rows("SELECT customer_id FROM orders_mv")
        assert {row.customer_id for row in orders} == waiting


async def test_statements_of_a_range_do_not_grow_with_it(campaigns: RunningService) -> None:
    counts = []
    for size in (1, 400):
        people = [customer() for _ in range(size)]
        statements: list[str] = []

        note = partial(_note, statements)
        engine = campaigns.database.engine.sync_engine
        sqlalchemy_event.listen(engine, "before_cursor_execute", note)
        await _project(campaigns, customers_rebuilt(None, None, people, 1)[0])
        sqlalchemy_event.remove(engine, "before_cursor_execute", note)
        counts.append(len(statements))
    assert counts == [4, 4], "inbox, rows, strays, texts"


def _partition(customer_id: UUID) -> int:
    return crc32(str(customer_id).encode()) % 3


def _note(into: list[str], _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    into.append(statement)


def _later(event: Event) -> Event:
    return msgspec.structs.replace(event, time=utc_now() + HOUR)


async def _project(campaigns: RunningService, *events: Event) -> None:
    customers = [item for item in events if item.type.startswith("customers")]
    orders = [item for item in events if item.type.startswith("orders")]
    async with campaigns.database.transaction() as tx:
        await consumer.project_customers(tx, [_received(item, CustomersRebuilt) for item in customers])
        await consumer.project_orders(tx, [_received(item, OrdersRebuilt) for item in orders])


def _received(event: Event, kind: type[Any]) -> Received:
    return Received(event, msgspec.json.decode(event.data, type=kind))
