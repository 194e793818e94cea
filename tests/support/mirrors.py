"""Both services side by side, and whether the Business DB says what the Master DB says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.support.campaigns import running_campaigns
from tests.support.ingestion import running_ingestion
from tests.support.postgres import PostgresServer
from tests.support.service import RunningService
from tests.support.waiting import until
from xencrm.contracts.topology import CUSTOMER_MV_QUEUE, ORDER_MV_QUEUE, division

# From the orders themselves, not from the sums that Ingestion keeps.
_CUSTOMERS = """
    SELECT customer_id, name, email, phone, status, opening_total_spend + coalesce(spend, 0) AS total_spend,
           coalesce(counted, 0) AS total_orders, opening_total_visits + coalesce(counted, 0) AS total_visits,
           greatest(opening_last_order_at, last_at) AS last_order_at, attributes, created_at, version
    FROM customers LEFT JOIN (
        SELECT customer_id, sum(order_amount) AS spend, count(*) AS counted, max(ordered_at) AS last_at
        FROM orders WHERE order_status = 'COMPLETED' GROUP BY customer_id
    ) AS completed USING (customer_id)
    ORDER BY customer_id
"""
_ORDERS = """
    SELECT order_id, customer_id, order_amount, order_status, ordered_at, version FROM {table}
    ORDER BY order_id COLLATE "C"
"""
_PROFILES = """
    SELECT customer_id, name, email, phone, status, total_spend, total_orders, total_visits, last_order_at,
           attributes, created_at, version
    FROM customers_mv ORDER BY customer_id
"""
_TEXTS = "SELECT customer_id, searched, attributes FROM profile_texts ORDER BY customer_id"

Rows = dict[Any, tuple[Any, ...]]


@dataclass(frozen=True)
class Mirrors:
    """`partitions`: how many each queue has."""

    ingestion: RunningService
    campaigns: RunningService
    broker_url: str
    partitions: int

    async def differences(self) -> dict[str, Any]:
        """What is only in the one or the other, by table; nothing when the Business DB is right."""
        customers = await self.master(_CUSTOMERS)
        return {
            **_differing("customers", customers, await self.business(_PROFILES)),
            **_differing("texts", _texts_of(customers), await self.business(_TEXTS)),
            **_differing(
                "orders",
                await self.master(_ORDERS.format(table="orders")),
                await self.business(_ORDERS.format(table="orders_mv")),
            ),
        }

    async def until_equal(self, within_s: float = 60) -> None:
        await until(self.differences, lambda found: not found, within_s=within_s)
        letters = "SELECT event_id, reason FROM dead_letters"
        assert await self.ingestion.rows(letters) + await self.campaigns.rows(letters) == []

    async def master(self, query: str) -> Rows:
        return {row[0]: tuple(row) for row in await self.ingestion.rows(query)}

    async def business(self, query: str) -> Rows:
        return {row[0]: tuple(row) for row in await self.campaigns.rows(query)}


@asynccontextmanager
async def running_mirrors(
    postgres: PostgresServer, broker_url: str | None = None, *, partitions: int = 1
) -> AsyncIterator[Mirrors]:
    broker_url = broker_url or await postgres.create_database(f"broker_{uuid4().hex}")
    master_url = await postgres.create_database(f"master_{uuid4().hex}")
    queues = [
        queue.name
        for whole in (CUSTOMER_MV_QUEUE, ORDER_MV_QUEUE)
        for queue in division(partitions).queues_of(whole)
    ]
    async with (
        running_campaigns(
            postgres, roles=("http", *queues), broker_url=broker_url, partitions=partitions
        ) as campaigns,
        running_ingestion(master_url, broker_url, partitions=partitions) as ingestion,
    ):
        yield Mirrors(ingestion, campaigns, broker_url, partitions)


def _differing(table: str, expected: Rows, found: Rows) -> dict[str, Any]:
    keys = [key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)]
    return {f"{table} {key}": (expected.get(key), found.get(key)) for key in keys[:5]}


def _texts_of(customers: Rows) -> Rows:
    """What is searched: name, e-mail and phone, and the attributes."""
    return {
        key: (key, "\n".join(part for part in row[1:4] if part is not None).lower(), row[9])
        for key, row in customers.items()
    }
