"""Statements on `batches`."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from xencrm.contracts.batches import BatchReceived
from xencrm.kernel.database import Tx

_INSERT = text("""
    INSERT INTO batches (batch_id, rows, rejected)
    SELECT batch_id, rows, ARRAY(SELECT jsonb_array_elements_text(rejected)::integer)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:rows AS integer[]), CAST(:rejected AS jsonb[]))
         AS received (batch_id, rows, rejected)
    ON CONFLICT (batch_id) DO NOTHING
""")
_FIND = text("SELECT batch_id, rows, rejected, received_at FROM batches WHERE batch_id = :batch_id")
_PURGE = text("""
    DELETE FROM batches WHERE batch_id = ANY(ARRAY(
        SELECT batch_id FROM batches WHERE received_at < now() - make_interval(days => :days) LIMIT :most
    ))
""")


class StoredBatch(Struct, frozen=True):
    """So many rows, of which the given ones (from 0) were not accepted; when its first was applied."""

    batch_id: UUID
    rows: int
    rejected: list[int]
    received_at: datetime


async def insert_batches(tx: Tx, batches: Sequence[BatchReceived]) -> None:
    await tx.execute(
        _INSERT,
        {
            "ids": [batch.batch_id for batch in batches],
            "rows": [batch.rows for batch in batches],
            "rejected": [str(batch.rejected) for batch in batches],
        },
    )


async def find_batch(tx: Tx, batch_id: UUID) -> StoredBatch | None:
    row = (await tx.execute(_FIND, {"batch_id": batch_id})).one_or_none()
    return StoredBatch(*row) if row else None


async def purge(tx: Tx, *, days: int, most: int) -> int:
    """Forgets batches of more than so many days ago; returns how many."""
    return (await tx.execute(_PURGE, {"days": days, "most": most})).rowcount
