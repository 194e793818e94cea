"""A campaign's life: scheduled, launched, paused, resumed, cancelled, archived."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from xencrm.campaigns.accounts.audit import service as audit
from xencrm.campaigns.planning import schedule_store, service, store
from xencrm.campaigns.planning.allowance import give_back
from xencrm.campaigns.planning.approval import (
    PlanGate,
    approve_launch,
    approve_resume,
    approve_schedule,
    check_editable,
    pausing_key,
)
from xencrm.campaigns.planning.model import (
    ARCHIVE,
    CANCEL,
    LAUNCH,
    PAUSE,
    RESUME,
    SCHEDULE,
    UNSCHEDULE,
    Action,
    Approval,
    Campaign,
    Plan,
    Sendable,
    Texts,
    check_action,
)
from xencrm.campaigns.planning.service import get_campaign, lock_campaign
from xencrm.campaigns.profiles import service as profiles
from xencrm.campaigns.segments import service as segments
from xencrm.kernel.database import Tx
from xencrm.kernel.http.principals import Principal


async def write_campaign(
    tx: Tx,
    sendable: Sendable,
    plan: Plan,
    texts: Texts,
    *,
    scheduled_at: datetime | None,
    gate: PlanGate,
) -> Campaign:
    """A draft, or with a time a campaign that is scheduled for it. Raises as launch_campaign does."""
    campaign = await service.create_campaign(tx, sendable, plan, texts, gate.asker.name)
    if scheduled_at is None:
        return campaign
    return await schedule_campaign(tx, sendable, campaign.campaign_id, scheduled_at, gate)


async def change_campaign(
    tx: Tx, sendable: Sendable, campaign_id: UUID, changes: Mapping[str, Any], gate: PlanGate
) -> Campaign:
    """Another `scheduled_at` schedules it, None takes it off the schedule. Raises as launch_campaign does."""
    await check_editable(tx, gate.asker, await lock_campaign(tx, campaign_id))
    campaign = await service.edit_campaign(tx, sendable, campaign_id, changes, gate.asker.name)
    scheduled_at = changes.get("scheduled_at", campaign.scheduled_at)
    if scheduled_at == campaign.scheduled_at:
        return campaign
    return await schedule_campaign(tx, sendable, campaign_id, scheduled_at, gate)


async def launch_campaign(tx: Tx, sendable: Sendable, campaign_id: UUID, gate: PlanGate) -> Campaign:
    """Freezes the rule and leaves the rest to the preparer, whatever the audience's size.

    Raises CampaignUnknown, WrongStatus, MatchesEveryone, InvalidInput, PlanMissing, PlanRefused, KeyLimited,
    CapReached, PreviewTooSlow.
    """
    campaign = await lock_campaign(tx, campaign_id)
    check_action(LAUNCH, campaign)
    await asyncio.to_thread(sendable.check, campaign.plan, campaign.texts)
    rules = await segments.freeze_rule(tx, campaign.plan.segment_id)
    approval = await approve_launch(tx, gate, campaign, rules)
    return await begin(tx, campaign, rules, approval)


async def begin(tx: Tx, campaign: Campaign, rules: str, approval: Approval) -> Campaign:
    """The launch itself, with the rule as it is from now on for this campaign."""
    until = await profiles.find_highest_customer_id(tx)
    await store.launch_campaign(tx, campaign.campaign_id, rules, until, approval)
    await audit.note(tx, "campaign.launched", "campaign", campaign.campaign_id, name=campaign.plan.name)
    return await get_campaign(tx, campaign.campaign_id)


async def schedule_campaign(
    tx: Tx, sendable: Sendable, campaign_id: UUID, scheduled_at: datetime | None, gate: PlanGate
) -> Campaign:
    """Lets it begin by itself then, with the rule of then; None makes it a draft again.

    What a plan token let be scheduled has to be the same then. Raises as launch_campaign does.
    """
    campaign = await lock_campaign(tx, campaign_id)
    if scheduled_at is None:
        check_action(UNSCHEDULE, campaign)
        await schedule_store.unschedule_campaign(tx, campaign_id)
        await audit.note(tx, "campaign.unscheduled", "campaign", campaign_id, name=campaign.plan.name)
    else:
        check_action(SCHEDULE, campaign)
        await asyncio.to_thread(sendable.check, campaign.plan, campaign.texts)
        rules = await segments.freeze_rule(tx, campaign.plan.segment_id)
        approval = await approve_schedule(tx, gate, campaign, rules)
        await schedule_store.schedule_campaign(tx, campaign_id, scheduled_at, approval)
        name = campaign.plan.name
        await audit.note(
            tx, "campaign.scheduled", "campaign", campaign_id, name=name, scheduled_at=scheduled_at
        )
    return await get_campaign(tx, campaign_id)


async def resume_campaign(tx: Tx, campaign_id: UUID, gate: PlanGate) -> Campaign:
    """Raises CampaignUnknown, WrongStatus, KeyLimited, CapReached."""
    campaign = await lock_campaign(tx, campaign_id)
    check_action(RESUME, campaign)
    await approve_resume(tx, gate, campaign)
    await store.release_campaign(tx, campaign_id)
    return await _advanced(tx, campaign, RESUME)


async def pause_campaign(tx: Tx, campaign_id: UUID, asker: Principal) -> Campaign:
    """Raises CampaignUnknown, WrongStatus."""
    campaign = await lock_campaign(tx, campaign_id)
    check_action(PAUSE, campaign)
    return await _advanced(tx, campaign, PAUSE, await pausing_key(tx, asker))


async def cancel_campaign(tx: Tx, campaign_id: UUID, zone: str) -> Campaign:
    """What a key with a cap reserved for it today, and was not sent, is given back.

    Raises CampaignUnknown, WrongStatus.
    """
    campaign = await lock_campaign(tx, campaign_id)
    check_action(CANCEL, campaign)
    await give_back(tx, campaign, zone)
    return await _advanced(tx, campaign, CANCEL)


async def _advanced(tx: Tx, campaign: Campaign, action: Action, paused_by: UUID | None = None) -> Campaign:
    campaign_id = campaign.campaign_id
    await store.advance_campaign(tx, campaign_id, action, paused_by)
    await audit.note(tx, f"campaign.{action.done}", "campaign", campaign_id, name=campaign.plan.name)
    return await get_campaign(tx, campaign_id)


async def archive_campaign(tx: Tx, campaign_id: UUID) -> Campaign:
    """Out of the list, for good. Raises CampaignUnknown, WrongStatus."""
    campaign = await lock_campaign(tx, campaign_id)
    check_action(ARCHIVE, campaign)
    await store.archive_campaign(tx, campaign_id)
    await audit.note(tx, "campaign.archived", "campaign", campaign_id, name=campaign.plan.name)
    return await get_campaign(tx, campaign_id)
