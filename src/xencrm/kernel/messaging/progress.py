"""How far each queue's consumer is: the time at which the newest applied event was accepted."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from xencrm.kernel.database import Tx

_NOTE = text("""
    INSERT INTO queue_progress AS progress (queue, applied_until) VALUES (:queue, :applied_until)
    ON CONFLICT (queue) DO UPDATE
    SET applied_until = greatest(progress.applied_until, excluded.applied_until)
""")
_REGISTER = text("""
    INSERT INTO queue_progress (queue, applied_until)
    SELECT queue, now() FROM unnest(CAST(:queues AS text[])) AS queue ORDER BY queue
    ON CONFLICT DO NOTHING
""")
_LIST = text("SELECT queue, extract(epoch FROM now() - applied_until)::float8 AS age_s FROM queue_progress")


async def note(tx: Tx, queue: str, applied_until: datetime) -> None:
    await tx.execute(_NOTE, {"queue": queue, "applied_until": applied_until})


async def register(tx: Tx, queues: Sequence[str]) -> None:
    """Makes queues known of which nothing was applied yet."""
    if queues:
        await tx.execute(_REGISTER, {"queues": list(queues)})


async def list_ages(tx: Tx) -> dict[str, float]:
    """Seconds since the newest applied event was accepted, by queue."""
    return {row.queue: row.age_s for row in await tx.execute(_LIST)}
