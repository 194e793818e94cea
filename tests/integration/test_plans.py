"""Erasures and rebuilds touch what they are about, however much else there is."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

import xencrm.campaigns.readiness
import xencrm.ingestion.__main__
from tests.support.plans import tables_read_whole
from tests.support.postgres import PostgresServer
from xencrm.campaigns.delivery import erasing
from xencrm.campaigns.profiles import range_store
from xencrm.campaigns.profiles import store as profiles
from xencrm.campaigns.receipts import store as receipts
from xencrm.ingestion.rebuild import store as rebuild
from xencrm.kernel.database import Database
from xencrm.kernel.messaging import outbox
from xencrm.kernel.migrations import migrate

ROWS = 20_000
BUSINESS = (
    f"""INSERT INTO customers_mv (customer_id, name, email, status, total_spend, total_orders, total_visits,
                                  attributes, created_at, version)
        SELECT uuidv7(), 'Asha', n || '@shop.example', 'ACTIVE', n, 0, 0, '{{}}', now(), 1
        FROM generate_series(1, {ROWS}) AS n""",
    "INSERT INTO profile_texts SELECT customer_id, email, attributes FROM customers_mv",
    """INSERT INTO orders_mv (order_id, customer_id, order_amount, order_status, ordered_at, version)
       SELECT email, customer_id, 1, 'COMPLETED', now(), 1 FROM customers_mv""",
    """INSERT INTO communication_log (campaign_month, campaign_id, customer_id, state)
       SELECT '2026-11-01', uuidv7(), customer_id, 'DELIVERED' FROM customers_mv""",
    """INSERT INTO delivery_receipts (campaign_month, receipt_id, message_id, attempt, outcome, vendor,
                                      matched, occurred_at)
       SELECT campaign_month, uuidv7(), message_id, 1, 'DELIVERED', 'v', true, now()
       FROM communication_log""",
    f"INSERT INTO tombstones SELECT uuidv7(), now() FROM generate_series(1, {ROWS})",
)
MASTER = (
    f"""INSERT INTO customers (email, name, status, opening_total_spend, opening_total_visits, attributes)
        SELECT n || '@shop.example', 'Asha', 'ACTIVE', 0, 0, '{{}}' FROM generate_series(1, {ROWS}) AS n""",
    """INSERT INTO orders (order_id, customer_id, order_amount, order_status, ordered_at)
       SELECT email, customer_id, 1, 'COMPLETED', now() FROM customers""",
    f"""INSERT INTO outbox (exchange, routing_key, settled_at)
        SELECT 'e', 'k', now() FROM generate_series(1, {ROWS})""",
)
OF_BUSINESS = {
    "delete customers": range_store._DELETE_CUSTOMERS,
    "delete orders": range_store._DELETE_ORDERS,
    "repair texts": range_store._REPAIR_TEXTS,
    "bury": profiles._BURY,
    "find erased": profiles._FIND_ERASED,
    "erase messages": erasing._ERASE,
    "clear receipts": receipts._CLEAR,
}
OF_MASTER = {
    "list customers": rebuild._CUSTOMERS,
    "list orders": rebuild._ORDERS,
    "newest": outbox._NEWEST,
    "unsettled": outbox._COUNT_UNSETTLED,
}


@asynccontextmanager
async def filled(
    postgres: PostgresServer, migrations: Path, statements: Sequence[str]
) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    url = await postgres.create_database(f"plans_{uuid4().hex}")
    database = Database(url)
    await migrate(database, migrations)
    await database.close()
    connection = await asyncpg.connect(url)
    for statement in (*statements, "ANALYZE"):
        await connection.execute(statement)
    yield connection
    await connection.close()


@pytest.fixture(scope="module")
async def business(postgres: PostgresServer) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    async with filled(postgres, xencrm.campaigns.readiness.MIGRATIONS, BUSINESS) as connection:
        yield connection


@pytest.fixture(scope="module")
async def master(postgres: PostgresServer) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    async with filled(postgres, xencrm.ingestion.__main__.MIGRATIONS, MASTER) as connection:
        yield connection


@pytest.mark.parametrize("name", OF_BUSINESS)
async def test_no_table_of_the_business_db_is_read_whole(
    business: "asyncpg.Connection[asyncpg.Record]", name: str
) -> None:
    assert await tables_read_whole(business, OF_BUSINESS[name]) == set()


@pytest.mark.parametrize("name", OF_MASTER)
async def test_no_table_of_the_master_db_is_read_whole(
    master: "asyncpg.Connection[asyncpg.Record]", name: str
) -> None:
    assert await tables_read_whole(master, OF_MASTER[name]) == set()
