"""Where events stand, in one statement."""

from collections.abc import Sequence
from datetime import date
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

# The same of many, counted. Those of a batch were accepted at one time, so most often on one day.
_COUNT = text("""
    WITH waiting AS MATERIALIZED (
        SELECT event_id FROM waiting_orders WHERE event_id = ANY(CAST(:ids AS uuid[]))
    ), rejected AS MATERIALIZED (
        SELECT event_id, coalesce(max(dead), max(refused)) AS reason FROM (
            SELECT event_id, reason AS dead, NULL AS refused FROM dead_letters
            WHERE event_id = ANY(CAST(:ids AS uuid[]))
            UNION ALL
            SELECT event_id, NULL, reason FROM rejected_events WHERE event_id = ANY(CAST(:ids AS uuid[]))
        ) AS found
        WHERE NOT event_id = ANY(ARRAY(SELECT event_id FROM waiting))
        GROUP BY event_id
    ), taken AS (
        SELECT DISTINCT event_id FROM inbox
        WHERE day BETWEEN CAST(:first AS date) AND CAST(:last AS date)
          AND event_id = ANY(CAST(:ids AS uuid[]))
    )
    SELECT (SELECT count(*) FROM taken
            WHERE NOT EXISTS (SELECT FROM waiting WHERE waiting.event_id = taken.event_id)
              AND NOT EXISTS (SELECT FROM rejected WHERE rejected.event_id = taken.event_id)) AS applied,
           (SELECT count(*) FROM waiting) AS waiting,
           (SELECT count(*) FROM rejected) AS rejected,
           (SELECT coalesce(jsonb_object_agg(event_id, reason), '{}') FROM rejected) AS reasons
""")

QUEUED, APPLIED, WAITING, REJECTED = "queued", "applied", "waiting", "rejected"


class Standing(Struct, frozen=True):
    """`status` with the reason; `code` says why an event was refused, it is empty for a dead letter."""

    event_id: UUID
    status: str
    reason: str = ""
    code: str = ""


class Standings(Struct, frozen=True):
    """How many events stand where; of those that were rejected, why."""

    applied: int
    waiting: int
    rejected: int
    reasons: dict[UUID, str]


async def count_standings(tx: Tx, event_ids: Sequence[UUID], first: date, last: date) -> Standings:
    """Of events that were accepted in these days."""
    row = (await tx.execute(_COUNT, {"ids": list(event_ids), "first": first, "last": last})).one()
    reasons = {UUID(key): reason for key, reason in row.reasons.items()}
    return Standings(row.applied, row.waiting, row.rejected, reasons)


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
