"""A campaign's counters move with its messages, as the last statement of the transaction that moves them."""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from xencrm.kernel.database import Tx

COLUMNS = ("pending", "sending", "sent", "delivered", "failed", "skipped", "cancelled", "unconfirmed")

_ARRAYS = ", ".join(f"CAST(:{name} AS bigint[])" for name in COLUMNS)
_ADD = text(f"""
    WITH delta AS (
        SELECT * FROM unnest(CAST(:ids AS uuid[]), {_ARRAYS})
            AS delta (id, {", ".join(COLUMNS)})
    ), locked AS (
        SELECT campaign_id FROM campaign_stats WHERE campaign_id IN (SELECT id FROM delta)
        ORDER BY campaign_id FOR UPDATE
    )
    UPDATE campaign_stats AS stats
    SET {", ".join(f"{name} = stats.{name} + delta.{name}" for name in COLUMNS)}
    FROM locked JOIN delta ON delta.id = locked.campaign_id
    WHERE stats.campaign_id = locked.campaign_id
""")
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

    def add(self, campaign_id: UUID, was: str, now: str, count: int = 1, reason: str | None = None) -> None:
        if was == now:
            return
        self._deltas[campaign_id, was.lower()] -= count
        self._deltas[campaign_id, now.lower()] += count
        if now == "FAILED":
            self._failures[campaign_id, reason or "UNKNOWN"] += count

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
        await tx.execute(_ADD, {"ids": campaigns, **columns})


async def apply_moves(tx: Tx, rows: Iterable[Row[Any]]) -> int:
    """For rows of (campaign_id, was, now, moved); returns how many messages moved."""
    moves = Moves()
    moved = 0
    for row in rows:
        moves.add(row.campaign_id, row.was, row.now, row.moved)
        moved += row.moved
    await moves.apply(tx)
    return moved
