"""What became of accepted events and batches."""

import asyncio
from collections import Counter
from typing import Annotated
from uuid import UUID

from msgspec import Struct

from xencrm.ingestion.batches import store as batches
from xencrm.ingestion.outcomes import store
from xencrm.ingestion.outcomes.store import QUEUED, REJECTED, Standing
from xencrm.kernel.database import Database, Tx
from xencrm.kernel.http.shapes import one_of
from xencrm.kernel.ids import EventIds

FIRST_LOOK_S = 0.005
MOST_PAUSE_S = 0.05
MOST_SHOWN = 100


class RejectedEvent(Struct, frozen=True):
    """A row (from 0) whose event could not be applied."""

    index: int
    event_id: UUID
    reason: str


class BatchStatus(Struct, kw_only=True):
    """How far a batch is: its accepted rows by what became of them. Until its first row is applied nothing
    but `queued` is known; `errors` are the first hundred rejected rows."""

    batch_id: UUID
    status: Annotated[str, one_of("queued", "applying", "done")]
    rows: int | None = None
    accepted: int | None = None
    queued: int = 0
    applied: int = 0
    waiting: int = 0
    rejected: int = 0
    errors: list[RejectedEvent] = []


async def find_standing(tx: Tx, event_id: UUID) -> Standing:
    return (await store.find_standings(tx, [event_id]))[event_id]


async def await_outcome(database: Database, event_id: UUID, within_s: float) -> Standing:
    """Looks until the event is no longer queued or the time is over."""
    loop = asyncio.get_running_loop()
    deadline, wait_s = loop.time() + within_s, FIRST_LOOK_S
    while True:
        async with database.transaction() as tx:
            standing = await find_standing(tx, event_id)
        if standing.status != QUEUED or loop.time() + wait_s > deadline:
            return standing
        await asyncio.sleep(wait_s)
        wait_s = min(wait_s * 2, MOST_PAUSE_S)


async def find_batch(tx: Tx, ids: EventIds, batch_id: UUID) -> BatchStatus:
    batch = await batches.find_batch(tx, batch_id)
    if batch is None:
        return BatchStatus(batch_id=batch_id, status=QUEUED)
    bad = set(batch.rejected)
    rows = {ids.of_row(batch_id, row): row for row in range(batch.rows) if row not in bad}
    standings = await store.find_standings(tx, list(rows))
    counts = Counter(standing.status for standing in standings.values())
    errors = [
        RejectedEvent(rows[item.event_id], item.event_id, item.reason)
        for item in standings.values()
        if item.status == REJECTED
    ]
    return BatchStatus(
        batch_id=batch_id,
        status="applying" if counts[QUEUED] else "done",
        rows=batch.rows,
        accepted=len(rows),
        errors=sorted(errors, key=lambda error: error.index)[:MOST_SHOWN],
        **{name: counts[name] for name in ("queued", "applied", "waiting", "rejected")},
    )
