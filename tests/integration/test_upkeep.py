"""Retention: what the messaging tables keep, and for how long."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import text

from tests.support.postgres import PostgresServer
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Database
from xencrm.kernel.messaging import inbox
from xencrm.kernel.messaging.envelope import Event, encode_data
from xencrm.kernel.messaging.schema import DDL
from xencrm.kernel.messaging.upkeep import tidy

DAYS = "SELECT string_agg(day::text, ',' ORDER BY day) FROM inbox"
PARTITIONS = """
    SELECT string_agg(inhrelid::regclass::text, ',' ORDER BY inhrelid::regclass::text)
    FROM pg_inherits WHERE inhparent = 'inbox'::regclass
"""
OUTBOX = """
    SELECT string_agg(format('%s %s %s', settled, age, rows), ', ' ORDER BY settled, age)
    FROM (
        SELECT settled_at IS NOT NULL AS settled, routing_key::integer AS age, count(*) AS rows
        FROM outbox GROUP BY 1, 2
    ) AS counted
"""
SETTLED_LONG_AGO = """
    INSERT INTO outbox (exchange, routing_key, settled_at)
    SELECT 'e', 'k', now() - interval '9 days' FROM generate_series(1, 250)
"""


@pytest.fixture
async def database(postgres: PostgresServer) -> AsyncIterator[Database]:
    database = Database(await postgres.create_database(f"upkeep_{uuid4().hex}"))
    for statement in DDL:
        await run(database, statement)
    yield database
    await database.close()


async def run(database: Database, statement: str) -> None:
    async with database.transaction() as tx:
        await tx.execute(text(statement))


async def value_of(database: Database, query: str) -> Any:
    async with database.transaction() as tx:
        return (await tx.execute(text(query))).scalar()


async def tidied(database: Database, *, inbox_days: int, outbox_days: int) -> None:
    """With chunks smaller than what there is to delete."""
    await tidy(database, asyncio.Event(), inbox_days=inbox_days, outbox_days=outbox_days, chunk_rows=100)


async def note_applied(database: Database, *times: datetime) -> None:
    events = [
        Event(id=uuid4(), type="t", source="tests", subject="", time=time, data=encode_data(1))
        for time in times
    ]
    async with database.transaction() as tx:
        assert await inbox.insert_new(tx, events) == events


async def make_partition(database: Database, day: datetime) -> None:
    """As the upkeep of that time did."""
    await run(
        database,
        f"CREATE TABLE inbox_{day:%Y%m%d} PARTITION OF inbox"
        f" FOR VALUES FROM ('{day:%Y-%m-%d}') TO ('{day + timedelta(days=1):%Y-%m-%d}')",
    )


async def test_days_of_the_inbox_are_dropped_whole_once_they_are_over(database: Database) -> None:
    now = utc_now()
    past = [now - timedelta(days=ago) for ago in (5, 4, 3, 2)]
    for day in past:
        await make_partition(database, day)
    await note_applied(database, *past, now)
    await tidied(database, inbox_days=3, outbox_days=1)
    assert await value_of(database, DAYS) == ",".join(f"{day:%Y-%m-%d}" for day in (*past[2:], now))
    around = [now + timedelta(days=ahead) for ahead in (-1, 0, 1, 2, 3)]
    kept = [f"inbox_{day:%Y%m%d}" for day in (*past[2:], *around)]
    assert await value_of(database, PARTITIONS) == ",".join([*kept, "inbox_default"])


async def test_events_older_than_every_partition_are_forgotten_too(database: Database) -> None:
    now = utc_now()
    recent = now - timedelta(days=5)
    await note_applied(database, *[now - timedelta(days=30)] * 250, recent, now)
    await tidied(database, inbox_days=7, outbox_days=7)
    assert await value_of(database, DAYS) == f"{recent:%Y-%m-%d},{now:%Y-%m-%d}"


async def test_settled_rows_of_the_outbox_go_and_unsettled_ones_never(database: Database) -> None:
    await run(
        database,
        """
        INSERT INTO outbox (exchange, routing_key, created_at, settled_at)
        SELECT 'e', age, now() - make_interval(days => age),
               CASE WHEN settled THEN now() - make_interval(days => age) END
        FROM unnest(ARRAY[1, 3, 5, 400]) AS age, unnest(ARRAY[true, false]) AS settled,
             generate_series(1, 130)
        """,
    )
    await tidied(database, inbox_days=1, outbox_days=4)
    assert await value_of(database, OUTBOX) == "f 1 130, f 3 130, f 5 130, f 400 130, t 1 130, t 3 130"


async def test_refusals_are_known_for_as_long_as_the_inbox(database: Database) -> None:
    await run(
        database,
        """
        INSERT INTO rejected_events (event_id, code, reason, rejected_at)
        SELECT uuidv7(), age, 'no', now() - make_interval(days => age)
        FROM unnest(ARRAY[1, 6, 8, 90]) AS age, generate_series(1, 120)
        """,
    )
    await tidied(database, inbox_days=7, outbox_days=1)
    left = "SELECT string_agg(DISTINCT code, ',') || ' ' || count(*) FROM rejected_events"
    assert await value_of(database, left) == "1,6 240"


async def test_no_transaction_deletes_more_than_a_chunk(database: Database) -> None:
    await run(database, SETTLED_LONG_AGO)
    deleted: list[int] = []

    def note(_connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if "DELETE FROM outbox" in statement:
            deleted.append(cursor.rowcount)

    commits: list[object] = []
    sqlalchemy_event.listen(database.engine.sync_engine, "after_cursor_execute", note)
    sqlalchemy_event.listen(database.engine.sync_engine, "commit", commits.append)
    await tidied(database, inbox_days=7, outbox_days=7)
    assert deleted == [100, 100, 50]
    assert len(commits) == 6, "the partitions, three chunks, and two tables with nothing to delete"


async def test_a_stop_ends_the_upkeep_after_a_chunk(database: Database) -> None:
    await run(database, SETTLED_LONG_AGO)
    stop = asyncio.Event()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "DELETE FROM outbox" in statement:
            stop.set()

    sqlalchemy_event.listen(database.engine.sync_engine, "after_cursor_execute", note)
    await tidy(database, stop, inbox_days=7, outbox_days=7, chunk_rows=100)
    assert await value_of(database, "SELECT count(*) FROM outbox") == 150
