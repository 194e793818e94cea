"""What only the embedded broker has to prove."""

import asyncio
import sys
from pathlib import Path

import asyncpg
import pytest

from tests.contract.brokers import (
    LETTERS,
    QUEUES,
    bodies_of,
    collect,
    drain,
    numbered,
    publish_all,
    publish_when_back,
)
from xencrm.kernel.messaging.broker import Broker, BrokerUnavailable
from xencrm.kernel.messaging.open import open_broker
from xencrm.kernel.messaging.postgres_connection import Connection, open_consumer
from xencrm.kernel.messaging.postgres_schema import DELIVER

PUBLISH_ONE = """
import asyncio, sys
from tests.contract.brokers import LETTERS, QUEUES
from xencrm.kernel.messaging.open import open_broker

async def main():
    broker = await open_broker(sys.argv[1], QUEUES, max_bytes=10**9)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await broker.publish(LETTERS.topic, b"hello", timeout_s=20)
    await broker.close()

asyncio.run(main())
"""


async def test_a_full_broker_refuses_until_it_is_drained(embedded_url: str) -> None:
    broker = await open_broker(embedded_url, QUEUES, max_bytes=5_000_000)
    taken = await _publish_until_refused(broker)
    assert 30 < taken < 55
    assert len(await drain(broker)) == taken
    await publish_when_back(broker, b"room again")
    await broker.close()


async def _publish_until_refused(broker: Broker) -> int:
    for taken in range(100):
        try:
            await broker.publish(LETTERS.topic, bytes(100_000), timeout_s=20)
        except BrokerUnavailable:
            return taken
    raise AssertionError("ten megabytes were taken")


async def test_processes_that_start_at_once_agree_on_the_schema(embedded_url: str) -> None:
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", PUBLISH_ONE, embedded_url),
            cwd=Path(__file__).parents[2],
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    ends = await asyncio.gather(*(process.communicate(b"\n") for process in processes))
    assert [process.returncode for process in processes] == [0] * len(ends)
    broker = await open_broker(embedded_url, QUEUES, max_bytes=10**9)
    assert await drain(broker) == [b"hello"] * len(ends)
    await broker.close()


async def test_a_lower_id_that_commits_late_is_not_lost(embedded_url: str) -> None:
    broker = await open_broker(embedded_url, QUEUES, max_bytes=10**9)
    await publish_all(broker, numbered(3))
    other = await asyncpg.connect(embedded_url)
    async with broker.subscribe(LETTERS) as subscription:
        transaction = other.transaction()
        await transaction.start()
        await other.execute("INSERT INTO frame (queue, body) VALUES ($1, $2)", LETTERS.name, b"late")
        await publish_all(broker, numbered(3, start=3))
        frames = await collect(subscription, 6)
        await subscription.ack(frames)
        assert bodies_of(frames) == numbered(6)
        await transaction.commit()
        assert bodies_of(await collect(subscription, 1)) == [b"late"]
    await other.close()
    await broker.close()


async def test_a_consumer_whose_session_was_ended_can_acknowledge_nothing(embedded_url: str) -> None:
    broker = await open_broker(embedded_url, QUEUES, max_bytes=10**9)
    await publish_all(broker, numbered(2))
    admin = await asyncpg.connect(embedded_url)
    async with broker.subscribe(LETTERS) as subscription, broker.subscribe(LETTERS) as standby:
        frames = await collect(subscription, 2)
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
        again = await collect(standby, 2)
        with pytest.raises(BrokerUnavailable):
            await subscription.ack(frames)
        assert bodies_of(again) == numbered(2)
    await admin.close()
    await broker.close()


async def test_the_next_frames_are_found_by_the_key_whatever_the_statistics_say(embedded_url: str) -> None:
    """The table is analysed when it happens to be empty as well as when it is full."""
    broker = await open_broker(embedded_url, QUEUES, max_bytes=10**9)
    await publish_all(broker, numbered(1))
    connection = await open_consumer(embedded_url)
    await connection.execute("SET plan_cache_mode = force_generic_plan")
    await connection.execute(f"PREPARE look (text, bigint[], integer) AS {DELIVER}")
    plans = [await _plan_of_a_look(connection)]
    await connection.execute(
        "INSERT INTO frame (queue, body) SELECT $1, 'x' FROM generate_series(1, 20000)", LETTERS.name
    )
    plans.append(await _plan_of_a_look(connection))
    await connection.execute("ANALYZE frame")
    plans.append(await _plan_of_a_look(connection))
    for plan in plans:
        assert plan.count('"Index Name": "frame_pkey"') == 2
        assert "Seq Scan" not in plan
        assert '"Sort"' not in plan
    await connection.close()
    await broker.close()


async def _plan_of_a_look(connection: Connection) -> str:
    return str(
        await connection.fetchval(
            f"EXPLAIN (FORMAT JSON) EXECUTE look('{LETTERS.name}', '{{1,2}}', 64)",
        )
    )
