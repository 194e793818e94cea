"""The dashboard as a whole."""

from typing import Final

from xencrm.campaigns.profiles import service as profiles
from xencrm.campaigns.profiles.model import Sort, SortField
from xencrm.campaigns.profiles.schemas import shown_profile
from xencrm.campaigns.reporting import campaigns, dashboard
from xencrm.campaigns.reporting.period import period_until
from xencrm.campaigns.reporting.schemas import Dashboard
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Tx

LATEST: Final = 5
NEWEST_FIRST: Final = Sort(SortField.CREATED_AT, descending=True)


async def find_dashboard(tx: Tx, days: int, time_zone: str) -> Dashboard:
    """Of so many days, the last one today."""
    now = utc_now()
    period = period_until(now, days, time_zone)
    newest = await profiles.search_profiles(
        tx, words=(), matching=None, sort=NEWEST_FIRST, after=None, limit=LATEST
    )
    by_day = await dashboard.find_days(tx, period)
    launched_before, launched = await dashboard.count_launched(tx, period)
    return Dashboard(
        totals=await dashboard.find_totals(tx),
        current=dashboard.span_of(by_day, period.each_day(), launched),
        previous=dashboard.span_of(by_day, period.each_day_before(), launched_before),
        series=dashboard.series_of(by_day, period),
        latest_campaigns=await campaigns.list_stats(tx, None, LATEST),
        newest_customers=[shown_profile(profile, now) for profile in newest],
    )
