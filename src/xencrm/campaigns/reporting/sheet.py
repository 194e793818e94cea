"""The numbers of all campaigns as a table for spreadsheets."""

from typing import Final

from xencrm.campaigns.reporting import campaigns
from xencrm.campaigns.reporting.schemas import CampaignWithStats
from xencrm.kernel.database import Database
from xencrm.kernel.http.sheets import as_csv

ROWS_AT_ONCE: Final = 1000
_PLAIN: Final = (
    *("campaign_id", "name", "status", "campaign_type", "vendor", "created_at", "launched_at", "finished_at"),
    *("audience", "holdout", "pending", "sending", "sent", "delivered", "failed", "skipped", "cancelled"),
    *("unconfirmed", "delivery_rate", "opened", "clicked", "orders", "revenue"),
)
_LIFT: Final = ("difference", "low", "high")


async def stats_as_csv(database: Database, *, archived: bool) -> str:
    """A row a campaign, the newest first."""
    found: list[CampaignWithStats] = []
    while True:
        async with database.transaction() as tx:
            before = found[-1].campaign_id if found else None
            page = await campaigns.list_stats(tx, before, ROWS_AT_ONCE, archived=archived)
        found += page
        if len(page) < ROWS_AT_ONCE:
            return as_csv([*_PLAIN, *(f"lift_{name}" for name in _LIFT)], map(_row, found))


def _row(stats: CampaignWithStats) -> list[object]:
    lift = [getattr(stats.lift, name) if stats.lift else None for name in _LIFT]
    return [*(getattr(stats, name) for name in _PLAIN), *lift]
