"""Campaigns: written, changed, read."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from xencrm.campaigns.accounts.audit import service as audit
from xencrm.campaigns.planning import store
from xencrm.campaigns.planning.model import (
    CORRECT,
    DUPLICATE,
    EDIT,
    Campaign,
    CampaignUnknown,
    Plan,
    Sendable,
    Status,
    Texts,
    check_action,
)
from xencrm.kernel.database import Tx
from xencrm.kernel.validation import NAME_LENGTH


async def create_campaign(tx: Tx, sendable: Sendable, plan: Plan, texts: Texts, by: str) -> Campaign:
    """A draft. Raises InvalidInput."""
    await asyncio.to_thread(sendable.check, plan, texts)
    return await _made(tx, plan, texts, by)


async def edit_campaign(
    tx: Tx, sendable: Sendable, campaign_id: UUID, changes: Mapping[str, Any], by: str
) -> Campaign:
    """Changes the given fields; new texts of a paused campaign are a new version, for what is not sent.

    Raises CampaignUnknown, WrongStatus, InvalidInput.
    """
    campaign = await lock_campaign(tx, campaign_id)
    plan = replace(campaign.plan, **_those_of(Plan, changes))
    texts = replace(campaign.texts, **_those_of(Texts, changes))
    _check_editable(campaign, plan, texts)
    await asyncio.to_thread(sendable.check, plan, texts)
    if plan != campaign.plan:
        await store.update_plan(tx, campaign_id, plan)
    if texts != campaign.texts:
        version = campaign.template_version + (campaign.status is Status.PAUSED)
        await store.save_texts(tx, campaign_id, version, texts, by)
    await audit.note(tx, "campaign.edited", "campaign", campaign_id, name=plan.name, fields=sorted(changes))
    return await get_campaign(tx, campaign_id)


async def duplicate_campaign(tx: Tx, campaign_id: UUID, by: str) -> Campaign:
    """A new draft with the plan and the texts in use. Raises CampaignUnknown."""
    campaign = await get_campaign(tx, campaign_id)
    check_action(DUPLICATE, campaign)
    plan = replace(campaign.plan, name=f"Copy of {campaign.plan.name}"[:NAME_LENGTH].strip())
    return await _made(tx, plan, campaign.texts, by, copy_of=str(campaign_id))


async def _made(tx: Tx, plan: Plan, texts: Texts, by: str, **detail: object) -> Campaign:
    campaign_id = await store.insert_campaign(tx, plan, texts, by)
    await audit.note(tx, "campaign.created", "campaign", campaign_id, name=plan.name, **detail)
    return await get_campaign(tx, campaign_id)


async def lock_campaign(tx: Tx, campaign_id: UUID) -> Campaign:
    """Nobody else changes it until the transaction ends. Raises CampaignUnknown."""
    await store.lock_campaign(tx, campaign_id)
    return await get_campaign(tx, campaign_id)


async def get_campaign(tx: Tx, campaign_id: UUID) -> Campaign:
    """Raises CampaignUnknown."""
    campaign = await store.find_campaign(tx, campaign_id)
    if campaign is None:
        raise CampaignUnknown(f"There is no campaign {campaign_id}.")
    return campaign


async def list_campaigns(
    tx: Tx,
    before: UUID | None,
    most: int,
    *,
    q: str = "",
    status: Status | None = None,
    archived: bool = False,
) -> list[Campaign]:
    return await store.list_campaigns(tx, before, most, q=q, status=status, archived=archived)


def _those_of(kind: type[Plan] | type[Texts], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in changes.items() if name in kind.__slots__}


def _check_editable(campaign: Campaign, plan: Plan, texts: Texts) -> None:
    """What is sent as it is already is no change. Raises WrongStatus."""
    if plan != campaign.plan:
        check_action(EDIT, campaign)
    if texts != campaign.texts:
        check_action(CORRECT, campaign)
