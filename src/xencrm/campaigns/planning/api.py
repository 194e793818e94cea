"""Routes of campaigns."""

from typing import Annotated, Final
from uuid import UUID

from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from xencrm.campaigns.planning import life, service
from xencrm.campaigns.planning.approval import PlanGate
from xencrm.campaigns.planning.model import Sendable, Status
from xencrm.campaigns.planning.plan_token import PlanTokens
from xencrm.campaigns.planning.schemas import (
    CampaignChanges,
    LaunchInput,
    NewCampaign,
    ScheduleInput,
    ShownCampaign,
    shown_campaign,
)
from xencrm.campaigns.services import Provided
from xencrm.kernel.http.app import Caller
from xencrm.kernel.http.paging import Limit, Page, PageCursor, decode_cursor, encode_cursor
from xencrm.kernel.http.principals import Principal

NO_PLAN: Final = LaunchInput()
Search = Annotated[str, QueryParameter(max_length=255, description="a part of the name")]
Archived = Annotated[bool, QueryParameter(description="the archived ones instead of the others")]


async def list_campaigns(
    *,
    services: Provided,
    q: Search = "",
    status: FromQuery[Status | None] = None,
    archived: Archived = False,
    limit: Limit = 100,
    cursor: PageCursor = None,
) -> Page[ShownCampaign]:
    """Campaigns, the newest first; without those that were archived."""
    before = decode_cursor(cursor, tuple[UUID])
    async with services.database.transaction() as tx:
        found = await service.list_campaigns(
            tx,
            before[0] if before else None,
            limit + 1,
            q=q.replace("\0", " ").strip(),
            status=status,
            archived=archived,
        )
    shown = [shown_campaign(campaign, services.vendors) for campaign in found[:limit]]
    return Page(shown, encode_cursor(shown[-1].campaign_id) if len(found) > limit else None)


async def create_campaign(
    data: JSONBody[NewCampaign], principal: Caller, services: Provided
) -> ShownCampaign:
    """Make a draft; with `scheduled_at` a campaign that begins by itself then."""
    async with services.database.transaction() as tx:
        campaign = await life.write_campaign(
            tx,
            _sendable(services),
            data.plan(),
            data.texts(),
            scheduled_at=data.scheduled_at,
            gate=_gate(services, principal),
        )
    return shown_campaign(campaign, services.vendors)


async def get_campaign(campaign_id: FromPath[UUID], services: Provided) -> ShownCampaign:
    """One campaign with the texts in use."""
    async with services.database.transaction() as tx:
        return shown_campaign(await service.get_campaign(tx, campaign_id), services.vendors)


async def edit_campaign(
    campaign_id: FromPath[UUID], data: JSONBody[CampaignChanges], principal: Caller, services: Provided
) -> ShownCampaign:
    """Change what has not been launched; while paused, change the texts for what has not been sent."""
    async with services.database.transaction() as tx:
        campaign = await life.change_campaign(
            tx, _sendable(services), campaign_id, data.given(), _gate(services, principal)
        )
    return shown_campaign(campaign, services.vendors)


async def launch_campaign(
    campaign_id: FromPath[UUID], principal: Caller, services: Provided, data: JSONBody[LaunchInput] = NO_PLAN
) -> ShownCampaign:
    """Freeze the audience's rule and begin to prepare; answers at once. A given plan token has to fit."""
    gate = _gate(services, principal, data.plan_token)
    async with services.database.transaction() as tx:
        return shown_campaign(
            await life.launch_campaign(tx, _sendable(services), campaign_id, gate), services.vendors
        )


async def schedule_campaign(
    campaign_id: FromPath[UUID], data: JSONBody[ScheduleInput], principal: Caller, services: Provided
) -> ShownCampaign:
    """Let it begin by itself at a time to come; null makes it a draft again."""
    gate = _gate(services, principal, data.plan_token)
    async with services.database.transaction() as tx:
        campaign = await life.schedule_campaign(tx, _sendable(services), campaign_id, data.scheduled_at, gate)
    return shown_campaign(campaign, services.vendors)


async def pause_campaign(campaign_id: FromPath[UUID], principal: Caller, services: Provided) -> ShownCampaign:
    """Stop preparing or sending until resumed."""
    async with services.database.transaction() as tx:
        return shown_campaign(await life.pause_campaign(tx, campaign_id, principal), services.vendors)


async def resume_campaign(
    campaign_id: FromPath[UUID], principal: Caller, services: Provided
) -> ShownCampaign:
    """Go on where it was paused."""
    async with services.database.transaction() as tx:
        campaign = await life.resume_campaign(tx, campaign_id, _gate(services, principal))
    return shown_campaign(campaign, services.vendors)


async def cancel_campaign(campaign_id: FromPath[UUID], services: Provided) -> ShownCampaign:
    """End it for good; what has not been sent is cancelled."""
    zone = services.settings.time_zone
    async with services.database.transaction() as tx:
        return shown_campaign(await life.cancel_campaign(tx, campaign_id, zone), services.vendors)


async def duplicate_campaign(
    campaign_id: FromPath[UUID], principal: Caller, services: Provided
) -> ShownCampaign:
    """A new draft with the same texts, segment and settings."""
    async with services.database.transaction() as tx:
        return shown_campaign(
            await service.duplicate_campaign(tx, campaign_id, principal.name), services.vendors
        )


async def archive_campaign(campaign_id: FromPath[UUID], services: Provided) -> ShownCampaign:
    """Take a draft, or what has ended, out of the list."""
    async with services.database.transaction() as tx:
        return shown_campaign(await life.archive_campaign(tx, campaign_id), services.vendors)


def _sendable(services: Provided) -> Sendable:
    return Sendable(services.vendors, services.check_texts)


def _gate(services: Provided, principal: Principal, plan_token: str | None = None) -> PlanGate:
    settings = services.settings
    tokens = PlanTokens(settings.require("secret"))
    return PlanGate(tokens, settings.launch_needs_plan, settings.time_zone, principal, plan_token)
