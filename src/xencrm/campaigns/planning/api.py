"""Routes of campaigns."""

from uuid import UUID

from litestar.params import FromPath, FromQuery, JSONBody

from xencrm.campaigns.planning import service
from xencrm.campaigns.planning.model import CANCEL, PAUSE, RESUME, Sendable, Status, Transition
from xencrm.campaigns.planning.schemas import CampaignChanges, NewCampaign, ShownCampaign, shown_campaign
from xencrm.campaigns.services import Provided
from xencrm.kernel.http.app import Caller
from xencrm.kernel.http.paging import Limit, Page, PageCursor, decode_cursor, encode_cursor


async def list_campaigns(
    services: Provided,
    status: FromQuery[Status | None] = None,
    limit: Limit = 100,
    cursor: PageCursor = None,
) -> Page[ShownCampaign]:
    """Campaigns, the newest first."""
    before = decode_cursor(cursor, tuple[UUID])
    async with services.database.transaction() as tx:
        found = await service.list_campaigns(tx, before[0] if before else None, status, limit + 1)
    shown = [shown_campaign(campaign) for campaign in found[:limit]]
    return Page(shown, encode_cursor(shown[-1].campaign_id) if len(found) > limit else None)


async def create_campaign(
    data: JSONBody[NewCampaign], principal: Caller, services: Provided
) -> ShownCampaign:
    """Make a draft."""
    async with services.database.transaction() as tx:
        campaign = await service.create_campaign(
            tx, _sendable(services), data.plan(), data.texts(), principal.name
        )
    return shown_campaign(campaign)


async def get_campaign(campaign_id: FromPath[UUID], services: Provided) -> ShownCampaign:
    """One campaign with the texts in use."""
    async with services.database.transaction() as tx:
        return shown_campaign(await service.get_campaign(tx, campaign_id))


async def edit_campaign(
    campaign_id: FromPath[UUID], data: JSONBody[CampaignChanges], principal: Caller, services: Provided
) -> ShownCampaign:
    """Change a draft; while paused, change the texts for what has not been sent."""
    async with services.database.transaction() as tx:
        campaign = await service.edit_campaign(
            tx, _sendable(services), campaign_id, data.given(), principal.name
        )
    return shown_campaign(campaign)


async def launch_campaign(campaign_id: FromPath[UUID], services: Provided) -> ShownCampaign:
    """Freeze the audience's rule and begin to prepare; answers at once."""
    async with services.database.transaction() as tx:
        return shown_campaign(await service.launch_campaign(tx, _sendable(services), campaign_id))


async def pause_campaign(campaign_id: FromPath[UUID], services: Provided) -> ShownCampaign:
    """Stop preparing or sending until resumed."""
    return await _advance(services, campaign_id, PAUSE)


async def resume_campaign(campaign_id: FromPath[UUID], services: Provided) -> ShownCampaign:
    """Go on where it was paused."""
    return await _advance(services, campaign_id, RESUME)


async def cancel_campaign(campaign_id: FromPath[UUID], services: Provided) -> ShownCampaign:
    """End it for good; what has not been sent is cancelled."""
    return await _advance(services, campaign_id, CANCEL)


async def _advance(services: Provided, campaign_id: FromPath[UUID], transition: Transition) -> ShownCampaign:
    async with services.database.transaction() as tx:
        return shown_campaign(await service.advance_campaign(tx, campaign_id, transition))


def _sendable(services: Provided) -> Sendable:
    return Sendable(services.vendors, services.check_texts)
