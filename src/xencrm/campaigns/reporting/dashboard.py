"""The dashboard's numbers, each a recount of profiles, orders and the ledger."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping, TextClause, text

from xencrm.campaigns.planning.model import ACTIVE
from xencrm.campaigns.reporting.period import Period
from xencrm.campaigns.reporting.schemas import MessagesOfDay, OrdersOfDay, Previous, Series, Totals
from xencrm.kernel.database import Tx

_TOTALS = text("""
    SELECT * FROM
        (SELECT count(*) AS customers, count(*) FILTER (WHERE status = 'ACTIVE') AS active_customers
         FROM customers_mv) AS customers,
        (SELECT count(*) AS orders, coalesce(sum(order_amount), 0.00) AS revenue
         FROM orders_mv WHERE order_status = 'COMPLETED') AS orders,
        (SELECT count(*) AS campaigns,
                count(*) FILTER (WHERE status = ANY(CAST(:active AS text[]))) AS active_campaigns
         FROM campaigns) AS campaigns,
        (SELECT CAST(coalesce(sum(delivered), 0) AS bigint) AS delivered,
                CAST(coalesce(sum(failed), 0) AS bigint) AS failed
         FROM campaign_stats) AS messages
""")
_PREVIOUS = text("""
    SELECT * FROM
        (SELECT count(*) AS customers
         FROM customers_mv WHERE created_at >= :previous_start AND created_at < :start) AS customers,
        (SELECT count(*) AS orders, coalesce(sum(order_amount), 0.00) AS revenue
         FROM orders_mv
         WHERE order_status = 'COMPLETED'
           AND ordered_at >= :previous_start AND ordered_at < :start) AS orders,
        (SELECT count(*) AS campaigns
         FROM campaigns WHERE launched_at >= :previous_start AND launched_at < :start) AS campaigns,
        (SELECT count(*) FILTER (WHERE state = 'DELIVERED') AS delivered,
                count(*) FILTER (WHERE state = 'FAILED') AS failed
         FROM communication_log WHERE settled_at >= :previous_start AND settled_at < :start) AS messages
""")
_ORDERS = text("""
    SELECT CAST(ordered_at AT TIME ZONE :zone AS date) AS day, count(*) AS orders,
           sum(order_amount) AS revenue
    FROM orders_mv
    WHERE order_status = 'COMPLETED' AND ordered_at >= :start AND ordered_at < :end
    GROUP BY 1
""")
_MESSAGES = text("""
    SELECT CAST(settled_at AT TIME ZONE :zone AS date) AS day,
           count(*) FILTER (WHERE state = 'DELIVERED') AS delivered,
           count(*) FILTER (WHERE state = 'FAILED') AS failed
    FROM communication_log
    WHERE settled_at >= :start AND settled_at < :end
    GROUP BY 1
""")


async def find_totals(tx: Tx) -> Totals:
    row = (await tx.execute(_TOTALS, {"active": [status.value for status in ACTIVE]})).mappings().one()
    return Totals(**row)


async def find_previous(tx: Tx, period: Period) -> Previous:
    values = {"previous_start": period.previous_start, "start": period.start}
    return Previous(**(await tx.execute(_PREVIOUS, values)).mappings().one())


async def find_series(tx: Tx, period: Period) -> Series:
    """Days on which nothing happened are there, with zeros."""
    orders = await _by_day(tx, _ORDERS, period)
    messages = await _by_day(tx, _MESSAGES, period)
    no_orders, no_messages = {"orders": 0, "revenue": Decimal("0.00")}, {"delivered": 0, "failed": 0}
    return Series(
        [OrdersOfDay(**{"day": day, **no_orders, **orders.get(day, {})}) for day in period.each_day()],
        [MessagesOfDay(**{"day": day, **no_messages, **messages.get(day, {})}) for day in period.each_day()],
    )


async def _by_day(tx: Tx, query: TextClause, period: Period) -> Mapping[date, RowMapping]:
    values: dict[str, Any] = {"zone": period.zone, "start": period.start, "end": period.end}
    return {row["day"]: row for row in (await tx.execute(query, values)).mappings()}
