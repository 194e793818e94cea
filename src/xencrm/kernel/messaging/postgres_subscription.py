"""A consumer of one queue of the embedded broker, on a connection of its own."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

import asyncpg

from xencrm.kernel.messaging import postgres_schema as sql
from xencrm.kernel.messaging.broker import BrokerUnavailable, Frame, Queue
from xencrm.kernel.messaging.link import leavable
from xencrm.kernel.messaging.postgres_connection import CLOSE_TIMEOUT_S, Connection, lost_is_unavailable

POLL_S = 0.5
STATEMENT_TIMEOUT_S = 10.0


class PostgresSubscription:
    """The active consumer is the one whose session holds the queue's lock. It reads and acknowledges
    through that session, so a consumer that has lost the lock cannot acknowledge either."""

    def __init__(self, connection: Connection, queue: Queue, prefetch: int) -> None:
        self._connection = connection
        self._queue = queue.name
        self._lock_number = sql.queue_lock(queue.name)
        self._prefetch = prefetch
        self._waiting: deque[Frame] = deque()
        self._under_way: dict[int, Frame] = {}  # by row id; holds the waiting ones too
        self._turn = asyncio.Lock()
        self._fetching: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._is_active = False
        self._is_lost = False

    async def start(self) -> None:
        """Raises BrokerUnavailable."""
        self._connection.add_termination_listener(self._on_lost)
        with lost_is_unavailable():
            async with asyncio.timeout(STATEMENT_TIMEOUT_S):
                await self._connection.add_listener(sql.CHANNEL, self._on_notify)

    async def receive(self, *, max_frames: int, wait_s: float | None) -> list[Frame]:
        loop = asyncio.get_running_loop()
        deadline = None if wait_s is None else loop.time() + wait_s
        while True:
            self._check()
            self._woken.clear()
            if not self._waiting:
                await self._fetch(max_frames)
            if self._waiting:
                return [self._waiting.popleft() for _ in range(min(max_frames, len(self._waiting)))]
            left_s = POLL_S if deadline is None else min(POLL_S, deadline - loop.time())
            if left_s <= 0:
                return []
            with suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await self._woken.wait()

    async def ack(self, frames: Sequence[Frame]) -> None:
        self._check()
        if any(self._under_way.get(frame.tag) is not frame for frame in frames):
            raise BrokerUnavailable("frames that are not under way here")
        await asyncio.shield(leavable(self._remove([frame.tag for frame in frames])))
        self._woken.set()

    async def close(self) -> None:
        """Everything unacknowledged stays; whoever stands by is woken."""
        self._is_lost = True
        try:
            with suppress(BrokerUnavailable), lost_is_unavailable():
                async with asyncio.timeout(CLOSE_TIMEOUT_S), self._turn:
                    await self._connection.execute(sql.UNLOCK, self._lock_number, self._queue)
                    await self._connection.close()
        finally:
            self._connection.terminate()

    async def _fetch(self, max_frames: int) -> None:
        """One at a time; it goes on when the caller gives up, who may still acknowledge what it has."""
        if self._fetching is None or self._fetching.done():
            self._fetching = leavable(self._take_rows(max_frames))
        await asyncio.shield(self._fetching)

    async def _take_rows(self, max_frames: int) -> None:
        room = min(max_frames, self._prefetch - len(self._under_way))
        if room <= 0 or not await self._become_active():
            return
        rows = await self._run(sql.DELIVER, self._queue, list(self._under_way), room)
        for row in sorted(rows, key=lambda row: row["id"]):
            frame = Frame(row["body"], row["deliveries"], row["id"])
            self._under_way[frame.tag] = frame
            self._waiting.append(frame)

    async def _become_active(self) -> bool:
        if not self._is_active:
            [[self._is_active]] = await self._run(sql.TRY_LOCK, self._lock_number)
        return self._is_active

    async def _remove(self, ids: list[int]) -> None:
        await self._run(sql.ACKNOWLEDGE, self._queue, ids)
        for number in ids:
            self._under_way.pop(number, None)

    async def _run(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        async with self._turn:
            self._check()
            try:
                with lost_is_unavailable():
                    return await self._connection.fetch(statement, *arguments, timeout=STATEMENT_TIMEOUT_S)
            except BaseException:
                self._connection.terminate()
                self._on_lost()
                raise

    def _check(self) -> None:
        if self._is_lost:
            raise BrokerUnavailable("the subscription was lost")

    def _on_notify(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        if payload == self._queue:
            self._woken.set()

    def _on_lost(self, *_: object) -> None:
        self._is_lost = True
        self._woken.set()
