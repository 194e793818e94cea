"""Sample data: by the real way in, once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from tests.support.ingestion import RunningIngestion, running_ingestion
from tests.support.postgres import PostgresServer
from tests.support.programs import ZONE
from xencrm.ingestion.samples.shop import CUSTOMERS, ORDERS

STATE = """
    SELECT (SELECT md5(string_agg(customer::text, '|' ORDER BY customer_id)) FROM customers AS customer
            WHERE email <> :later),
           (SELECT md5(string_agg(placed::text, '|' ORDER BY order_id)) FROM orders AS placed
            WHERE order_id <> :later)
"""
LATER = "later@shop.example"


@pytest.fixture(scope="module")
async def ingestion(postgres: PostgresServer) -> AsyncIterator[RunningIngestion]:
    master = await postgres.create_database(f"master_{uuid4().hex}")
    broker = await postgres.create_database(f"broker_{uuid4().hex}")
    async with running_ingestion(master, broker, time_zone=ZONE) as running:
        yield running


async def finished(ingestion: RunningIngestion, batch_id: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while (answer := await ingestion.get(f"/batches/{batch_id}"))[1]["status"] != "done":
            await asyncio.sleep(0.1)
        while answer[1]["waiting"]:
            await asyncio.sleep(0.1)
            answer = await ingestion.get(f"/batches/{batch_id}")
    return dict(answer[1])


async def test_sample_data_arrives_as_batches_that_can_be_followed_and_twice_changes_nothing(
    ingestion: RunningIngestion,
) -> None:
    status, first = await ingestion.ask("POST", "/sample-data", role="marketer")
    assert status == 202
    assert [(batch["kind"], batch["rows"]) for batch in first["batches"]] == [
        ("customers", CUSTOMERS),
        ("orders", ORDERS),
    ]
    for batch in first["batches"]:
        done = await finished(ingestion, batch["batch_id"])
        assert (done["accepted"], done["applied"], done["rejected"]) == (batch["rows"], batch["rows"], 0)
    before = await ingestion.rows(STATE, later=LATER)
    assert await ingestion.ask("POST", "/sample-data", role="admin") == (202, first)
    await ingestion.post("/customers", {"name": "Later", "email": LATER})
    await ingestion.post("/orders", {"customer_email": LATER, "order_amount": 1, "order_id": LATER})
    await ingestion.until("SELECT count(*) FROM orders WHERE order_id = :later", 1, later=LATER)
    assert await ingestion.rows(STATE, later=LATER) == before


@pytest.mark.parametrize("role", ["viewer", "ingest"])
async def test_sample_data_is_for_those_who_may_change_segments(
    ingestion: RunningIngestion, role: str
) -> None:
    assert (await ingestion.ask("POST", "/sample-data", role=role))[0] == 403
