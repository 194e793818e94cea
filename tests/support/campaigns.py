"""A running Campaigns in this process, and snapshots as Ingestion would send them."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import msgspec

from tests.support.ports import free_port
from tests.support.postgres import PostgresServer
from tests.support.service import ROLES, RunningService, key_of, until_ready
from xencrm.campaigns.accounts.keys import service as accounts
from xencrm.campaigns.profiles import service as profiles
from xencrm.campaigns.readiness import MIGRATIONS
from xencrm.campaigns.roles import build_services, roles_of
from xencrm.contracts.customers import CUSTOMER_CHANGED, CUSTOMER_ERASED, CustomerChanged, CustomerErased
from xencrm.contracts.orders import ORDER_CHANGED, OrderChanged
from xencrm.contracts.topology import CUSTOMER_MV_QUEUE, ORDER_MV_QUEUE, all_queues, division
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Database
from xencrm.kernel.http.principals import Role
from xencrm.kernel.ids import uuid7
from xencrm.kernel.messaging.envelope import Event, encode_data, encode_frame
from xencrm.kernel.messaging.open import open_broker
from xencrm.kernel.messaging.partitions import partitioned
from xencrm.kernel.settings import Settings

HTTP_ONLY = ("http",)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


@asynccontextmanager
async def running_campaigns(
    postgres: PostgresServer,
    *,
    roles: Collection[str] = HTTP_ONLY,
    broker_url: str | None = None,
    **overrides: Any,
) -> AsyncIterator[RunningService]:
    """On databases of its own (and a broker, unless one is given), with a key of each role; plays the given
    roles."""
    url = await postgres.create_migrated(f"business_{uuid4().hex}", MIGRATIONS)
    broker_url = broker_url or await postgres.create_database(f"broker_{uuid4().hex}")
    database = await _with_keys(url)
    overrides = {"simulator_url": "http://127.0.0.1:9", **overrides}
    settings = Settings(business_db_url=url, broker_url=broker_url, secret="test-secret", **overrides)
    plain = await open_broker(broker_url, all_queues(settings.partitions), max_bytes=100_000_000)
    broker = partitioned(plain, division(settings.partitions))
    port = free_port()
    stop = asyncio.Event()
    playing = roles_of("all", build_services(settings, database, broker), port)
    async with asyncio.TaskGroup() as tasks, aiohttp.ClientSession() as http:
        for name in roles:
            tasks.create_task(_play(playing[name], stop))
        running = RunningService(f"http://127.0.0.1:{port}", database, broker, http)
        await until_ready(running)
        try:
            yield running
        finally:
            stop.set()
    await broker.close()
    await database.close()


async def _play(role: Any, stop: asyncio.Event) -> None:
    await role(stop)


async def _with_keys(url: str) -> Database:
    database = Database(url)
    async with database.transaction() as tx:
        for role in ROLES:
            await accounts.ensure_key(tx, role, Role(role), key_of(role))
    return database


def customer(**fields: Any) -> CustomerChanged:
    customer_id: UUID = fields.get("customer_id", uuid7())
    attributes = msgspec.Raw(msgspec.json.encode(fields.pop("attributes", {})))
    values: dict[str, Any] = {
        "customer_id": customer_id,
        "name": "Asha Rao",
        "email": f"{customer_id.hex}@shop.example",
        "phone": None,
        "status": "ACTIVE",
        "total_spend": Decimal("0.00"),
        "total_orders": 0,
        "total_visits": 0,
        "last_order_at": None,
        "created_at": SINCE,
        "version": 1,
    }
    return CustomerChanged(**{**values, **fields, "attributes": attributes})


def order(**fields: Any) -> OrderChanged:
    values: dict[str, Any] = {
        "order_id": uuid4().hex,
        "customer_id": uuid4(),
        "order_amount": Decimal("10.00"),
        "order_status": "COMPLETED",
        "ordered_at": SINCE,
        "version": 1,
    }
    return OrderChanged(**{**values, **fields})


async def add_customers(running: RunningService, snapshots: Sequence[CustomerChanged]) -> None:
    async with running.database.transaction() as tx:
        await profiles.project_customers(tx, snapshots)


async def add_orders(running: RunningService, snapshots: Sequence[OrderChanged]) -> None:
    async with running.database.transaction() as tx:
        await profiles.project_orders(tx, snapshots)


async def publish_customers(running: RunningService, snapshots: Sequence[CustomerChanged]) -> None:
    events = [changed_event(item) for item in snapshots]
    await running.broker.publish(CUSTOMER_MV_QUEUE.topic, encode_frame(events))


async def publish_orders(running: RunningService, snapshots: Sequence[OrderChanged]) -> None:
    events = [_event(ORDER_CHANGED, str(item.customer_id), item) for item in snapshots]
    await running.broker.publish(ORDER_MV_QUEUE.topic, encode_frame(events))


async def publish_erased(running: RunningService, *customer_ids: UUID) -> None:
    events = [erased_event(customer_id) for customer_id in customer_ids]
    await running.broker.publish(CUSTOMER_MV_QUEUE.topic, encode_frame(events))


def changed_event(snapshot: CustomerChanged) -> Event:
    return _event(CUSTOMER_CHANGED, str(snapshot.customer_id), snapshot)


def erased_event(customer_id: UUID) -> Event:
    return _event(CUSTOMER_ERASED, str(customer_id), CustomerErased(customer_id, utc_now()))


async def walk(running: RunningService, path: str, *, limit: int, **params: str) -> list[Any]:
    """All items of a list, page by page."""
    items: list[Any] = []
    cursor = ""
    while True:
        query = {**params, "limit": str(limit), "cursor": cursor}
        status, page = await running.get(path, params=query)
        assert status == 200, page
        assert len(page["items"]) <= limit
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


def _event(kind: str, subject: str, body: Any) -> Event:
    return Event(
        id=uuid7(), type=kind, source="tests", subject=subject, time=utc_now(), data=encode_data(body)
    )
