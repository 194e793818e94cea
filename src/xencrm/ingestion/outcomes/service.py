"""What became of accepted events and batches."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, timedelta
from typing import Annotated
from uuid import UUID

from msgspec import Struct

from xencrm.ingestion.batches import store as batches
from xencrm.ingestion.outcomes import store
from xencrm.ingestion.outcomes.store import QUEUED, Standing, Standings
from xencrm.kernel.database import Database, Tx
from xencrm.kernel.http.shapes import one_of
from xencrm.kernel.ids import EventIds

FIRST_LOOK_S = 0.005
MOST_PAUSE_S = 0.05
MOST_SHOWN = 100
AROUND = timedelta(days=1)


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
    rows = [row for row in range(batch.rows) if row not in bad]
    event_ids = ids.of_rows(batch_id, rows)
    found = await _count(tx, event_ids, batch.received_at.astimezone(UTC).date())
    queued = len(rows) - found.applied - found.waiting - found.rejected
    return BatchStatus(
        batch_id=batch_id,
        status="applying" if queued else "done",
        rows=batch.rows,
        accepted=len(rows),
        queued=queued,
        applied=found.applied,
        waiting=found.waiting,
        rejected=found.rejected,
        errors=_errors(found.reasons, dict(zip(event_ids, rows, strict=True))),
    )


async def _count(tx: Tx, event_ids: Sequence[UUID], received: date) -> Standings:
    """Looked for on the days around the one on which the first was applied; what is not there, on all."""
    found = await store.count_standings(tx, event_ids, received - AROUND, received + AROUND)
    if found.applied + found.waiting + found.rejected == len(event_ids):
        return found
    return await store.count_standings(tx, event_ids, date.min, date.max)


def _errors(reasons: Mapping[UUID, str], rows: Mapping[UUID, int]) -> list[RejectedEvent]:
    errors = [RejectedEvent(rows[event_id], event_id, reason) for event_id, reason in reasons.items()]
    return sorted(errors, key=lambda error: error.index)[:MOST_SHOWN]
