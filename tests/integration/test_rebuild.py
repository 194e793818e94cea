"""Rebuilding profiles: the Business DB becomes what the Master DB says, whatever was done to it."""

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.support.campaigns import customer, order
from tests.support.cli import xencrm
from tests.support.ingestion import migrated, running_ingestion
from tests.support.mirrors import Mirrors, running_mirrors
from tests.support.postgres import PostgresServer
from tests.support.service import RunningService
from xencrm.campaigns.profiles import service as profiles
from xencrm.contracts.topology import CUSTOMER_MV_QUEUE
from xencrm.ingestion.rebuild.pace import MOST_FRAMES, MOST_UNSETTLED
from xencrm.ingestion.rebuild.service import Rebuilt, rebuild
from xencrm.kernel.database import Database, is_transient
from xencrm.kernel.ids import uuid7
from xencrm.kernel.messaging.relay import Relay

PEOPLE = 1300
ORDERS = 1700
# Before the first, between and after the last.
STRAYS = (UUID(int=1), UUID("01900000-0000-7000-8000-000000000000"), uuid7(), UUID(int=2**128 - 1))
STRAY_ORDERS = ("\x01", "!", "A", "o-0500x", "o-9", "o-z", "zz", "é", "\U0010ffff")
DAMAGE = (
    "UPDATE customers_mv SET name = 'wrong', total_spend = 1, attributes = '{\"x\": 1}' WHERE random() < 0.2",
    "UPDATE customers_mv SET version = version - 1, phone = '0' WHERE random() < 0.1",
    "DELETE FROM customers_mv WHERE random() < 0.2",
    "DELETE FROM customers_mv WHERE customer_id IN (SELECT customer_id FROM customers_mv ORDER BY 1 LIMIT 1)",
    "DELETE FROM customers_mv WHERE customer_id ="
    " (SELECT customer_id FROM customers_mv ORDER BY customer_id DESC LIMIT 1)",
    "UPDATE profile_texts SET searched = 'wrong' WHERE random() < 0.1",
    "DELETE FROM profile_texts WHERE random() < 0.1",
    "INSERT INTO profile_texts SELECT uuidv7(), 'wrong', '{}' FROM generate_series(1, 3)",
    "UPDATE orders_mv SET customer_id = uuidv7(), order_amount = 1 WHERE random() < 0.2",
    "DELETE FROM orders_mv WHERE random() < 0.2",
    "DELETE FROM orders_mv WHERE order_id IN (SELECT min(order_id) FROM orders_mv)",
    "DELETE FROM orders_mv WHERE order_id IN (SELECT max(order_id) FROM orders_mv)",
)

# As after a restore of the Master DB. A change that comes while a row is ahead waits for the next rebuild.
AHEAD = (
    "UPDATE customers_mv SET version = version + 5, email = 'new', synced_at = now() - interval '1 hour'"
    " WHERE random() < 0.1",
    "UPDATE orders_mv SET version = 99, synced_at = now() - interval '1 hour' WHERE random() < 0.1",
)


@pytest.fixture
async def ingestion(postgres: PostgresServer, embedded_url: str) -> AsyncIterator[RunningService]:
    """Without a relay."""
    master = await postgres.create_database(f"master_{uuid4().hex}")
    async with running_ingestion(master, embedded_url, without=("relay",)) as running:
        yield running


async def fill(ingestion: RunningService) -> None:
    people = [
        {"name": f"P{n}", "email": f"p{n:04}@shop.example", "attributes": {"n": n}} for n in range(PEOPLE)
    ]
    orders = [
        {
            "customer_email": f"p{n % PEOPLE:04}@shop.example",
            "order_amount": n,
            "order_id": f"o-{n:04}",
            "order_status": "REFUNDED" if n % 7 == 0 else "COMPLETED",
        }
        for n in range(ORDERS)
    ]
    for path, rows in (("/customers/batch", people), ("/orders/batch", orders)):
        status, answer = await ingestion.post(path, rows)
        assert (status, answer["rejected"]) == (202, [])
    await ingestion.until("SELECT count(*) FROM orders", ORDERS)


async def tell(ingestion: RunningService, partitions: int = 1) -> Rebuilt:
    return await rebuild(ingestion.database, ingestion.broker, partitions)


async def damage(mirrors: Mirrors, *more: str) -> None:
    """Again when the projector was in the way: nobody keeps an order of locks here."""
    while True:
        try:
            async with mirrors.campaigns.database.transaction() as tx:
                await tx.exec_driver_sql(
                    "LOCK TABLE orders_mv, customers_mv, profile_texts IN EXCLUSIVE MODE"
                )
                for statement in (*DAMAGE, *more):
                    await tx.exec_driver_sql(statement)
                await profiles.project_customers(tx, [customer(customer_id=stray) for stray in STRAYS])
                await profiles.project_orders(tx, [order(order_id=stray) for stray in STRAY_ORDERS])
                return
        except DBAPIError as error:
            if not is_transient(error):
                raise


async def test_whatever_was_damaged_is_as_the_master_db_says(
    postgres: PostgresServer, broker_url: str
) -> None:
    async with running_mirrors(postgres, broker_url) as mirrors:
        await fill(mirrors.ingestion)
        await mirrors.until_equal()
        await damage(mirrors, *AHEAD)
        assert await mirrors.differences()
        done = await tell(mirrors.ingestion)
        assert done == Rebuilt(PEOPLE, ORDERS, ranges=3 + 4)
        await mirrors.until_equal()


async def test_rows_that_are_right_are_not_written(postgres: PostgresServer) -> None:
    async with running_mirrors(postgres) as mirrors:
        await fill(mirrors.ingestion)
        await mirrors.until_equal()
        places = " UNION ".join(
            f"SELECT {key}::text, ctid::text FROM {table}"
            for table, key in (("customers_mv", "customer_id"), ("orders_mv", "order_id"))
        )
        before = await mirrors.business(places)
        await tell(mirrors.ingestion)
        await mirrors.campaigns.until("SELECT count(*) FROM inbox", 3 + 4)
        assert await mirrors.business(places) == before


async def test_a_rebuild_while_customers_and_orders_keep_coming(
    postgres: PostgresServer, broker_url: str
) -> None:
    async with running_mirrors(postgres, broker_url) as mirrors:
        await _rebuild_in_traffic(mirrors)


async def test_a_rebuild_of_several_partitions_in_traffic(postgres: PostgresServer) -> None:
    async with running_mirrors(postgres, partitions=3) as mirrors:
        await _rebuild_in_traffic(mirrors)


async def _rebuild_in_traffic(mirrors: Mirrors) -> None:
    """Two at once, twice or more often."""
    await fill(mirrors.ingestion)
    await mirrors.until_equal()
    over, rounds, rebuilt = asyncio.Event(), [0] * 3, 0
    writers = [asyncio.create_task(_write_on(mirrors.ingestion, over, seed, rounds)) for seed in range(3)]
    while rebuilt < 2 or min(rounds) < 3:  # there has to be traffic
        await damage(mirrors)
        await asyncio.gather(*(tell(mirrors.ingestion, mirrors.partitions) for _ in range(2)))
        rebuilt += 1
    over.set()
    await asyncio.gather(*writers)
    await mirrors.until_equal()


async def _write_on(ingestion: RunningService, over: asyncio.Event, seed: int, rounds: list[int]) -> None:
    """New and known customers, orders that change their amount, state and customer, and erasures."""
    rng = random.Random(seed)
    while not over.is_set():
        emails = [f"{_one_of(rng, 'p', PEOPLE)}@shop.example" for _ in range(40)]
        people = [{"name": f"Q{rng.random()}", "email": email} for email in emails]
        orders = [
            {
                "customer_email": rng.choice(emails),
                "order_amount": rng.randrange(1000),
                "order_status": rng.choice(["COMPLETED", "REFUNDED", "PENDING"]),
                "order_id": _one_of(rng, "o-", ORDERS),
            }
            for _ in range(60)
        ]
        await _post(ingestion, "/customers/batch", people)
        await _post(ingestion, "/orders/batch", orders)
        await _erase_one(ingestion, rng)
        rounds[seed] += 1
        await asyncio.sleep(0.5)  # a rebuild waits for the projector, which has to keep up with this


async def _post(ingestion: RunningService, path: str, rows: list[dict[str, Any]]) -> None:
    """Again while the broker is too busy; the key makes it once."""
    headers = {"Idempotency-Key": uuid4().hex}
    while (status := (await ingestion.post(path, rows, headers=headers))[0]) != 202:
        assert status == 503
        await asyncio.sleep(0.1)


def _one_of(rng: random.Random, prefix: str, known: int) -> str:
    """A known one or a new one."""
    return f"{prefix}{rng.randrange(known):04}" if rng.random() < 0.5 else f"{prefix}{rng.getrandbits(40):x}"


async def _erase_one(ingestion: RunningService, rng: random.Random) -> None:
    query = "SELECT customer_id FROM customers OFFSET :n LIMIT 1"
    rows = await ingestion.rows(query, n=rng.randrange(PEOPLE // 2))
    status, _ = await ingestion.ask("DELETE", f"/customers/{rows[0].customer_id}")
    assert status in (202, 204, 404, 503)


async def test_a_rebuild_that_was_killed_begins_again(postgres: PostgresServer) -> None:
    async with running_mirrors(postgres) as mirrors:
        await fill(mirrors.ingestion)
        await mirrors.until_equal()
        await damage(mirrors)
        ranges = "SELECT count(*) > 1 FROM outbox WHERE routing_key = 'customer_mv'"
        for _ in range(3):
            before = (await mirrors.ingestion.rows("SELECT max(outbox_id) FROM outbox"))[0][0]
            process = await _start(mirrors)
            await mirrors.ingestion.until(f"{ranges} AND outbox_id > :before", True, before=before)
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        process = await _start(mirrors)
        assert await process.wait() == 0
        await mirrors.until_equal()


async def _start(mirrors: Mirrors) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "xencrm.ingestion",
        "rebuild",
        env={**os.environ, **_urls(mirrors.ingestion.database.url, mirrors.broker_url)},
        stdout=asyncio.subprocess.DEVNULL,
    )


def _urls(database: str, broker: str) -> dict[str, str]:
    return {"XENCRM_MASTER_DB_URL": database, "XENCRM_BROKER_URL": broker}


async def test_the_command_says_what_it_told(
    postgres: PostgresServer, embedded_url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    url = await postgres.create_database(f"master_{uuid4().hex}")
    database = await migrated(url)
    await _insert_customers(database, 3)
    await database.close()
    done = await xencrm("rebuild", "profiles", home=tmp_path, **_urls(url, embedded_url))
    assert done.exit_code == 0
    assert "3 customers and 0 orders in 2 ranges" in capfd.readouterr().out


async def test_it_goes_as_fast_as_the_relay_and_the_projector(ingestion: RunningService) -> None:
    """First there is none of them, then the relay, then both."""
    await _insert_customers(ingestion.database, 25_000)
    rebuilding = asyncio.create_task(tell(ingestion))
    unsettled = "SELECT count(*) FROM outbox WHERE settled_at IS NULL"
    await ingestion.until(unsettled, MOST_UNSETTLED + 1)
    await asyncio.sleep(0.3)
    assert (await ingestion.rows(unsettled))[0][0] == MOST_UNSETTLED + 1

    stop = asyncio.Event()
    relay = asyncio.create_task(Relay(ingestion.database, ingestion.broker).run(stop))
    await ingestion.until(unsettled, 0)
    await asyncio.sleep(0.3)
    depth = await ingestion.broker.depth(CUSTOMER_MV_QUEUE)
    assert MOST_FRAMES < depth <= MOST_UNSETTLED + MOST_FRAMES + 2

    async with ingestion.broker.subscribe(CUSTOMER_MV_QUEUE) as subscription:
        while not rebuilding.done():
            await subscription.ack(await subscription.receive(max_frames=10, wait_s=0.1))
    assert rebuilding.result().customers == 25_000
    stop.set()
    await relay


async def test_a_range_is_small_enough_for_a_frame_or_a_single_customer(ingestion: RunningService) -> None:
    sizes = [300_000, 290_000, 50_000, 900_000, 10, 200_000, 200_000, 190_000, 30_000]
    await _insert_customers(ingestion.database, len(sizes), sizes)
    assert await tell(ingestion) == Rebuilt(len(sizes), 0, ranges=5 + 1)
    bodies = [row.body for row in await ingestion.rows("SELECT body FROM outbox ORDER BY outbox_id")]
    ranges = [msgspec.json.decode(body)[0]["data"] for body in bodies[:-1]]
    assert [len(item["customers"]) for item in ranges] == [2, 1, 1, 4, 1]
    assert [len(body) > 800_000 for body in bodies] == [False, False, True, False, False, False]
    ends = [(item["after"], item["until"]) for item in ranges]
    assert (ends[0][0], ends[-1][1]) == (None, None)
    assert [until for _, until in ends[:-1]] == [after for after, _ in ends[1:]]


async def test_it_waits_for_writers_and_holds_up_no_others_meanwhile(ingestion: RunningService) -> None:
    await _insert_customers(ingestion.database, 2)
    waits = "SELECT count(*) FROM pg_locks WHERE mode = 'ShareLock' AND relation = 'customers'::regclass"
    async with ingestion.database.transaction() as writer:
        await writer.execute(text("UPDATE customers SET name = 'late' WHERE email = 'c1'"))
        rebuilding = asyncio.create_task(tell(ingestion))
        await ingestion.until(waits, 1)
        async with asyncio.timeout(3), ingestion.database.transaction() as other:
            await other.execute(text("UPDATE customers SET name = 'other' WHERE email = 'c2'"))
        await ingestion.until(waits, 1)
    await rebuilding
    body = (await ingestion.rows("SELECT body FROM outbox ORDER BY outbox_id LIMIT 1"))[0].body
    listed = msgspec.json.decode(body)[0]["data"]["customers"]
    assert sorted(item["name"] for item in listed) == ["late", "other"]


async def _insert_customers(database: Database, many: int, sizes: list[int] | None = None) -> None:
    """Past the queue: only their number and the sizes of their attributes matter."""
    async with database.transaction() as tx:
        await tx.execute(
            text("""
                INSERT INTO customers (email, name, status, opening_total_spend, opening_total_visits,
                                       attributes)
                SELECT 'c' || number, 'Asha', 'ACTIVE', 0, 0, jsonb_build_object('x', repeat('x', size))
                FROM unnest(CAST(:sizes AS integer[])) WITH ORDINALITY AS given (size, number)
            """),
            {"sizes": sizes or [0] * many},
        )
