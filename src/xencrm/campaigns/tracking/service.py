"""Which campaigns are tracked, and which links of theirs there are to count."""

from collections.abc import Sequence
from uuid import UUID

from xencrm.campaigns.tracking import store
from xencrm.campaigns.tracking.template_links import TemplateLink
from xencrm.kernel.database import Tx


async def is_tracked(tx: Tx, campaign_id: UUID) -> bool:
    """Fixed from the launch on."""
    return await store.is_tracked(tx, campaign_id)


async def keep_links(tx: Tx, campaign_id: UUID, links: Sequence[TemplateLink]) -> None:
    """To be called before the first message with them is sent."""
    if links:
        await store.keep_links(tx, campaign_id, links)
