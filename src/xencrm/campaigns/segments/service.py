"""Segments: kept, previewed, and turned into conditions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, and_
from sqlalchemy.exc import DBAPIError

from xencrm.campaigns.accounts.keys import service as keys
from xencrm.campaigns.profiles import service as profiles
from xencrm.campaigns.profiles.texts import is_told
from xencrm.campaigns.segments import store
from xencrm.campaigns.segments.compiler import compile_rule
from xencrm.campaigns.segments.explaining import Explained, explained, verdicts_of
from xencrm.campaigns.segments.fields import ATTRIBUTE_PREFIX, FIELDS, Field, find_field
from xencrm.campaigns.segments.model import (
    MatchesEveryone,
    Preview,
    PreviewTooSlow,
    Segment,
    SegmentNameTaken,
    SegmentScheduled,
    SegmentUnknown,
)
from xencrm.campaigns.segments.narrowing import find_narrowing
from xencrm.campaigns.segments.parsing import parse_rule
from xencrm.campaigns.segments.rules import Condition, Group, is_match_all, to_json
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Tx, sqlstate_of
from xencrm.kernel.http.principals import Principal

PREVIEW_TIMEOUT_MS = 5000
QUERY_CANCELED = "57014"


def read_rule(body: object, now: datetime) -> ColumnElement[bool]:
    """The condition of a rule given as JSON. Raises InvalidInput that names the path in the tree."""
    return compile_rule(parse_rule(body), now)


async def create_segment(tx: Tx, name: str, description: str, rules: object, created_by: str) -> Segment:
    """Raises InvalidInput, SegmentNameTaken."""
    segment = await store.insert_segment(tx, name, description, _kept(rules), created_by)
    if segment is None:
        raise SegmentNameTaken(f"Another segment is called {name!r}.")
    return segment


async def replace_segment(tx: Tx, segment_id: UUID, name: str, description: str, rules: object) -> Segment:
    """What was launched with the old rule keeps it. Raises InvalidInput, SegmentUnknown, SegmentNameTaken."""
    segment = await store.update_segment(tx, segment_id, name, description, _kept(rules))
    return _known(segment, segment_id)


async def check_changeable(tx: Tx, segment_id: UUID, principal: Principal) -> None:
    """Keys with limits change no rule that something scheduled waits for. Raises SegmentScheduled."""
    if await keys.limits_of(tx, principal) and await store.is_scheduled(tx, segment_id):
        raise SegmentScheduled(
            "A scheduled campaign uses this segment, and this API key may change drafts only. "
            "Make another segment, or take the campaign off the schedule."
        )


async def delete_segment(tx: Tx, segment_id: UUID) -> str:
    """Its name. Raises SegmentUnknown, SegmentInUse."""
    name = await store.delete_segment(tx, segment_id)
    if name is None:
        raise _unknown(segment_id)
    return name


async def get_segment(tx: Tx, segment_id: UUID) -> Segment:
    """Raises SegmentUnknown."""
    return _known(await store.find_segment(tx, segment_id), segment_id)


async def list_segments(tx: Tx, before: UUID | None, most: int, q: str = "") -> list[Segment]:
    return await store.list_segments(tx, before, most, q)


async def freeze_rule(tx: Tx, segment_id: UUID) -> str:
    """The rule as it is now, as JSON. Raises SegmentUnknown, MatchesEveryone."""
    segment = await get_segment(tx, segment_id)
    if is_match_all(parse_rule(msgspec.json.decode(segment.rules))):
        raise MatchesEveryone(f"The segment {segment.name!r} has no condition: it would reach everyone.")
    return segment.rules


async def list_fields(tx: Tx) -> list[Field]:
    """What rules may ask about, with the attributes that the newest customers have."""
    seen = await store.list_attributes(tx)
    attributes = (find_field(ATTRIBUTE_PREFIX + key, values, types) for key, types, values in seen)
    return [*FIELDS.values(), *filter(None, attributes)]


async def preview(tx: Tx, rules: object, sample: int, *, timeout_ms: int = PREVIEW_TIMEOUT_MS) -> Preview:
    """Count and sample by one condition on one state of the data. Raises InvalidInput, PreviewTooSlow."""
    now = utc_now()
    rule = parse_rule(rules)
    matching, narrowing = compile_rule(rule, now), find_narrowing(rule)
    async with reading(tx, timeout_ms):
        count, profiles_found = await profiles.count_and_sample(tx, matching, sample, narrowing)
    return Preview(count, profiles_found, now, rule)


async def explain(tx: Tx, rules: object, customer_id: UUID) -> Explained:
    """Raises InvalidInput, ProfileUnknown, PreviewTooSlow."""
    now = utc_now()
    rule = parse_rule(rules)
    async with reading(tx):
        profile = await profiles.get_profile(tx, customer_id)
        verdicts = (await tx.execute(verdicts_of(rule, customer_id, now))).scalar_one()
    return explained(rule, iter(verdicts), profile, now)


def forms_of(rule: Condition | Group, now: datetime) -> list[ColumnElement[bool]]:
    """The condition of a rule in forms that mean the same, of which one may be cheaper."""
    matching, narrowing = compile_rule(rule, now), find_narrowing(rule)
    return [matching] if narrowing is None else [matching, and_(matching, is_told(narrowing))]


@asynccontextmanager
async def reading(tx: Tx, timeout_ms: int = PREVIEW_TIMEOUT_MS) -> AsyncIterator[None]:
    """For the rest of a transaction that begins here: one state of the data, and no statement takes longer.

    Raises PreviewTooSlow.
    """
    await store.take_snapshot(tx)
    async with in_time(tx, timeout_ms):
        yield


@asynccontextmanager
async def in_time(tx: Tx, timeout_ms: int = PREVIEW_TIMEOUT_MS) -> AsyncIterator[None]:
    """For the rest of a transaction: no statement takes longer. Raises PreviewTooSlow."""
    await store.limit_time(tx, timeout_ms)
    try:
        yield
    except DBAPIError as error:
        if sqlstate_of(error) != QUERY_CANCELED:
            raise
        raise PreviewTooSlow(
            f"Counting took longer than {timeout_ms / 1000:g} s. Ask for less at once: take out "
            "conditions that search inside texts or attributes, or put a narrow one beside them with 'and'."
        ) from error


def _kept(rules: object) -> str:
    """The one JSON form of a rule, whichever form it came in."""
    return msgspec.json.encode(to_json(parse_rule(rules))).decode()


def _known(segment: Segment | None, segment_id: UUID) -> Segment:
    if segment is None:
        raise _unknown(segment_id)
    return segment


def _unknown(segment_id: UUID) -> SegmentUnknown:
    return SegmentUnknown(f"There is no segment {segment_id}.")
