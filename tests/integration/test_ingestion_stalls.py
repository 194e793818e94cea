"""A Master DB that takes connections and answers nothing: posts are refused in time, and go on afterwards."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.support.ingestion import RunningIngestion, running_ingestion
from tests.support.postgres import PostgresServer
from tests.support.waiting import until

IN_TIME_S = 15.0  # about two seconds are promised; the machine may be slow


@pytest.fixture(scope="module")
async def ingestion(postgres: PostgresServer) -> AsyncIterator[RunningIngestion]:
    master = await postgres.create_database(f"master_{uuid4().hex}")
    broker = await postgres.create_database(f"broker_{uuid4().hex}")
    async with running_ingestion(master, broker, customer_grace_s=0.5) as running:
        yield running


@asynccontextmanager
async def stalled(
    ingestion: RunningIngestion, table: str, mode: str = "ACCESS EXCLUSIVE"
) -> AsyncIterator[None]:
    """No statement on the table gets an answer; in SHARE mode, no statement that writes to it."""
    async with ingestion.database.transaction() as tx:
        await tx.execute(text(f"LOCK TABLE {table} IN {mode} MODE"))
        yield


async def post_timed(ingestion: RunningIngestion, path: str, body: Any) -> int:
    began = time.monotonic()
    status, _ = await ingestion.post(path, body)
    assert time.monotonic() - began < IN_TIME_S
    return status


@pytest.mark.parametrize("path", ["/customers", "/customers/batch"])
async def test_posts_are_refused_in_time_while_keys_cannot_be_looked_up(
    ingestion: RunningIngestion, path: str
) -> None:
    customer = {"name": "Asha", "email": f"{uuid4().hex}@shop.example"}
    body = customer if path == "/customers" else [customer]

    async def post() -> int:
        return await post_timed(ingestion, path, body)

    async with stalled(ingestion, "principals"):
        await until(post, lambda status: status == 503)  # a key is remembered for moments
    await until(post, lambda status: status == 202)


async def test_orders_are_refused_in_time_while_customers_cannot_be_looked_up(
    ingestion: RunningIngestion,
) -> None:
    order = {"customer_email": f"{uuid4().hex}@shop.example", "order_amount": 1}
    async with stalled(ingestion, "customers"):
        orders = await asyncio.gather(*(post_timed(ingestion, "/orders", order) for _ in range(5)))
        assert orders == [503] * 5
    await until(lambda: post_timed(ingestion, "/orders", order), lambda status: status == 404)


async def test_the_order_of_a_customer_whom_a_consumer_holds_waits(
    postgres: PostgresServer, broker_url: str
) -> None:
    """No broker counts as waiting what a consumer has taken and not applied yet."""
    master = await postgres.create_database(f"master_{uuid4().hex}")
    email = f"{uuid4().hex}@shop.example"
    async with running_ingestion(master, broker_url, without=("upkeep",), customer_grace_s=0.1) as ingestion:
        async with stalled(ingestion, "inbox", "SHARE"):
            status, _ = await ingestion.post("/customers", {"name": "Asha", "email": email})
            assert status == 202
            status, order = await ingestion.post("/orders", {"customer_email": email, "order_amount": 3})
            assert status == 202, order
        await ingestion.until("SELECT sum(orders_count) FROM customers WHERE email = :email", 1, email=email)
        status, _ = await ingestion.post("/orders", {"customer_email": f"not-{email}", "order_amount": 3})
        assert status == 404
