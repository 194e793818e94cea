"""What texts would say before anything is kept: the editor asks while somebody writes."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from xencrm.campaigns.delivery.rendering import ParsedTexts, parse_texts
from xencrm.campaigns.delivery.templates import NotRendered, Templates, check_texts
from xencrm.campaigns.delivery.variables import profile_variables
from xencrm.campaigns.planning.counting import count_audience
from xencrm.campaigns.planning.membership import Admission
from xencrm.campaigns.planning.model import Texts, UnknownSegment
from xencrm.campaigns.preflight.blanks import MOST_NAMES, blank_conditions
from xencrm.campaigns.preflight.model import Draft, DraftSample, Sample, TextsPreview
from xencrm.campaigns.preflight.proofs import Proofs
from xencrm.campaigns.preflight.service import addressed, trial_url
from xencrm.campaigns.profiles.model import Profile
from xencrm.campaigns.segments import service as segments
from xencrm.campaigns.segments.model import SegmentUnknown
from xencrm.campaigns.segments.parsing import parse_rule
from xencrm.campaigns.segments.rules import Condition, Group
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Database, Tx
from xencrm.kernel.errors import FieldError, InvalidInput

_NO_CAMPAIGN = UUID(int=0)


async def preview_texts(database: Database, proofs: Proofs, draft: Draft, samples: int) -> TextsPreview:
    """Raises InvalidInput that names the text or the part of the rule, PreviewTooSlow."""
    now = utc_now()
    texts = await asyncio.to_thread(_parsed, proofs.templates, draft.texts)
    names = texts.names[:MOST_NAMES]
    async with database.transaction() as tx, segments.reading(tx):
        admission = Admission(_NO_CAMPAIGN, draft.campaign_type, 0, await _rule_of(tx, draft))
        counted = await count_audience(tx, admission, now, blank_conditions(names))
        found = await addressed(tx, admission, now, samples) if samples else []
    url = trial_url(proofs.links, now)
    shown = await asyncio.to_thread(_samples, texts, found, now, url)
    return TextsPreview(counted, {name: counted.lacking.get(name, 0) for name in names}, shown)


def _parsed(templates: Templates, texts: Texts) -> ParsedTexts:
    """Raises InvalidInput."""
    given = (texts.message_template, texts.subject, texts.html_template)
    check_texts(*given)
    try:
        return parse_texts(templates, *given)
    except NotRendered as error:
        raise InvalidInput(errors=[FieldError("message_template", str(error))]) from error


async def _rule_of(tx: Tx, draft: Draft) -> Condition | Group:
    if draft.segment_id is None:
        return parse_rule(draft.rules)
    try:
        segment = await segments.get_segment(tx, draft.segment_id)
    except SegmentUnknown as error:
        raise UnknownSegment(errors=[FieldError("segment_id", str(error))]) from error
    return parse_rule(msgspec.json.decode(segment.rules))


def _samples(texts: ParsedTexts, found: Sequence[Profile], now: datetime, url: str) -> list[DraftSample]:
    return [_sample(texts, profile, now, url) for profile in found]


def _sample(texts: ParsedTexts, profile: Profile, now: datetime, url: str) -> DraftSample:
    variables = profile_variables(profile, profile.attributes, now=now, unsubscribe_url=url)
    who, blank = (profile.customer_id, profile.name, profile.email), texts.blank_names(variables)
    try:
        return DraftSample(Sample(*who, texts.render(variables)), blank)
    except NotRendered as error:
        return DraftSample(Sample(*who, None, str(error)), blank)
