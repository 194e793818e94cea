"""Counts by quarter of an hour: noted by whoever changes something, folded here into one row a quarter.

What is asked for is always the sum of what is folded and what is not, so it is exact at any moment; folding
only keeps it short. At the same time it is found out which orders and campaigns a change concerns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import text

from xencrm.kernel.database import Tx

WINDOW: Final = timedelta(days=7)
QUARTER: Final = timedelta(minutes=15)
_LOCK_KEY: Final = 0x726F6C6C
_COUNTS: Final = ("orders", "revenue", "customers", "active_customers", "delivered", "failed")

_NAMES = ", ".join(_COUNTS)
_SUMS = ", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in _COUNTS)
_ADDED = ", ".join(f"{name} = hour.{name} + excluded.{name}" for name in _COUNTS)
_NEGATED = ", ".join(f"-coalesce({name}, 0)" for name in _COUNTS)

_TAKE_LOCK = text("SELECT pg_try_advisory_xact_lock(CAST(:key AS bigint))")
_IS_COUNTED = text("SELECT EXISTS (SELECT FROM quarter_hours WHERE quarter = '-infinity')")
# Nobody was reached before the first launch: orders from before that are nobody's.
_STALE = """
    CASE WHEN ordered AND quarter + CAST(:quarter AS interval) > (SELECT min(launched_at) FROM campaigns)
         THEN now() END
"""
_FOLD = text(f"""
    WITH moved AS (
        DELETE FROM quarter_moves RETURNING *
    ), sums AS (
        SELECT quarter, {_SUMS}, bool_or(orders IS NOT NULL) AS ordered, bool_or(reached) AS reached,
               coalesce(bool_or(failed > 0), false) AS failures
        FROM moved GROUP BY quarter
    ), folded AS (
        INSERT INTO quarter_hours AS hour (quarter, {_NAMES}, stale_since)
        SELECT quarter, {_NAMES}, {_STALE} FROM sums
        UNION ALL SELECT '-infinity', {_SUMS}, NULL FROM sums HAVING count(*) > 0
        ORDER BY 1
        ON CONFLICT (quarter) DO UPDATE
        SET {_ADDED}, stale_since = coalesce(hour.stale_since, excluded.stale_since)
    )
    SELECT quarter, ordered, reached, failures FROM sums ORDER BY quarter
""")
_CLEAR = text("DELETE FROM quarter_hours")
# In one statement, so that what is counted and what is not folded yet are of the same moment. In the order
# of time, as those come that are folded: a range of them is on few pages.
_COUNT = text(f"""
    WITH counted AS (
        SELECT date_bin('15 minutes', ordered_at, timestamptz 'epoch') AS quarter, count(*) AS orders,
               sum(order_amount) AS revenue, 0 AS customers, 0 AS active_customers, 0 AS delivered,
               0 AS failed
        FROM orders_mv WHERE order_status = 'COMPLETED' GROUP BY 1
        UNION ALL
        SELECT date_bin('15 minutes', created_at, timestamptz 'epoch'), 0, 0, count(*),
               count(*) FILTER (WHERE status = 'ACTIVE'), 0, 0
        FROM customers_mv GROUP BY 1
        UNION ALL
        SELECT date_bin('15 minutes', settled_at, timestamptz 'epoch'), 0, 0, 0, 0,
               count(*) FILTER (WHERE state = 'DELIVERED'), count(*) FILTER (WHERE state = 'FAILED')
        FROM communication_log WHERE state IN ('DELIVERED', 'FAILED') GROUP BY 1
        UNION ALL SELECT quarter, 0, 0, 0, 0, 0, 0 FROM campaign_revenue
        UNION ALL SELECT quarter, {_NEGATED} FROM quarter_moves
    ), sums AS (
        SELECT quarter, {_SUMS}, true AS ordered FROM counted GROUP BY quarter
    )
    INSERT INTO quarter_hours (quarter, {_NAMES}, stale_since)
    SELECT quarter, {_NAMES}, {_STALE} FROM sums
    UNION ALL SELECT '-infinity', {_SUMS}, NULL FROM sums
    ORDER BY 1
""")
_DOUBT_LIFTS = text("UPDATE campaign_results SET lift_stale_since = now() WHERE lift_stale_since IS NULL")
_DOUBT_QUARTERS = text("""
    UPDATE quarter_hours SET stale_since = now()
    WHERE quarter > :after AND quarter <= :last AND stale_since IS NULL AND orders <> 0
""")
_DOUBT_LIFTS_OF = text("""
    UPDATE campaign_results SET lift_stale_since = now()
    WHERE lift_stale_since IS NULL AND campaign_id = ANY(ARRAY(
        SELECT campaign_id
        FROM unnest(CAST(:quarters AS timestamptz[])) AS changed (quarter)
        JOIN campaigns ON holdout_percent > 0 AND prepared_at IS NOT NULL
            AND prepared_at >= quarter - CAST(:window AS interval)
            AND prepared_at < quarter + CAST(:quarter AS interval)
    ))
""")
# Of vendors that give no receipts a message counts from when it was SENT; one that comes back does no more.
_FIRST_RETURNED = text("""
    SELECT min(sent_at) FROM communication_log
    WHERE settled_at >= :first AND settled_at < :last AND state = 'FAILED' AND sent_at IS NOT NULL
      AND campaign_id = ANY(ARRAY(
        SELECT campaign_id FROM campaigns
        WHERE vendor = ANY(CAST(:silent AS text[])) AND launched_at IS NOT NULL
      ))
""")


@dataclass(frozen=True, slots=True)
class _Changed:
    """What was told of a quarter: changes of orders, customers reached, messages that failed."""

    quarter: datetime
    ordered: bool
    reached: bool
    failures: bool


async def fold(tx: Tx, *, silent: Sequence[str]) -> int:
    """Folds what was noted, and marks as stale what it may change; how many quarters that were.

    Counts everything anew where nothing has been counted yet. Does nothing while another process folds.
    """
    if not (await tx.execute(_TAKE_LOCK, {"key": _LOCK_KEY})).scalar_one():
        return 0
    if not (await tx.execute(_IS_COUNTED)).scalar_one():
        await recount(tx)
    changes = [_Changed(*row) for row in await tx.execute(_FOLD, {"quarter": QUARTER})]
    await _doubt_revenue(tx, changes, silent)
    if ordered := [change.quarter for change in changes if change.ordered]:
        await tx.execute(_DOUBT_LIFTS_OF, {"quarters": ordered, "window": WINDOW, "quarter": QUARTER})
    return len(changes)


async def recount(tx: Tx) -> None:
    """Every quarter from the rows themselves; reads all tables whole."""
    await tx.execute(_CLEAR)
    await tx.execute(_COUNT, {"quarter": QUARTER})
    await tx.execute(_DOUBT_LIFTS)


async def _doubt_revenue(tx: Tx, changes: Sequence[_Changed], silent: Sequence[str]) -> None:
    """Whoever was reached, or is no longer, may have been so by the campaign that an order is due to."""
    reached = [change.quarter for change in changes if change.reached]
    if returned := await _first_returned(tx, [c.quarter for c in changes if c.failures], silent):
        reached.append(returned)
    if reached:
        span = {"after": min(reached) - QUARTER, "last": max(reached) + QUARTER + WINDOW}
        await tx.execute(_DOUBT_QUARTERS, span)


async def _first_returned(tx: Tx, failures: Sequence[datetime], silent: Sequence[str]) -> datetime | None:
    if not failures or not silent:
        return None
    span: dict[str, Any] = {"first": min(failures), "last": max(failures) + QUARTER, "silent": list(silent)}
    first: datetime | None = (await tx.execute(_FIRST_RETURNED, span)).scalar_one()
    return first
