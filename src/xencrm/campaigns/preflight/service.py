"""What a launch would do: how many, to whom, and what they would read."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from xencrm.campaigns.consent.links import Links
from xencrm.campaigns.delivery.rendering import ParsedTexts, parse_texts
from xencrm.campaigns.delivery.templates import NotRendered, Templates
from xencrm.campaigns.delivery.variables import profile_variables
from xencrm.campaigns.planning.counting import AudienceCount, count_audience
from xencrm.campaigns.planning.membership import Admission, Fate, admission_of
from xencrm.campaigns.planning.model import PREVIEW, Campaign, check_action
from xencrm.campaigns.planning.plan_token import VALID, PlanToken, fingerprint_of
from xencrm.campaigns.planning.service import get_campaign
from xencrm.campaigns.preflight.blanks import MOST_NAMES, blank_conditions
from xencrm.campaigns.preflight.model import Preflight, Sample, TextsUnusable
from xencrm.campaigns.preflight.proofs import Proofs
from xencrm.campaigns.profiles import service as profiles
from xencrm.campaigns.profiles.model import Profile
from xencrm.campaigns.segments import service as segments
from xencrm.campaigns.tracking.addresses import MessageTracker
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Database, Tx

SAMPLES: Final = 10


@dataclass(frozen=True, slots=True)
class _Look:
    """What one state of the data shows of a campaign."""

    campaign: Campaign
    rules: str
    texts: ParsedTexts
    counted: AudienceCount
    profiles: Sequence[Profile]


async def preview_campaign(database: Database, proofs: Proofs, campaign_id: UUID) -> Preflight:
    """Raises CampaignUnknown, WrongStatus, MatchesEveryone, TextsUnusable, PreviewTooSlow."""
    now = utc_now()
    async with database.transaction() as tx, segments.reading(tx):
        look = await _look(tx, proofs.templates, campaign_id, now)
    url, tracker = trial_url(proofs.links, now), trial_tracker(proofs.links, now)
    samples = await asyncio.to_thread(_rendered, look.texts, look.profiles, now, url, tracker)
    counted, expires_at = look.counted, now + VALID
    fingerprint = fingerprint_of(look.campaign, look.rules)
    token = proofs.tokens.sign(PlanToken(campaign_id, fingerprint, counted.audience, expires_at))
    blank = {name: counted.lacking.get(name, 0) for name in look.texts.names[:MOST_NAMES]}
    return Preflight(counted, blank, samples, token, expires_at)


def parsed(templates: Templates, campaign: Campaign) -> ParsedTexts:
    """Raises TextsUnusable."""
    texts, tracked = campaign.texts, campaign.plan.track
    try:
        return parse_texts(
            templates, texts.message_template, texts.subject, texts.html_template, tracked=tracked
        )
    except NotRendered as error:
        raise TextsUnusable(f"The message cannot be used: {error}") from error


async def _look(tx: Tx, templates: Templates, campaign_id: UUID, now: datetime) -> _Look:
    campaign = await get_campaign(tx, campaign_id)
    check_action(PREVIEW, campaign)
    rules = await segments.freeze_rule(tx, campaign.plan.segment_id)
    texts = await asyncio.to_thread(parsed, templates, campaign)
    admission = admission_of(campaign, rules)
    counted = await count_audience(tx, admission, now, blank_conditions(texts.names[:MOST_NAMES]))
    return _Look(campaign, rules, texts, counted, await addressed(tx, admission, now, SAMPLES))


async def addressed(tx: Tx, admission: Admission, now: datetime, most: int) -> list[Profile]:
    """Some of those who would be written to."""
    is_addressed = admission.fate() == Fate.ADDRESSED
    forms = [form & is_addressed for form in segments.forms_of(admission.rule, now)]
    return await profiles.sample(tx, forms, most)


def trial_url(links: Links, now: datetime) -> str:
    """What stands for the link to unsubscribe in messages to nobody."""
    return links.unsubscribe_url(UUID(int=0), now.date().replace(day=1), trial=True)


def trial_tracker(links: Links, now: datetime) -> MessageTracker:
    """Its links lead on and are not counted."""
    return MessageTracker(links, UUID(int=0), now.date().replace(day=1), trial=True)


def _rendered(
    texts: ParsedTexts, members: Sequence[Profile], now: datetime, url: str, tracker: MessageTracker
) -> list[Sample]:
    return [_sample(texts, profile, now, url, tracker) for profile in members]


def _sample(texts: ParsedTexts, profile: Profile, now: datetime, url: str, tracker: MessageTracker) -> Sample:
    variables = profile_variables(profile, profile.attributes, now=now, unsubscribe_url=url)
    try:
        return Sample(profile.customer_id, profile.name, profile.email, texts.render(variables, tracker))
    except NotRendered as error:
        return Sample(profile.customer_id, profile.name, profile.email, None, str(error))
