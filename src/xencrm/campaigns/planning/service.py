"""A campaign's use cases: create, edit, and move it through its life."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from xencrm.campaigns.planning import store
from xencrm.campaigns.planning.model import (
    LAUNCH,
    PLAN_CHANGES_IN,
    TEXTS_CHANGE_IN,
    Campaign,
    CampaignUnknown,
    Plan,
    Sendable,
    Status,
    Texts,
    Transition,
    WrongStatus,
    check_transition,
)
from xencrm.campaigns.profiles import service as profiles
from xencrm.campaigns.segments import service as segments
from xencrm.kernel.database import Tx


async def create_campaign(tx: Tx, sendable: Sendable, plan: Plan, texts: Texts, by: str) -> Campaign:
    """A draft. Raises InvalidInput."""
    sendable.check(plan, texts)
    return await get_campaign(tx, await store.insert_campaign(tx, plan, texts, by))


async def edit_campaign(
    tx: Tx, sendable: Sendable, campaign_id: UUID, changes: Mapping[str, Any], by: str
) -> Campaign:
    """Changes the given fields; new texts of a paused campaign are a new version, for what is not sent.

    Raises CampaignUnknown, WrongStatus, InvalidInput.
    """
    await store.lock_campaign(tx, campaign_id)
    campaign = await get_campaign(tx, campaign_id)
    plan = replace(campaign.plan, **_those_of(Plan, changes))
    texts = replace(campaign.texts, **_those_of(Texts, changes))
    _check_editable(campaign, plan, texts)
    sendable.check(plan, texts)
    if plan != campaign.plan:
        await store.update_plan(tx, campaign_id, plan)
    if texts != campaign.texts:
        version = campaign.template_version + (campaign.status is not Status.DRAFT)
        await store.save_texts(tx, campaign_id, version, texts, by)
    return await get_campaign(tx, campaign_id)


async def launch_campaign(tx: Tx, sendable: Sendable, campaign_id: UUID) -> Campaign:
    """Freezes the rule and leaves the rest to the preparer, whatever the audience's size.

    Raises CampaignUnknown, WrongStatus, MatchesEveryone, InvalidInput.
    """
    await store.lock_campaign(tx, campaign_id)
    campaign = await get_campaign(tx, campaign_id)
    check_transition(LAUNCH, campaign.status)
    sendable.check(campaign.plan, campaign.texts)
    rules = await segments.freeze_rule(tx, campaign.plan.segment_id)
    await store.launch_campaign(tx, campaign_id, rules, await profiles.find_highest_customer_id(tx))
    return await get_campaign(tx, campaign_id)


async def advance_campaign(tx: Tx, campaign_id: UUID, transition: Transition) -> Campaign:
    """Pauses, resumes or cancels. Raises CampaignUnknown, WrongStatus."""
    await store.lock_campaign(tx, campaign_id)
    check_transition(transition, (await get_campaign(tx, campaign_id)).status)
    await store.advance_campaign(tx, campaign_id, transition)
    return await get_campaign(tx, campaign_id)


async def get_campaign(tx: Tx, campaign_id: UUID) -> Campaign:
    """Raises CampaignUnknown."""
    campaign = await store.find_campaign(tx, campaign_id)
    if campaign is None:
        raise CampaignUnknown(f"There is no campaign {campaign_id}.")
    return campaign


async def list_campaigns(tx: Tx, before: UUID | None, status: Status | None, most: int) -> list[Campaign]:
    return await store.list_campaigns(tx, before, status, most)


def _those_of(kind: type[Plan] | type[Texts], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in changes.items() if name in kind.__slots__}


def _check_editable(campaign: Campaign, plan: Plan, texts: Texts) -> None:
    """What is sent as it is already is no change. Raises WrongStatus."""
    if plan != campaign.plan and campaign.status not in PLAN_CHANGES_IN:
        raise WrongStatus(f"A campaign that is {campaign.status} can no longer change more than its texts.")
    if texts != campaign.texts and campaign.status not in TEXTS_CHANGE_IN:
        raise WrongStatus(f"The texts of a campaign that is {campaign.status} cannot change; pause it first.")
