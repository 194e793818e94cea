"""Orders that are parked at the very moment at which their customer is inserted: neither sees the other."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from tests.support.ingestion import RunningIngestion, running_ingestion
from tests.support.postgres import PostgresServer

RACES = 1000
PAIRS = 20
PEOPLE_A_PAIR = 10
MOST_ROUNDS = 200
SPREAD_S = 0.05
# Which transaction marked a parked order as ready: its customer's own, or the sweep's that looks afterwards.
WITNESSES = (
    "CREATE TABLE seen_insert (email text, xid xid8)",
    "CREATE TABLE seen_ready (email text, xid xid8)",
    """
    CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_TABLE_NAME = 'customers' THEN
            INSERT INTO seen_insert VALUES (new.email, pg_current_xact_id());
        ELSE
            INSERT INTO seen_ready VALUES (new.customer_email, pg_current_xact_id());
        END IF;
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER see AFTER INSERT ON customers FOR EACH ROW EXECUTE FUNCTION see()",
    "CREATE TRIGGER see AFTER UPDATE OF ready ON waiting_orders FOR EACH ROW EXECUTE FUNCTION see()",
)
RACED = """
    SELECT count(*) FROM seen_ready AS ready JOIN seen_insert AS inserted USING (email)
    WHERE ready.xid <> inserted.xid
"""
STATE = """
    SELECT ROW(count(*), sum(orders_spend), sum(orders_count), (SELECT count(*) FROM orders),
               (SELECT count(*) FROM waiting_orders))::text
    FROM customers
"""


@pytest.fixture
async def ingestion(postgres: PostgresServer, broker_url: str) -> AsyncIterator[RunningIngestion]:
    master = await postgres.create_database(f"master_{uuid4().hex}")
    async with running_ingestion(master, broker_url) as running:
        for statement in WITNESSES:
            async with running.database.transaction() as tx:
                await tx.exec_driver_sql(statement)
        yield running


async def test_orders_parked_as_their_customer_is_inserted_do_not_stay(ingestion: RunningIngestion) -> None:
    """Rounds of customers and their orders, posted together, until enough of them have missed each other."""
    rounds = raced = 0
    while raced < RACES:
        assert rounds < MOST_ROUNDS, f"{raced} races in {rounds} rounds"
        await asyncio.gather(*(post_pair(ingestion, f"{rounds}-{pair}") for pair in range(PAIRS)))
        rounds += 1
        people = rounds * PAIRS * PEOPLE_A_PAIR
        await ingestion.until(STATE, f"({people},{people * 3}.00,{people},{people},0)", within_s=60)
        [(raced,)] = await ingestion.rows(RACED)


async def post_pair(ingestion: RunningIngestion, name: str) -> None:
    emails = [f"p{name}-{person}@shop.example" for person in range(PEOPLE_A_PAIR)]
    customers = [{"name": "Asha", "email": email} for email in emails]
    orders = [{"customer_email": email, "order_amount": 3} for email in emails]
    await asyncio.sleep(random.uniform(0, SPREAD_S))
    await asyncio.gather(
        post(ingestion, "/customers/batch", customers), post(ingestion, "/orders/batch", orders)
    )


async def post(ingestion: RunningIngestion, path: str, rows: list[dict[str, Any]]) -> None:
    status, answer = await ingestion.post(path, rows)
    assert (status, answer["accepted"]) == (202, len(rows))
