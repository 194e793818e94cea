"""What a launch is held to: the plan token that came with it, and the limits of the key that asks."""

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from xencrm.campaigns.accounts.keys import service as keys
from xencrm.campaigns.accounts.keys.model import Limits
from xencrm.campaigns.planning import allowance_store
from xencrm.campaigns.planning.allowance import Allowance, allowance_of
from xencrm.campaigns.planning.counting import AudienceCount, count_audience
from xencrm.campaigns.planning.membership import admission_of
from xencrm.campaigns.planning.model import (
    Approval,
    Campaign,
    KeyLimited,
    KeyRevoked,
    PlanMissing,
    Status,
)
from xencrm.campaigns.planning.plan_token import (
    RESUME_OR_CANCEL,
    PlanToken,
    PlanTokens,
    check_audience,
    check_fingerprint,
    check_written,
    fingerprint_of,
)
from xencrm.campaigns.segments import service as segments
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Tx
from xencrm.kernel.http.principals import Principal


@dataclass(frozen=True, slots=True)
class PlanGate:
    """Who asks, the plan token that came along, and whether there has to be one.

    `zone`: in which a day begins and ends.
    """

    tokens: PlanTokens
    is_needed: bool
    zone: str
    asker: Principal
    given: str | None = None


WHERE: Final = "POST /api/v1/campaigns/{campaign_id}/preview gives one."


async def approve_launch(tx: Tx, gate: PlanGate, campaign: Campaign, rules: str) -> Approval:
    """Reserves what the key may write to. Raises PlanMissing, PlanRefused, KeyLimited, CapReached,
    PreviewTooSlow."""
    asked = await _asked(tx, gate, campaign, rules, needs=gate.is_needed)
    if asked.allowance is not None:
        await asked.allowance.reserve(tx, campaign.campaign_id, asked.recipients)
    return asked.approval(gate.asker)


async def approve_schedule(tx: Tx, gate: PlanGate, campaign: Campaign, rules: str) -> Approval:
    """Nothing is reserved before it begins. Raises as approve_launch does."""
    asked = await _asked(tx, gate, campaign, rules, needs=gate.is_needed and campaign.approved is None)
    if asked.allowance is not None:
        asked.allowance.check_alone(asked.recipients)
    approval = asked.approval(gate.asker)
    if asked.token is not None:
        return approval
    return replace(approval, fingerprint=campaign.approved, audience=campaign.approved_audience)


async def approve_begin(tx: Tx, campaign: Campaign, rules: str, *, zone: str) -> Approval:
    """For a schedule whose time has come. Raises PlanRefused, KeyRevoked, CapReached, PreviewTooSlow."""
    if campaign.approved is not None:
        check_fingerprint(campaign.approved, fingerprint_of(campaign, rules))
    key = await keys.find_key_of(tx, campaign.limited_by) if campaign.limited_by else None
    if key is None:
        return Approval(campaign.approved)
    if key.revoked_at is not None:
        raise KeyRevoked(f"The API key {key.name!r}, which scheduled it, was revoked.")
    counted = await _count(tx, campaign, rules)
    if campaign.approved_audience is not None:
        check_audience(campaign.approved_audience, counted.audience)
    allowance = allowance_of(key.principal_id, key.limits, zone)
    if allowance is not None:
        await allowance.reserve(tx, campaign.campaign_id, counted.recipients)
    return Approval(campaign.approved, campaign.approved_audience, key.principal_id)


@dataclass(frozen=True, slots=True)
class Written:
    """What was written down of an audience: all of it, and to how many of it messages are pending."""

    audience: int
    pending: int


async def approve_audience(
    tx: Tx, campaign_id: UUID, held_to: Approval, written: Written, *, zone: str
) -> None:
    """Before the first is written to: who came to match since the launch is in it too.

    Raises PlanRefused, CapReached.
    """
    if held_to.audience is not None:
        check_written(held_to.audience, written.audience)
    key = await keys.find_key_of(tx, held_to.key) if held_to.key else None
    allowance = allowance_of(key.principal_id, key.limits, zone) if key else None
    if allowance is not None:
        await allowance.reserve(tx, campaign_id, written.pending, RESUME_OR_CANCEL)


async def approve_resume(tx: Tx, gate: PlanGate, campaign: Campaign) -> None:
    """What is not sent yet counts for today. Raises KeyLimited, CapReached."""
    limits = await keys.limits_of(tx, gate.asker)
    if limits and campaign.prepared_at is None:
        raise KeyLimited("It was paused before its audience was written down: a person has to resume it.")
    if limits and str(campaign.paused_by) != gate.asker.principal_id:
        raise KeyLimited("It was not paused by this API key: a person has to resume it.")
    allowance = allowance_of(gate.asker.principal_id, limits, gate.zone)
    if allowance is not None:
        pending = await allowance_store.count_pending(tx, campaign.campaign_id)
        await allowance.reserve(tx, campaign.campaign_id, pending)


async def pausing_key(tx: Tx, asker: Principal) -> UUID | None:
    """The key with limits, as a principal, that may resume what it pauses."""
    return UUID(asker.principal_id) if await keys.limits_of(tx, asker) else None


async def check_editable(tx: Tx, asker: Principal, campaign: Campaign) -> None:
    """What a person scheduled or launched says what that person saw. Raises KeyLimited."""
    if campaign.status is not Status.DRAFT and await keys.limits_of(tx, asker):
        raise KeyLimited(
            f"This API key may change drafts only, and the campaign is {campaign.status}. "
            "Take it off the schedule, or duplicate it and change the copy."
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who may, by which plan, to how many; `recipients` is 0 where nobody has to know."""

    limits: Limits
    token: PlanToken | None
    allowance: Allowance | None
    recipients: int = 0

    def approval(self, asker: Principal) -> Approval:
        key = UUID(asker.principal_id) if self.limits else None
        if self.token is None:
            return Approval(key=key)
        return Approval(str(self.token.fingerprint), self.token.audience, key)


async def _asked(tx: Tx, gate: PlanGate, campaign: Campaign, rules: str, *, needs: bool) -> _Asked:
    """`needs`: a plan token has to be there. Raises PlanMissing, PlanRefused, KeyLimited, PreviewTooSlow."""
    limits = await keys.limits_of(tx, gate.asker)
    if limits.draft_only:
        raise KeyLimited("This API key may only write drafts: a person has to launch or schedule them.")
    token = _token(gate, campaign, rules, for_agent=limits.agent, needs=needs)
    allowance = allowance_of(gate.asker.principal_id, limits, gate.zone)
    if token is None and allowance is None:
        return _Asked(limits, token, allowance)
    counted = await _count(tx, campaign, rules)
    if token is not None:
        check_audience(token.audience, counted.audience)
    return _Asked(limits, token, allowance, counted.recipients)


def _token(
    gate: PlanGate, campaign: Campaign, rules: str, *, for_agent: bool, needs: bool
) -> PlanToken | None:
    """The given one, once it is found to be about the campaign as it is. Raises PlanMissing, PlanRefused."""
    if gate.given is not None:
        token = gate.tokens.read(gate.given, campaign.campaign_id, utc_now())
        check_fingerprint(str(token.fingerprint), fingerprint_of(campaign, rules))
        return token
    if for_agent or needs:
        who = "by this API key" if for_agent else "here"
        raise PlanMissing(f"A launch {who} needs the plan_token of a pre-flight. {WHERE}")
    return None


async def _count(tx: Tx, campaign: Campaign, rules: str) -> AudienceCount:
    """Raises PreviewTooSlow; what the transaction did before can still be kept then."""
    async with segments.in_time(tx), tx.begin_nested():
        return await count_audience(tx, admission_of(campaign, rules), utc_now())
