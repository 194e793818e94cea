"""Numbers are found by index, however many profiles, orders and messages there are."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import asyncpg
import pytest

from tests.support.full_databases import fill_business
from tests.support.postgres import PostgresServer
from tests.support.statements import captured, indexes_used, plans_of, scanned
from xencrm.campaigns.readiness import MIGRATIONS
from xencrm.campaigns.reporting import attribution, campaigns, dashboard, lift, rollup
from xencrm.campaigns.reporting.period import period_until
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Database, Tx
from xencrm.kernel.migrations import migrate

SILENT = ["smtp"]
# A row for each campaign or link; quarter_moves is emptied twice a second.
SMALL = {
    "campaigns",
    "campaign_stats",
    "campaign_failures",
    "campaign_results",
    "campaign_engagement",
    "quarter_moves",
}
_BUSY = (
    """
    UPDATE campaigns SET holdout_percent = 10, launched_at = now() - interval '5 days',
                         prepared_at = now() - interval '5 days'
    """,
    """
    UPDATE orders_mv SET ordered_at = now() - random() * interval '5 days'
    WHERE hashtext(order_id) % 100 = 0
    """,
    """
    INSERT INTO campaigns (name, segment_id, campaign_type, vendor, created_by)
    SELECT n, segment_id, 'REMINDER', 'simulator', 't' FROM segments, generate_series(1, 50) AS n
    """,
    """
    INSERT INTO campaign_revenue
    SELECT date_bin('15 minutes', now() - n * interval '15 minutes', timestamptz 'epoch'), campaign_id, 1, 1
    FROM campaigns, generate_series(1, 700) AS n
    """,
    """
    INSERT INTO quarter_moves (quarter, orders, revenue, reached)
    SELECT date_bin('15 minutes', now() - n * interval '1 hour', timestamptz 'epoch'), 0, 0, true
    FROM generate_series(1, 20) AS n
    """,
)


@pytest.fixture(scope="module")
async def business(postgres: PostgresServer) -> AsyncIterator[Database]:
    database = Database(await postgres.create_database("numbers_of_a_busy_shop"))
    await migrate(database, MIGRATIONS)
    await fill_business(database.url)
    connection = await asyncpg.connect(database.url)
    for statement in _BUSY:
        await connection.execute(statement)
    async with database.transaction() as tx:
        await rollup.recount(tx)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
    yield database
    await database.close()


async def fold(tx: Tx) -> None:
    assert await rollup.fold(tx, silent=SILENT) == 20


async def attribute(tx: Tx) -> None:
    assert await attribution.attribute_stale(tx, silent=SILENT, most_orders=500)


async def compare(tx: Tx) -> None:
    assert await lift.compute_stale(tx)


async def show(tx: Tx) -> None:
    for days in (1, 30):
        await dashboard.find_days(tx, period_until(utc_now(), days, "Asia/Kolkata"))
    await dashboard.find_totals(tx)
    await campaigns.list_stats(tx, None, 100)


@pytest.mark.parametrize(
    ("work", "indexes"),
    [
        (fold, {"quarter_hours_pkey"}),
        (
            attribute,
            {"quarter_hours_stale", "orders_mv_completed", "communication_log_default_customer_id_idx"},
        ),
        (compare, {"orders_mv_completed"}),
        (show, {"quarter_hours_pkey"}),
    ],
)
async def test_numbers_are_found_by_index(
    business: Database, work: Callable[[Tx], Awaitable[None]], indexes: set[str]
) -> None:
    with captured(business) as statements:
        async with business.transaction() as tx:
            await work(tx)
    used: set[str] = set()
    for statement in statements:
        for plan in await plans_of(business, statement):
            assert scanned(plan) <= SMALL, f"{statement}\n{plan}"
            used |= indexes_used(plan)
    assert indexes <= used


async def test_orders_are_attributed_quarter_by_quarter_not_from_the_first_to_the_last(
    business: Database,
) -> None:
    async with business.transaction() as tx:
        rows = await tx.exec_driver_sql("SELECT quarter FROM quarter_hours WHERE orders > 0 LIMIT 3")
        quarters = [row.quarter for row in rows]
        given = {
            "quarters": quarters,
            "silent": SILENT,
            "quarter": rollup.QUARTER,
            "window": timedelta(days=7),
        }
        with captured(business) as statements:
            await tx.execute(attribution._ATTRIBUTE, given)
    for plan in await plans_of(business, statements[0]):
        orders = next(line for line in plan.splitlines() if "orders_mv_completed on orders_mv" in line)
        condition = plan[plan.index(orders) :].splitlines()[1]
        assert "ordered_at >=" in condition
        assert "ordered_at <" in condition
