"""A campaign's counters move with its messages, as the last statement of the transaction that moves them.

The same statement notes for the dashboard in which quarter of an hour messages were delivered or failed, and
for the results in which one customers were reached.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from xencrm.kernel.database import Tx

MINUTES = 15
COLUMNS = ("pending", "sending", "sent", "delivered", "failed", "skipped", "cancelled", "unconfirmed")

_ARRAYS = ", ".join(f"CAST(:{name} AS bigint[])" for name in COLUMNS)
_ADD = text(f"""
    WITH delta AS (
        SELECT * FROM unnest(CAST(:ids AS uuid[]), {_ARRAYS})
            AS delta (id, {", ".join(COLUMNS)})
    ), locked AS (
        SELECT campaign_id FROM campaign_stats WHERE campaign_id IN (SELECT id FROM delta)
        ORDER BY campaign_id FOR UPDATE
    ), dated AS (
        INSERT INTO quarter_moves (quarter, delivered, failed, reached)
        SELECT * FROM unnest(CAST(:quarters AS timestamptz[]), CAST(:delivered_then AS bigint[]),
                             CAST(:failed_then AS bigint[]), CAST(:reached_then AS boolean[]))
    )
    UPDATE campaign_stats AS stats
    SET {", ".join(f"{name} = stats.{name} + delta.{name}" for name in COLUMNS)}
    FROM locked JOIN delta ON delta.id = locked.campaign_id
    WHERE stats.campaign_id = locked.campaign_id
""")
_DATED = frozenset({"SENT", "DELIVERED", "FAILED"})
_REACHED = ("SENT", "DELIVERED")
_ADD_FAILURES = text("""
    INSERT INTO campaign_failures AS failures (campaign_id, reason, count)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:reasons AS text[]), CAST(:counts AS bigint[]))
    ON CONFLICT (campaign_id, reason) DO UPDATE SET count = failures.count + excluded.count
""")


class Moves:
    """How many messages of which campaign left and entered which state."""

    def __init__(self) -> None:
        self._deltas: Counter[tuple[UUID, str]] = Counter()
        self._failures: Counter[tuple[UUID, str]] = Counter()
        self._dated: Counter[tuple[datetime, str]] = Counter()

    def add(
        self,
        campaign_id: UUID,
        was: str,
        now: str,
        count: int = 1,
        *,
        reason: str | None = None,
        at: datetime | None = None,
    ) -> None:
        """`at`: when the message was SENT, DELIVERED or FAILED, as the ledger has it."""
        if was == now:
            return
        self._deltas[campaign_id, was.lower()] -= count
        self._deltas[campaign_id, now.lower()] += count
        if now == "FAILED":
            self._failures[campaign_id, reason or "UNKNOWN"] += count
        if at is not None and now in _DATED:
            self._dated[at, now] += count

    async def apply(self, tx: Tx) -> None:
        campaigns = sorted({campaign_id for campaign_id, _ in self._deltas})
        if not campaigns:
            return
        if self._failures:
            keys = sorted(self._failures)
            await tx.execute(
                _ADD_FAILURES,
                {
                    "ids": [campaign_id for campaign_id, _ in keys],
                    "reasons": [reason for _, reason in keys],
                    "counts": [self._failures[key] for key in keys],
                },
            )
        columns = {name: [self._deltas[item, name] for item in campaigns] for name in COLUMNS}
        await tx.execute(_ADD, {"ids": campaigns, **columns, **self._quarters()})

    def _quarters(self) -> dict[str, list[Any]]:
        counts: Counter[tuple[datetime, str]] = Counter()
        for (at, state), count in self._dated.items():  # messages of one call were answered at one moment
            counts[_quarter_of(at), state] += count
        quarters = sorted({quarter for quarter, _ in counts})
        return {
            "quarters": quarters,
            "delivered_then": [counts[quarter, "DELIVERED"] for quarter in quarters],
            "failed_then": [counts[quarter, "FAILED"] for quarter in quarters],
            "reached_then": [any(counts[quarter, state] for state in _REACHED) for quarter in quarters],
        }


def _quarter_of(at: datetime) -> datetime:
    return at.replace(minute=at.minute - at.minute % MINUTES, second=0, microsecond=0)


async def apply_moves(tx: Tx, rows: Iterable[Row[Any]]) -> int:
    """For rows of (campaign_id, was, now, moved); returns how many messages moved."""
    moves = Moves()
    moved = 0
    for row in rows:
        moves.add(row.campaign_id, row.was, row.now, row.moved)
        moved += row.moved
    await moves.apply(tx)
    return moved
