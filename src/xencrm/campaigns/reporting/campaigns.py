"""Numbers of campaigns: the counters that move with the messages, read in one statement."""

from uuid import UUID

import msgspec
from sqlalchemy import RowMapping, text

from xencrm.campaigns.planning.model import ACTIVE
from xencrm.campaigns.reporting.schemas import (
    CampaignStats,
    CampaignStatsWithLinks,
    CampaignWithStats,
    FailureCount,
    Lift,
)
from xencrm.campaigns.tracking.reads import list_links
from xencrm.kernel.database import Tx
from xencrm.kernel.errors import NotFound

MOST_UNDER_WAY = 100

_SELECT = """
    SELECT campaign.campaign_id, campaign.name, campaign.status, campaign.campaign_type, campaign.vendor,
           campaign.created_at, campaign.launched_at, campaign.finished_at, campaign.archived_at,
           coalesce(audience, 0) AS audience, coalesce(holdout, 0) AS holdout,
           coalesce(pending, 0) AS pending, coalesce(sending, 0) AS sending, coalesce(sent, 0) AS sent,
           coalesce(delivered, 0) AS delivered, coalesce(failed, 0) AS failed,
           coalesce(skipped, 0) AS skipped, coalesce(cancelled, 0) AS cancelled,
           coalesce(unconfirmed, 0) AS unconfirmed,
           (SELECT CAST(jsonb_agg(jsonb_build_object('reason', failure.reason, 'count', failure.count)
                                  ORDER BY failure.count DESC, failure.reason) AS text)
            FROM campaign_failures AS failure
            WHERE failure.campaign_id = campaign.campaign_id) AS failures,
           CASE WHEN track THEN coalesce(opened, 0) END AS opened,
           CASE WHEN track THEN coalesce(clicked, 0) END AS clicked,
           coalesce(result.revenue, 0.00) AS revenue, coalesce(result.orders, 0) AS orders,
           CAST(result.lift AS text) AS lift, result.computed_at
    FROM campaigns AS campaign LEFT JOIN campaign_stats USING (campaign_id)
    LEFT JOIN campaign_engagement USING (campaign_id)
    LEFT JOIN campaign_results AS result USING (campaign_id)
"""
_FIND = text(f"{_SELECT} WHERE campaign_id = :campaign_id")
_LIST = text(f"""
    {_SELECT}
    WHERE (CAST(:before AS uuid) IS NULL OR campaign_id < :before)
      AND (archived_at IS NOT NULL) = :archived
    ORDER BY campaign_id DESC LIMIT :most
""")
# What has just ended is shown once more, as it is.
_UNDER_WAY = text(f"""
    {_SELECT}
    WHERE status = ANY(CAST(:active AS text[])) OR finished_at > now() - interval '1 minute'
    ORDER BY campaign_id DESC LIMIT :most
""")
_failures = msgspec.json.Decoder(list[FailureCount])
_lift = msgspec.json.Decoder(Lift | None)


async def find_stats(tx: Tx, campaign_id: UUID) -> CampaignWithStats:
    """Raises NotFound."""
    row = (await tx.execute(_FIND, {"campaign_id": campaign_id})).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no campaign {campaign_id}.")
    return _with_stats(row)


async def get_stats(tx: Tx, campaign_id: UUID) -> CampaignStatsWithLinks:
    """Also the links of a campaign that is tracked. Raises NotFound."""
    found = await find_stats(tx, campaign_id)
    links = [] if found.opened is None else await list_links(tx, campaign_id)
    numbers = {name: getattr(found, name) for name in CampaignStats.__struct_fields__}
    return CampaignStatsWithLinks(**numbers, links=links)


async def list_stats(
    tx: Tx, before: UUID | None, most: int, *, archived: bool = False
) -> list[CampaignWithStats]:
    """The newest campaigns first (ids are in time order); the archived ones, or the others."""
    rows = await tx.execute(_LIST, {"before": before, "most": most, "archived": archived})
    return [_with_stats(row) for row in rows.mappings()]


async def list_under_way(tx: Tx) -> list[CampaignWithStats]:
    """SCHEDULED to PAUSED, and those that ended in the last minute; the newest first."""
    given = {"active": [status.value for status in ACTIVE], "most": MOST_UNDER_WAY}
    return [_with_stats(row) for row in (await tx.execute(_UNDER_WAY, given)).mappings()]


def _with_stats(row: RowMapping) -> CampaignWithStats:
    values = dict(row)
    values["failures"] = _failures.decode(values["failures"] or "[]")
    values["lift"] = _lift.decode(values["lift"] or "null")
    rate = _percent(row["delivered"], row["delivered"] + row["failed"])
    return CampaignWithStats(**values, delivery_rate=rate)


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None
