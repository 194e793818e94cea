"""Where events stand, in one statement."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from xencrm.kernel.database import Tx

# What waits or was refused is in the inbox too; what is a dead letter is not.
_FIND = text("""
    SELECT asked.event_id, waiting.event_id IS NOT NULL AS waiting, letter.reason AS dead,
           refused.code, refused.reason, inbox.event_id IS NOT NULL AS taken
    FROM unnest(CAST(:ids AS uuid[])) AS asked (event_id)
    LEFT JOIN waiting_orders AS waiting ON waiting.event_id = asked.event_id
    LEFT JOIN rejected_events AS refused ON refused.event_id = asked.event_id
    LEFT JOIN LATERAL (SELECT max(reason) AS reason FROM dead_letters
                       WHERE dead_letters.event_id = asked.event_id) AS letter ON true
    LEFT JOIN LATERAL (SELECT event_id FROM inbox
                       WHERE inbox.event_id = asked.event_id LIMIT 1) AS inbox ON true
""")

QUEUED, APPLIED, WAITING, REJECTED = "queued", "applied", "waiting", "rejected"


class Standing(Struct, frozen=True):
    """`status` with the reason; `code` says why an event was refused, it is empty for a dead letter."""

    event_id: UUID
    status: str
    reason: str = ""
    code: str = ""


async def find_standings(tx: Tx, event_ids: Sequence[UUID]) -> dict[UUID, Standing]:
    rows = await tx.execute(_FIND, {"ids": list(event_ids)})
    return {row.event_id: _standing(row) for row in rows}


def _standing(row: Any) -> Standing:
    if row.waiting:
        return Standing(row.event_id, WAITING, "the customer is not known yet")
    if row.dead is not None:
        return Standing(row.event_id, REJECTED, row.dead)
    if row.code is not None:
        return Standing(row.event_id, REJECTED, row.reason, row.code)
    return Standing(row.event_id, APPLIED if row.taken else QUEUED)
