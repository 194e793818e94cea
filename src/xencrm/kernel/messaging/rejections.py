"""Events that were understood and refused: the answer to who asked. No retry makes them right, so they
are no dead letters, and nothing of their content is kept."""

from collections.abc import Sequence

from sqlalchemy import text

from xencrm.kernel.database import Tx
from xencrm.kernel.messaging.subscription import Rejection

_INSERT = text("""
    INSERT INTO rejected_events (event_id, code, reason)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:codes AS text[]), CAST(:reasons AS text[]))
    ON CONFLICT (event_id) DO NOTHING
""")
_PURGE = text("""
    DELETE FROM rejected_events WHERE event_id = ANY(ARRAY(
        SELECT event_id FROM rejected_events WHERE rejected_at < now() - make_interval(days => :days)
        ORDER BY rejected_at LIMIT :most FOR UPDATE SKIP LOCKED
    ))
""")


async def insert(tx: Tx, rejected: Sequence[Rejection]) -> None:
    if not rejected:
        return
    await tx.execute(
        _INSERT,
        {
            "ids": [item.event_id for item in rejected],
            "codes": [item.code for item in rejected],
            "reasons": [item.reason for item in rejected],
        },
    )


async def purge(tx: Tx, *, days: int, most: int) -> int:
    """Forgets up to `most` of what was refused more than so many days ago. Returns how many."""
    return (await tx.execute(_PURGE, {"days": days, "most": most})).rowcount
