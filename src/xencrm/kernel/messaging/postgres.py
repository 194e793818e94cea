"""The embedded broker: a table of frames in a PostgreSQL database of its own."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress

from xencrm.kernel.messaging import postgres_schema as sql
from xencrm.kernel.messaging.broker import BrokerUnavailable, Queue, Topic
from xencrm.kernel.messaging.link import Link
from xencrm.kernel.messaging.postgres_connection import (
    close_pool,
    lost_is_unavailable,
    open_consumer,
    open_pool,
)
from xencrm.kernel.messaging.postgres_subscription import PostgresSubscription

CALL_TIMEOUT_S = 10.0
MOST_COUNTED = 100_000
SIZE_CACHED_S = 1.0
SAMPLE_BYTES = 16_000_000


class PostgresBroker:
    """Publishes through a small pool; each subscription has a connection of its own."""

    def __init__(self, url: str, queues: Sequence[Queue], max_bytes: int) -> None:
        self._url = url
        self._bound = _names_by_topic(queues)
        self._pool = Link(lambda: open_pool(url), close_pool, lambda pool: not pool.is_closing())
        self._cap = _SizeCap(max_bytes)
        self._to_wake: set[str] = set()
        self._waking: asyncio.Task[None] | None = None

    async def publish(self, topic: Topic, body: bytes, *, timeout_s: float = 2.0) -> None:
        if topic not in self._bound:
            raise BrokerUnavailable(f"no queue is bound to {topic.exchange}/{topic.key}")
        async with self._connection(timeout_s) as connection:
            await self._cap.admit(connection, len(body))
            await connection.execute(sql.INSERT, self._bound[topic], body)
        self._wake(self._bound[topic])

    @asynccontextmanager
    async def subscribe(self, queue: Queue, *, prefetch: int = 32) -> AsyncIterator[PostgresSubscription]:
        await self._pool.get()  # the schema is there
        subscription = PostgresSubscription(await open_consumer(self._url), queue, prefetch)
        try:
            await subscription.start()
            yield subscription
        finally:
            await subscription.close()

    async def depth(self, queue: Queue) -> int:
        async with self._connection(CALL_TIMEOUT_S) as connection:
            return int(await connection.fetchval(sql.DEPTH, queue.name, MOST_COUNTED))

    async def close(self) -> None:
        if self._waking is not None:
            await asyncio.wait([self._waking])
        await self._pool.close()

    @asynccontextmanager
    async def _connection(self, timeout_s: float) -> AsyncIterator[sql.Borrowed]:
        """One of the pool; a call that fails or is given up takes its connection with it."""
        with lost_is_unavailable():
            async with asyncio.timeout(timeout_s):
                pool = await self._pool.get()
                connection = await pool.acquire()
                try:
                    yield connection
                except BaseException:
                    connection.terminate()
                    raise
                finally:
                    await pool.release(connection)

    def _wake(self, queues: Iterable[str]) -> None:
        self._to_wake.update(queues)
        if self._waking is None or self._waking.done():
            self._waking = asyncio.create_task(self._wake_consumers())

    async def _wake_consumers(self) -> None:
        """One NOTIFY for all frames that came while the last one was under way, in a commit of its own:
        commits with a NOTIFY wait for each other, and publishing shall not."""
        while self._to_wake:
            queues, self._to_wake = list(self._to_wake), set()
            with suppress(BrokerUnavailable):
                async with self._connection(CALL_TIMEOUT_S) as connection:
                    await connection.execute(sql.WAKE, queues)


class _SizeCap:
    """How much is waiting: looked up once a second, and what this process has added since."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._looked_at = -SIZE_CACHED_S

    async def admit(self, connection: sql.Borrowed, size: int) -> None:
        """Raises BrokerUnavailable when there is no room for so many bytes."""
        if time.monotonic() - self._looked_at >= SIZE_CACHED_S:
            self._looked_at = time.monotonic()
            self._bytes = await self._look(connection)
        if self._bytes + size > self._max_bytes:
            raise BrokerUnavailable("the broker is full")
        self._bytes += size

    async def _look(self, connection: sql.Borrowed) -> int:
        on_disk = int(await connection.fetchval(sql.SIZE_ON_DISK))
        if on_disk <= self._max_bytes:
            return on_disk
        rows = await connection.fetchval(sql.SIZE_OF_ROWS)
        share = min(1.0, SAMPLE_BYTES / max(1, rows))
        return int(float(await connection.fetchval(sql.SIZE_WAITING, 100 * share)) / share)


def _names_by_topic(queues: Sequence[Queue]) -> dict[Topic, list[str]]:
    names: dict[Topic, list[str]] = {}
    for queue in queues:
        names.setdefault(queue.topic, []).append(queue.name)
    return names
