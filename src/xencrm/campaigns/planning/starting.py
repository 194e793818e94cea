"""The role that launches scheduled campaigns when their time has come. Any number may run."""

import asyncio
from collections.abc import Collection
from typing import Final
from uuid import UUID

from xencrm.campaigns.planning import life, schedule_store
from xencrm.campaigns.planning.approval import approve_begin
from xencrm.campaigns.planning.model import PlanMissing, check_vendor
from xencrm.campaigns.planning.service import get_campaign
from xencrm.campaigns.segments import service as segments
from xencrm.kernel.database import Database, Tx
from xencrm.kernel.endurance import keep_going
from xencrm.kernel.errors import XenError
from xencrm.kernel.logging import get_logger
from xencrm.kernel.process import Role, pause

EVERY_S: Final = 0.5
OVERDUE: Final = (
    "It should have begun more than an hour ago, and nobody was there to begin it. "
    "Launch it, schedule it anew, or cancel it."
)
UNPLANNED: Final = "A launch needs a plan token here, and it was scheduled without one."
log = get_logger(__name__)


def starting(database: Database, vendors: Collection[str], *, needs_plan: bool, zone: str) -> Role:
    """`vendors`: those that are configured. `zone`: in which a day begins and ends."""

    async def begin_due(stop: asyncio.Event) -> None:
        await start_due(database, vendors, needs_plan=needs_plan, zone=zone)
        await pause(stop, EVERY_S)

    async def role(stop: asyncio.Event) -> None:
        await keep_going(stop, "planning.start", lambda: begin_due(stop))

    return role


async def start_due(database: Database, vendors: Collection[str], *, needs_plan: bool, zone: str) -> None:
    """Launches what is due, and lets what cannot be launched, or is long overdue, wait for a person."""
    async with database.transaction() as tx:
        for campaign_id in await schedule_store.hold_overdue(tx, OVERDUE):
            log.warning("campaign.held", campaign_id=str(campaign_id), reason=OVERDUE)
        due = await schedule_store.list_due(tx)
    for campaign_id in due:
        async with database.transaction() as tx:
            await _start(tx, campaign_id, vendors, needs_plan=needs_plan, zone=zone)


async def _start(tx: Tx, campaign_id: UUID, vendors: Collection[str], *, needs_plan: bool, zone: str) -> None:
    if not await schedule_store.claim_due(tx, campaign_id):
        return
    try:
        await _launch(tx, campaign_id, vendors, needs_plan=needs_plan, zone=zone)
    except XenError as error:
        log.warning("campaign.held", campaign_id=str(campaign_id), reason=error.detail)
        await schedule_store.hold_campaign(tx, campaign_id, error.detail)
    else:
        log.info("campaign.started", campaign_id=str(campaign_id))


async def _launch(
    tx: Tx, campaign_id: UUID, vendors: Collection[str], *, needs_plan: bool, zone: str
) -> None:
    """Raises XenError, before anything is changed, for what a person has to look at."""
    campaign = await get_campaign(tx, campaign_id)
    check_vendor(campaign, vendors)
    rules = await segments.freeze_rule(tx, campaign.plan.segment_id)
    if needs_plan and campaign.approved is None:
        raise PlanMissing(UNPLANNED)
    approval = await approve_begin(tx, campaign, rules, zone=zone)
    await life.begin(tx, campaign, rules, approval)
