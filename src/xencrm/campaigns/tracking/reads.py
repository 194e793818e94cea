"""What was counted of opens and clicks."""

from uuid import UUID

from xencrm.campaigns.tracking import store
from xencrm.campaigns.tracking.schemas import LinkClicks, ShownClicks, ShownOpens
from xencrm.kernel.database import Tx


async def list_links(tx: Tx, campaign_id: UUID) -> list[LinkClicks]:
    """The links of all versions of a campaign's texts, the most clicked first."""
    return [LinkClicks(row["url"], row["clicks"]) for row in await store.list_links(tx, campaign_id)]


async def find_opens(tx: Tx, message_id: UUID) -> ShownOpens | None:
    times = await store.find_opens(tx, message_id)
    return ShownOpens(times.count, times.first_at, times.last_at) if times else None


async def list_clicks(tx: Tx, message_id: UUID) -> list[ShownClicks]:
    found = await store.list_clicks(tx, message_id)
    return [ShownClicks(url, times.count, times.first_at, times.last_at) for url, times in found]
