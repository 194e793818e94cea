"""What a service looks up of itself for its gauges: its database, its queues, and what is asked of tables."""

import asyncio
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any, Final

from sqlalchemy import Row, text

from xencrm.kernel.database import Database, is_transient
from xencrm.kernel.endurance import keep_going
from xencrm.kernel.logging import get_logger
from xencrm.kernel.messaging import progress
from xencrm.kernel.messaging.broker import Broker, BrokerUnavailable, Queue
from xencrm.kernel.process import pause
from xencrm.kernel.telemetry.gauges import BOARD, Gauged, GaugeQuery, Sample
from xencrm.kernel.telemetry.metrics import DATABASE_CONNECTIONS, DATABASE_POOL

EVERY_S = 5.0
LOOK_S = 4.0
MOST_COUNTED = 10_000
log = get_logger(__name__)

DATABASE_UP: Final = Gauged("xencrm_database_up", "1 when the last look at the database succeeded, else 0")
BROKER_UP: Final = Gauged("xencrm_broker_up", "1 when the broker told the depths of the queues, else 0")
QUEUE_FRAMES: Final = Gauged("xencrm_queue_frames", "Frames that wait in a queue, about", ("queue",))
QUEUE_LAG: Final = Gauged(
    "xencrm_queue_lag_seconds",
    "Of a queue in which something waits, how long ago the newest applied event was accepted; else 0",
    ("queue",),
)

OUTBOX: Final = GaugeQuery(
    text(f"""
        WITH unsettled AS (
            SELECT created_at FROM outbox WHERE settled_at IS NULL ORDER BY outbox_id LIMIT {MOST_COUNTED}
        )
        SELECT count(*) AS xencrm_outbox_frames,
               coalesce(extract(epoch FROM now() - min(created_at)), 0) AS xencrm_outbox_age_seconds
        FROM unsettled
    """),
    (
        Gauged("xencrm_outbox_frames", f"Frames that wait to be relayed, at most {MOST_COUNTED:,}"),
        Gauged("xencrm_outbox_age_seconds", "Age of the oldest frame that waits to be relayed, 0 for none"),
    ),
)
DEAD_LETTERS: Final = GaugeQuery(
    text(f"""
        SELECT queue, count(*) AS xencrm_dead_letters_present
        FROM (SELECT queue FROM dead_letters LIMIT {MOST_COUNTED}) AS kept GROUP BY queue
    """),
    (
        Gauged(
            "xencrm_dead_letters_present",
            f"Dead letters to be replayed or dropped, at most {MOST_COUNTED:,} in all",
            ("queue",),
        ),
    ),
)
_STATEMENT_TIMEOUT = text("SET LOCAL statement_timeout = '2s'")


class Watch:
    """Looks at one service's database and at the queues that it consumes."""

    def __init__(
        self,
        service: str,
        database: Database,
        broker: Broker,
        queues: Sequence[Queue],
        own: Sequence[GaugeQuery],
    ) -> None:
        self._service = service
        self._database = database
        self._broker = broker
        self._queues = queues
        self._queries = (OUTBOX, DEAD_LETTERS, *own)
        self._lags = Lags()

    async def run(self, stop: asyncio.Event) -> None:
        _tell_pool(self._service, self._database)

        async def look() -> None:
            BOARD.put(self._service, await self.look())
            await pause(stop, EVERY_S)

        try:
            await keep_going(stop, "gauges", look)
        finally:
            BOARD.remove(self._service)

    async def look(self) -> list[Sample]:
        """Without what could not be asked."""
        known, frames = await asyncio.gather(self._ask_database(), self._ask_broker())
        samples = [Sample(DATABASE_UP, known is not None), Sample(BROKER_UP, frames is not None)]
        if frames is not None:
            samples += [Sample(QUEUE_FRAMES, count, (name,)) for name, count in frames.items()]
        if known is None:
            return samples
        told, ages = known
        if frames is not None:
            lags = self._lags.of(frames, ages, monotonic())
            samples += [Sample(QUEUE_LAG, lag_s, (name,)) for name, lag_s in lags.items()]
        return samples + told

    async def _ask_database(self) -> tuple[list[Sample], Mapping[str, float]] | None:
        try:
            async with asyncio.timeout(LOOK_S), self._database.transaction() as tx:
                await tx.execute(_STATEMENT_TIMEOUT)
                samples = [
                    sample
                    for query in self._queries
                    for row in await tx.execute(query.statement)
                    for sample in _samples(query, row)
                ]
                return samples, await progress.list_ages(tx)
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("gauges.no_database", reason=repr(error)[:500])
            return None

    async def _ask_broker(self) -> dict[str, int] | None:
        """Frames by queue."""
        try:
            async with asyncio.timeout(LOOK_S):
                counts = await asyncio.gather(*(self._broker.depth(queue) for queue in self._queues))
        except (BrokerUnavailable, TimeoutError) as error:
            log.warning("gauges.no_broker", reason=str(error))
            return None
        return {queue.name: count for queue, count in zip(self._queues, counts, strict=True)}


class Lags:
    """How far behind a queue's consumer is: not more than the time since nothing waited there."""

    def __init__(self) -> None:
        self._empty_at: dict[str, float] = {}

    def of(self, frames: Mapping[str, int], ages: Mapping[str, float], now: float) -> dict[str, float]:
        """`ages`: seconds since the newest applied event was accepted, of queues that have had one."""
        return {name: self._of(name, count, ages.get(name), now) for name, count in frames.items()}

    def _of(self, name: str, count: int, age_s: float | None, now: float) -> float:
        if not count:
            self._empty_at[name] = now
            return 0.0
        if age_s is None:
            return now - self._empty_at.setdefault(name, now)
        empty_at = self._empty_at.get(name)
        return max(0.0, age_s if empty_at is None else min(age_s, now - empty_at))


def _samples(query: GaugeQuery, row: Row[Any]) -> list[Sample]:
    columns = row._mapping
    return [
        Sample(gauge, float(columns[gauge.name]), tuple(str(columns[label]) for label in gauge.labels))
        for gauge in query.gauges
    ]


def _tell_pool(service: str, database: Database) -> None:
    DATABASE_CONNECTIONS.labels(service).set_function(database.connections_in_use)
    DATABASE_POOL.labels(service).set(database.pool_size)
