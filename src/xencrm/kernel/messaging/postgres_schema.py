"""The embedded broker's tables and statements; one table of frames in a database of its own."""

import hashlib
from typing import TypeAlias

import asyncpg.pool

# A connection of a pool. Text, since the class takes a parameter for the type checker only.
Borrowed: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

SCHEMA_LOCK = 0x78656E62726F6B72  # any number that all processes agree on

# Rows live for moments, so the free space of pages lets a count change in place, and vacuum comes by
# number of dead rows, whatever the size. Bodies are kept as they are: compressing them costs more.
TABLE = """
CREATE TABLE IF NOT EXISTS frame (
    queue text COLLATE "C" NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    deliveries integer NOT NULL DEFAULT 0,
    body bytea STORAGE EXTERNAL NOT NULL,
    PRIMARY KEY (queue, id)
) WITH (
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_cost_delay = 0,
    toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 10000,
    toast.autovacuum_vacuum_cost_delay = 0
)
"""

CHANNEL = "frame"

INSERT = "INSERT INTO frame (queue, body) SELECT unnest($1::text[]), $2"

# Not worth waiting for the disk: a consumer that misses it looks by itself soon.
WAKE = """
SELECT set_config('synchronous_commit', 'off', true), pg_notify('frame', queue)
FROM unnest($1::text[]) AS queue
"""

TRY_LOCK = "SELECT pg_try_advisory_lock($1)"

UNLOCK = "SELECT pg_advisory_unlock($1), pg_notify('frame', $2)"

# From the first row each time: an id that commits late must not be passed by.
DELIVER = """
WITH next AS (
    SELECT id FROM frame WHERE queue = $1 AND id <> ALL($2::bigint[]) ORDER BY id LIMIT $3
)
UPDATE frame SET deliveries = deliveries + 1
FROM next WHERE frame.queue = $1 AND frame.id = next.id
RETURNING frame.id, frame.deliveries, frame.body
"""

ACKNOWLEDGE = "DELETE FROM frame WHERE queue = $1 AND id = ANY($2::bigint[])"

DEPTH = "SELECT count(*) FROM (SELECT FROM frame WHERE queue = $1 LIMIT $2) AS counted"

# With everything that is dead or free in it, so never less than what is waiting.
SIZE_ON_DISK = "SELECT pg_total_relation_size('frame')"

SIZE_OF_ROWS = "SELECT pg_relation_size('frame')"

# What is waiting, in a sample of so many per cent of the pages.
SIZE_WAITING = "SELECT coalesce(sum(octet_length(body) + 64), 0) FROM frame TABLESAMPLE SYSTEM ($1)"


async def create_schema(connection: Borrowed) -> None:
    """Idempotent, and safe when several processes do it at once."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", SCHEMA_LOCK)
        await connection.execute(TABLE)


def queue_lock(queue: str) -> int:
    """The number of the lock that the active consumer of the queue holds."""
    return int.from_bytes(hashlib.sha256(queue.encode()).digest()[:8], signed=True)
