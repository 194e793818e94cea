"""The dashboard's numbers: sums of quarter hours, equal to a recount of profiles, orders and the ledger."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct
from sqlalchemy import text

from xencrm.campaigns.planning.model import ACTIVE
from xencrm.campaigns.reporting.period import Period
from xencrm.campaigns.reporting.schemas import (
    CustomersOfDay,
    MessagesOfDay,
    OrdersOfDay,
    Series,
    Span,
    Totals,
)
from xencrm.kernel.database import Tx

_TOTALS = text("""
    SELECT * FROM
        (SELECT CAST(coalesce(sum(customers), 0) AS bigint) AS customers,
                CAST(coalesce(sum(active_customers), 0) AS bigint) AS active_customers,
                CAST(coalesce(sum(orders), 0) AS bigint) AS orders, coalesce(sum(revenue), 0.00) AS revenue
         FROM (SELECT customers, active_customers, orders, revenue FROM quarter_hours
               WHERE quarter = '-infinity'
               UNION ALL
               SELECT customers, active_customers, orders, revenue FROM quarter_moves) AS quarters
        ) AS counted,
        (SELECT count(*) FILTER (WHERE archived_at IS NULL) AS campaigns,
                count(*) FILTER (WHERE status = ANY(CAST(:active AS text[]))) AS active_campaigns
         FROM campaigns) AS campaigns,
        (SELECT CAST(coalesce(sum(delivered), 0) AS bigint) AS delivered,
                CAST(coalesce(sum(failed), 0) AS bigint) AS failed
         FROM campaign_stats) AS messages
""")
# Days by their beginnings: that is several times quicker than to ask for the day of each quarter.
_DAYS = text("""
    SELECT width_bucket(quarter, CAST(:midnights AS timestamptz[])) AS number,
           CAST(coalesce(sum(orders), 0) AS bigint) AS orders, coalesce(sum(revenue), 0.00) AS revenue,
           CAST(coalesce(sum(customers), 0) AS bigint) AS customers,
           CAST(coalesce(sum(delivered), 0) AS bigint) AS delivered,
           CAST(coalesce(sum(failed), 0) AS bigint) AS failed
    FROM (SELECT quarter, orders, revenue, customers, delivered, failed FROM quarter_hours
          WHERE quarter >= :start AND quarter < :end
          UNION ALL
          SELECT quarter, orders, revenue, customers, delivered, failed FROM quarter_moves
          WHERE quarter >= :start AND quarter < :end) AS quarters
    GROUP BY 1
""")
_LAUNCHED = text("""
    SELECT count(*) FILTER (WHERE launched_at < :start) AS previous,
           count(*) FILTER (WHERE launched_at >= :start) AS current
    FROM campaigns WHERE launched_at >= :previous_start AND launched_at < :end
""")


class Day(Struct):
    """What came in on a day."""

    orders: int = 0
    revenue: Decimal = Decimal("0.00")
    customers: int = 0
    delivered: int = 0
    failed: int = 0


async def find_totals(tx: Tx) -> Totals:
    row = (await tx.execute(_TOTALS, {"active": [status.value for status in ACTIVE]})).mappings().one()
    return Totals(**row)


async def find_days(tx: Tx, period: Period) -> Mapping[date, Day]:
    """Those of the period and of the one before it, on which something came in."""
    days = [*period.each_day_before(), *period.each_day()]
    given = {"midnights": period.each_midnight(), "start": period.previous_start, "end": period.end}
    return {days[row.number - 1]: Day(*row[1:]) for row in await tx.execute(_DAYS, given)}


async def count_launched(tx: Tx, period: Period) -> tuple[int, int]:
    """Campaigns launched in the period before, and in this one."""
    given = {"previous_start": period.previous_start, "start": period.start, "end": period.end}
    row = (await tx.execute(_LAUNCHED, given)).one()
    return row.previous, row.current


def series_of(days: Mapping[date, Day], period: Period) -> Series:
    """Days on which nothing happened are there, with zeros."""
    each = [(day, days.get(day, Day())) for day in period.each_day()]
    return Series(
        orders=[OrdersOfDay(day, of.orders, of.revenue) for day, of in each],
        messages=[MessagesOfDay(day, of.delivered, of.failed) for day, of in each],
        customers=[CustomersOfDay(day, of.customers) for day, of in each],
    )


def span_of(days: Mapping[date, Day], which: Sequence[date], launched: int) -> Span:
    """Some days together."""
    those = [days[day] for day in which if day in days]
    return Span(
        customers=sum(day.customers for day in those),
        orders=sum(day.orders for day in those),
        revenue=sum((day.revenue for day in those), Decimal("0.00")),
        campaigns=launched,
        delivered=sum(day.delivered for day in those),
        failed=sum(day.failed for day in those),
    )
