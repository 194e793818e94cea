"""Writing down a campaign's audience: pages of matching profiles become rows of `communication_log`.

A chunk is bounded by the profiles that match and by those that are looked at, so that one of many profiles of
which few match ends soon, too.
"""

import time
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    Date,
    MetaData,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    case,
    func,
    insert,
    literal,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError

from xencrm.campaigns.delivery.model import State
from xencrm.campaigns.delivery.stride import Stride
from xencrm.campaigns.planning.approval import Written, approve_audience
from xencrm.campaigns.planning.membership import Admission, Fate
from xencrm.campaigns.planning.model import Approval, CampaignType
from xencrm.campaigns.profiles.tables import customers_mv
from xencrm.campaigns.segments.compiler import compile_rule
from xencrm.campaigns.segments.parsing import parse_rule
from xencrm.campaigns.segments.service import QUERY_CANCELED
from xencrm.kernel.database import Database, Tx, sqlstate_of
from xencrm.kernel.errors import XenError
from xencrm.kernel.logging import get_logger

CHUNK = 5000
log = get_logger(__name__)

_log = Table(
    "communication_log",
    MetaData(),
    Column("campaign_month", Date),
    Column("campaign_id", Uuid),
    Column("customer_id", Uuid),
    Column("state", Text),
    Column("reason", Text),
)
_PREPARING = text("SELECT campaign_id FROM campaigns WHERE status = 'PREPARING' ORDER BY launched_at")
_LOCK = text("""
    SELECT campaign_id, campaign_month, campaign_type, frozen_rules, holdout_percent, prepare_now,
           prepare_position, prepare_until, approved_audience, limited_by
    FROM campaigns WHERE campaign_id = :campaign_id AND status = 'PREPARING' FOR NO KEY UPDATE
""")
# Each chunk is planned for the profiles that it looks at.
_BEGIN = text("""
    SELECT set_config('statement_timeout', :milliseconds, true),
           set_config('plan_cache_mode', 'force_custom_plan', true)
""")
_UNLIMITED = text("SELECT set_config('statement_timeout', '0', true)")
_EDGE = text("""
    SELECT customer_id FROM customers_mv
    WHERE customer_id > coalesce(:position, CAST('00000000-0000-0000-0000-000000000000' AS uuid))
      AND customer_id <= :until
    ORDER BY customer_id OFFSET :others LIMIT 1
""")
_ADVANCE = text("""
    UPDATE campaigns SET prepare_position = :position, updated_at = now() WHERE campaign_id = :campaign_id
""")
_FINISH = text("""
    WITH finished AS (
        UPDATE campaigns SET status = 'RUNNING', prepared = true, prepared_at = now(), updated_at = now()
        WHERE campaign_id = :campaign_id
    )
    SELECT pg_notify('campaigns', '')
""")
_HOLD = text("""
    WITH held AS (
        UPDATE campaigns SET status = 'PAUSED', held_reason = :reason, updated_at = now()
        WHERE campaign_id = :campaign_id
    )
    SELECT pg_notify('campaigns', '')
""")
_COUNT = text("""
    UPDATE campaign_stats
    SET audience = audience + :pending + :skipped, pending = pending + :pending,
        skipped = skipped + :skipped, holdout = holdout + :holdout
    WHERE campaign_id = :campaign_id
    RETURNING audience, pending
""")


@dataclass(frozen=True, slots=True)
class Preparation:
    """Where the writing of an audience stands. `now` is the launch, for rules on elapsed days."""

    campaign_id: UUID
    campaign_month: date
    campaign_type: str
    rules: object
    holdout_percent: int
    now: datetime
    position: UUID | None
    until: UUID | None
    approved_audience: int | None
    limited_by: UUID | None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows written by state, and the profile up to which all were looked at."""

    counts: dict[str, int]
    position: UUID | None


async def list_preparing(database: Database) -> list[UUID]:
    async with database.transaction() as tx:
        return list((await tx.execute(_PREPARING)).scalars())


async def prepare_chunk(
    database: Database, campaign_id: UUID, stride: Stride | None = None, *, zone: str
) -> bool:
    """Writes the next chunk in one transaction; False when there is nothing left to do. `zone`: in which a
    day begins and ends.

    The campaign's row is locked, so of several preparers one goes on; pause and cancel stop it here. Of what
    takes longer than a second nothing is written: fewer profiles are looked at then.
    """
    stride = stride or Stride()
    try:
        async with database.transaction() as tx:
            row = (await tx.execute(_LOCK, {"campaign_id": campaign_id})).one_or_none()
            return row is not None and await _prepare(tx, Preparation(*row), stride, zone)
    except DBAPIError as error:
        if sqlstate_of(error) != QUERY_CANCELED or not stride.limit_ms:
            raise
        log.info("audience.slow", campaign_id=str(campaign_id), looked_at=stride.profiles)
        stride.cut()
        return True


async def _prepare(tx: Tx, preparation: Preparation, stride: Stride, zone: str) -> bool:
    chunk = await _write(tx, preparation, stride)
    given = {"campaign_id": preparation.campaign_id}
    if chunk.position is not None:
        await tx.execute(_ADVANCE, {**given, "position": chunk.position})
    audience, pending = (await tx.execute(_COUNT, {**given, **chunk.counts})).one()
    more = chunk.position != preparation.until
    if not more:
        await _finish(tx, preparation, Written(audience, pending), zone)
    return more


async def _finish(tx: Tx, preparation: Preparation, written: Written, zone: str) -> None:
    """What became more than it was launched for waits for a person."""
    given = {"campaign_id": preparation.campaign_id}
    held_to = Approval(audience=preparation.approved_audience, key=preparation.limited_by)
    try:
        await approve_audience(tx, preparation.campaign_id, held_to, written, zone=zone)
    except XenError as error:
        log.warning("campaign.held", campaign_id=str(preparation.campaign_id), reason=error.detail)
        await tx.execute(_HOLD, {**given, "reason": error.detail})
    else:
        await tx.execute(_FINISH, given)


async def _write(tx: Tx, preparation: Preparation, stride: Stride) -> Chunk:
    """Within the stride's limit of time."""
    if preparation.until is None:
        return Chunk({"pending": 0, "skipped": 0, "holdout": 0}, None)
    await tx.execute(_BEGIN, {"milliseconds": str(stride.limit_ms)})
    began = time.monotonic()
    edge = await _find_edge(tx, preparation, preparation.until, stride)
    row = (await tx.execute(_statement(preparation, edge))).one()
    counts = {"pending": row.pending, "skipped": row.skipped, "holdout": row.holdout}
    full = sum(counts.values()) == CHUNK
    stride.went(time.monotonic() - began, full=full)
    await tx.execute(_UNLIMITED)
    return Chunk(counts, row.last if full else edge)


async def _find_edge(tx: Tx, preparation: Preparation, until: UUID, stride: Stride) -> UUID:
    """The last profile to be looked at now."""
    if stride.edge is None or not stride.reaches_beyond(preparation.position):
        given = {"position": preparation.position, "until": until, "others": stride.profiles - 1}
        found: UUID | None = (await tx.execute(_EDGE, given)).scalar_one_or_none()
        stride.edge = found or until
    return stride.edge


def _statement(preparation: Preparation, edge: UUID) -> Select[*tuple[Any, ...]]:
    rule = parse_rule(preparation.rules)
    campaign_type = CampaignType(preparation.campaign_type)
    admission = Admission(preparation.campaign_id, campaign_type, preparation.holdout_percent, rule)
    after = [customers_mv.c.customer_id > preparation.position] if preparation.position else []
    page = (
        select(customers_mv.c.customer_id, admission.fate().label("fate"))
        .where(and_(compile_rule(rule, preparation.now), customers_mv.c.customer_id <= edge, *after))
        .order_by(customers_mv.c.customer_id)
        .limit(CHUNK)
        .cte("page")
    )
    state = case(
        (page.c.fate == Fate.ADDRESSED, State.PENDING),
        (page.c.fate == Fate.HELD_OUT, State.HOLDOUT),
        else_=State.SKIPPED,
    )
    written = (
        insert(_log)
        .from_select(
            ["campaign_month", "campaign_id", "customer_id", "state", "reason"],
            select(
                literal(preparation.campaign_month, Date),
                literal(preparation.campaign_id, Uuid),
                page.c.customer_id,
                state,
                case((state == State.SKIPPED, page.c.fate)),
            ).order_by(page.c.customer_id),
        )
        .returning(_log.c.state)
        .cte("written")
    )
    last = select(page.c.customer_id).order_by(page.c.customer_id.desc()).limit(1).scalar_subquery()
    counts = [
        func.count().filter(written.c.state == state).label(state.lower())
        for state in (State.PENDING, State.SKIPPED, State.HOLDOUT)
    ]
    return select(*counts, last.label("last")).select_from(written)
