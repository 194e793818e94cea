"""Writing down a campaign's audience: pages of matching profiles become rows of `communication_log`."""

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

from xencrm.campaigns.delivery.model import State
from xencrm.campaigns.planning.membership import Admission, Fate
from xencrm.campaigns.planning.model import CampaignType
from xencrm.campaigns.profiles.tables import customers_mv
from xencrm.campaigns.segments.compiler import compile_rule
from xencrm.campaigns.segments.parsing import parse_rule
from xencrm.kernel.database import Database, Tx

CHUNK = 5000

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
           prepare_position, prepare_until
    FROM campaigns WHERE campaign_id = :campaign_id AND status = 'PREPARING' FOR NO KEY UPDATE
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
_COUNT = text("""
    UPDATE campaign_stats
    SET audience = audience + :pending + :skipped, pending = pending + :pending,
        skipped = skipped + :skipped, holdout = holdout + :holdout
    WHERE campaign_id = :campaign_id
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


async def list_preparing(database: Database) -> list[UUID]:
    async with database.transaction() as tx:
        return list((await tx.execute(_PREPARING)).scalars())


async def prepare_chunk(database: Database, campaign_id: UUID) -> bool:
    """Writes the next chunk in one transaction; False when there is nothing left to do.

    The campaign's row is locked, so of several preparers one goes on; pause and cancel stop it here.
    """
    async with database.transaction() as tx:
        row = (await tx.execute(_LOCK, {"campaign_id": campaign_id})).one_or_none()
        if row is None:
            return False
        preparation = Preparation(*row)
        counts, last = await _write(tx, preparation)
        if last is not None:
            await tx.execute(_ADVANCE, {"campaign_id": campaign_id, "position": last})
        more = sum(counts.values()) == CHUNK
        if not more:
            await tx.execute(_FINISH, {"campaign_id": campaign_id})
        await tx.execute(_COUNT, {"campaign_id": campaign_id, **counts})
        return more


async def _write(tx: Tx, preparation: Preparation) -> tuple[dict[str, int], UUID | None]:
    """Rows written by state, and the last customer of the chunk."""
    if preparation.until is None:
        return {"pending": 0, "skipped": 0, "holdout": 0}, None
    row = (await tx.execute(_statement(preparation))).one()
    return {"pending": row.pending, "skipped": row.skipped, "holdout": row.holdout}, row.last


def _statement(preparation: Preparation) -> Select[*tuple[Any, ...]]:
    rule = parse_rule(preparation.rules)
    campaign_type = CampaignType(preparation.campaign_type)
    admission = Admission(preparation.campaign_id, campaign_type, preparation.holdout_percent, rule)
    after = [customers_mv.c.customer_id > preparation.position] if preparation.position else []
    page = (
        select(customers_mv.c.customer_id, admission.fate().label("fate"))
        .where(
            and_(
                compile_rule(rule, preparation.now),
                customers_mv.c.customer_id <= preparation.until,
                *after,
            )
        )
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
