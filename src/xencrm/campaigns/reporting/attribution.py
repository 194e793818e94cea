"""Which campaign an order is due to: the last that reached its customer, up to seven days before the order.

A customer is reached when the message is DELIVERED, by a vendor without receipts when it is SENT. The order
may be of that very moment, and of exactly seven times 24 hours later. Revenue is worked out anew for all
orders of a quarter of an hour, whenever one of them changed or somebody was reached in the week before.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from xencrm.campaigns.reporting.rollup import QUARTER, WINDOW
from xencrm.kernel.database import Tx

MOST_QUARTERS = 1000

_PICK = text("""
    SELECT quarter, orders FROM quarter_hours
    WHERE stale_since IS NOT NULL
    ORDER BY stale_since, quarter LIMIT :most FOR UPDATE SKIP LOCKED
""")
# Quarter by quarter (OFFSET 0), or the planner takes the orders of all time first.
_ATTRIBUTE = text("""
    WITH ordered AS MATERIALIZED (
        SELECT quarter, made.*
        FROM unnest(CAST(:quarters AS timestamptz[])) AS ordering (quarter)
        CROSS JOIN LATERAL (
            SELECT customer_id, order_amount, ordered_at FROM orders_mv
            WHERE order_status = 'COMPLETED'
              AND ordered_at >= quarter AND ordered_at < quarter + CAST(:quarter AS interval)
            OFFSET 0
        ) AS made
    ), due AS (
        SELECT ordered.quarter, reaching.campaign_id, count(*) AS orders, sum(order_amount) AS revenue
        FROM ordered
        CROSS JOIN LATERAL (
            SELECT campaign_id, reached_at
            FROM communication_log AS message JOIN campaigns USING (campaign_id)
            CROSS JOIN LATERAL (
                SELECT vendor = ANY(CAST(:silent AS text[])) AS silent
            ) AS of_vendor
            CROSS JOIN LATERAL (
                SELECT CASE WHEN silent THEN sent_at ELSE settled_at END AS reached_at
            ) AS moment
            WHERE message.customer_id = ordered.customer_id
              AND (state = 'DELIVERED' OR state = 'SENT' AND silent)
              AND reached_at <= ordered_at AND reached_at >= ordered_at - CAST(:window AS interval)
            ORDER BY reached_at DESC, campaign_id DESC LIMIT 1
        ) AS reaching
        GROUP BY ordered.quarter, reaching.campaign_id
    ), written AS (
        INSERT INTO campaign_revenue AS known (quarter, campaign_id, orders, revenue)
        SELECT quarter, campaign_id, orders, revenue FROM due
        ON CONFLICT (quarter, campaign_id) DO UPDATE SET orders = excluded.orders, revenue = excluded.revenue
        WHERE (known.orders, known.revenue) IS DISTINCT FROM (excluded.orders, excluded.revenue)
        RETURNING campaign_id
    ), gone AS (
        DELETE FROM campaign_revenue AS known
        WHERE quarter = ANY(CAST(:quarters AS timestamptz[]))
          AND NOT EXISTS (SELECT FROM due
                          WHERE due.quarter = known.quarter AND due.campaign_id = known.campaign_id)
        RETURNING campaign_id
    ), fresh AS (
        UPDATE quarter_hours SET stale_since = NULL WHERE quarter = ANY(CAST(:quarters AS timestamptz[]))
    )
    SELECT campaign_id FROM written UNION SELECT campaign_id FROM gone
""")
_SUM = text("""
    INSERT INTO campaign_results AS result (campaign_id, orders, revenue)
    SELECT changed.campaign_id, known.orders, known.revenue
    FROM unnest(CAST(:ids AS uuid[])) AS changed (campaign_id)
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(orders), 0) AS orders, coalesce(sum(revenue), 0) AS revenue
        FROM campaign_revenue WHERE campaign_revenue.campaign_id = changed.campaign_id
    ) AS known
    ORDER BY changed.campaign_id
    ON CONFLICT (campaign_id) DO UPDATE
    SET orders = excluded.orders, revenue = excluded.revenue, computed_at = excluded.computed_at
""")


async def attribute_stale(tx: Tx, *, silent: Sequence[str], most_orders: int) -> int:
    """Works out the quarters that have been stale for longest, some with about so many orders in all, or one.

    `silent`: vendors that give no receipts. Returns how many quarters it did.
    """
    stale = [(row.quarter, row.orders) for row in await tx.execute(_PICK, {"most": MOST_QUARTERS})]
    if not stale:
        return 0
    quarters = _some_of(stale, most_orders)
    changed = await _attribute(tx, quarters, silent)
    if changed:
        await tx.execute(_SUM, {"ids": changed})
    return len(quarters)


async def _attribute(tx: Tx, quarters: Sequence[datetime], silent: Sequence[str]) -> list[UUID]:
    given = {"quarters": list(quarters), "silent": list(silent), "quarter": QUARTER, "window": WINDOW}
    return list((await tx.execute(_ATTRIBUTE, given)).scalars())


def _some_of(stale: Sequence[tuple[datetime, int]], most_orders: int) -> list[datetime]:
    chosen: list[datetime] = []
    orders = 0
    for quarter, count in stale:
        orders += count
        if chosen and orders > most_orders:
            break
        chosen.append(quarter)
    return chosen
