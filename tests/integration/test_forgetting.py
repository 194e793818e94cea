"""A dead letter that is written after its person was erased does not outlive the next upkeep."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.support.campaigns import add_customers, customer, publish_erased, running_campaigns
from tests.support.ingestion import running_ingestion
from tests.support.postgres import PostgresServer
from tests.support.sending import launch, tables_with
from tests.support.service import RunningService
from xencrm.campaigns.roles import build_services, roles_of
from xencrm.contracts.customers import CUSTOMER_CHANGED, CUSTOMER_RECORDED
from xencrm.contracts.receipts import RECEIPT_RECEIVED
from xencrm.contracts.topology import CUSTOMER_MV_QUEUE, CUSTOMER_QUEUE, RECEIPT_QUEUE
from xencrm.kernel.clock import utc_now
from xencrm.kernel.ids import uuid7
from xencrm.kernel.messaging import dead_letters
from xencrm.kernel.messaging.broker import Queue
from xencrm.kernel.messaging.dead_letters import DeadLetter
from xencrm.kernel.messaging.envelope import Event, encode_data
from xencrm.kernel.settings import Settings


def letter(queue: Queue, kind: str, at: datetime, **body: str) -> DeadLetter:
    """Of an event accepted at that time."""
    event = Event(id=uuid7(), type=kind, source="tests", subject="", time=at, data=encode_data(body))
    return dead_letters.of_event(queue, event, "a bad day")


async def put_aside(running: RunningService, *letters: DeadLetter) -> None:
    async with running.database.transaction() as tx:
        await dead_letters.insert(tx, letters)


async def left(running: RunningService) -> set[UUID]:
    return {row.event_id for row in await running.rows("SELECT event_id FROM dead_letters")}


async def test_ingestion_forgets_letters_of_erased_customers(postgres: PostgresServer) -> None:
    master = await postgres.create_database(f"master_{uuid4().hex}")
    broker = await postgres.create_database(f"broker_{uuid4().hex}")
    first, second, other = (f"{name}{uuid4().hex}@shop.example" for name in ("a", "b", "c"))
    before = utc_now()
    async with running_ingestion(master, broker, without=("upkeep",)) as ingestion:
        gone = await customer_with_two_addresses(ingestion, first, second)
        assert (await ingestion.ask("DELETE", f"/customers/{gone}"))[0] == 204
        later = utc_now() + timedelta(seconds=1)
        theirs = [letter(CUSTOMER_QUEUE, CUSTOMER_RECORDED, before, email=email) for email in (first, second)]
        theirs.append(letter(CUSTOMER_QUEUE, CUSTOMER_RECORDED, later, customer_id=gone))
        of_others = [
            letter(CUSTOMER_QUEUE, CUSTOMER_RECORDED, at, email=email)
            for at, email in ((before, other), (later, first), (later, second))
        ]
        await put_aside(ingestion, *theirs, *of_others)
    async with running_ingestion(master, broker) as ingestion:
        await ingestion.until("SELECT count(*) FROM dead_letters", len(of_others))
        assert await left(ingestion) == {each.event_id for each in of_others}


async def customer_with_two_addresses(ingestion: RunningService, first: str, second: str) -> str:
    """Returns the id of somebody who moved from the first to the second."""
    assert (await ingestion.post("/customers", {"name": "Asha", "email": first}))[0] == 202
    await ingestion.until("SELECT count(*) FROM customers", 1)
    (row,) = await ingestion.rows("SELECT customer_id FROM customers")
    status, _ = await ingestion.ask("PATCH", f"/customers/{row.customer_id}", json={"email": second})
    assert status == 200
    return str(row.customer_id)


async def test_campaigns_forgets_letters_of_erased_customers_and_of_messages_to_them(
    postgres: PostgresServer,
) -> None:
    people = gone, stays = customer(name="Zyx One"), customer(name="Zyx Two")
    async with running_campaigns(postgres, roles=("http", "customer_mv_queue")) as campaigns:
        await add_customers(campaigns, people)
        await launch(campaigns)
        await publish_erased(campaigns, gone.customer_id)
        await campaigns.until("SELECT count(*) FROM tombstones", 1)
        rows = await campaigns.rows("SELECT customer_id, message_id FROM communication_log")
        messages = {row.customer_id: str(row.message_id) for row in rows}
        letters = {
            person.customer_id: (
                letter(
                    CUSTOMER_MV_QUEUE,
                    CUSTOMER_CHANGED,
                    utc_now(),
                    customer_id=str(person.customer_id),
                    name=person.name,
                ),
                letter(
                    RECEIPT_QUEUE,
                    RECEIPT_RECEIVED,
                    utc_now(),
                    message_id=messages[person.customer_id],
                    body=f"Hi {person.name}",
                ),
            )
            for person in people
        }
        await put_aside(campaigns, *letters[gone.customer_id], *letters[stays.customer_id])
        async with upkeep_of(campaigns):
            await campaigns.until("SELECT count(*) FROM dead_letters", 2)
        assert await left(campaigns) == {each.event_id for each in letters[stays.customer_id]}
        assert await tables_with(campaigns, [gone.name]) == []


@asynccontextmanager
async def upkeep_of(campaigns: RunningService, **overrides: Any) -> AsyncIterator[None]:
    settings = Settings(business_db_url=campaigns.database.url, secret="test-secret", **overrides)
    services = build_services(settings, campaigns.database, campaigns.broker)
    stop = asyncio.Event()
    task = asyncio.create_task(roles_of("project", services, 0)["upkeep"](stop))
    try:
        yield
    finally:
        stop.set()
        await task
