"""A campaign's numbers as a topic of a stream."""

from functools import partial
from uuid import UUID

import msgspec

from xencrm.campaigns.planning.model import FINAL
from xencrm.campaigns.reporting.campaigns import get_stats
from xencrm.campaigns.reporting.schemas import CampaignEnded
from xencrm.kernel.database import Database
from xencrm.kernel.http.streams import Told, Topic


def progress_of(database: Database, campaign_id: UUID) -> Topic:
    return Topic(f"campaign {campaign_id}", "stats", partial(_look, database, campaign_id))


async def _look(database: Database, campaign_id: UUID) -> Told:
    """When results were computed is nothing new by itself."""
    async with database.transaction() as tx:
        stats = await get_stats(tx, campaign_id)
    return Told(
        data=msgspec.json.encode(stats),
        version=msgspec.structs.replace(stats, computed_at=None),
        over=stats.status in FINAL and stats.pending + stats.sending == 0,
        end=msgspec.json.encode(CampaignEnded(campaign_id, stats.status)),
    )
