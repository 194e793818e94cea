"""Writing down a campaign's audience: pages of matching profiles become rows of `communication_log`."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    MetaData,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    case,
    cast,
    func,
    insert,
    literal,
    select,
    text,
)

from xencrm.campaigns.delivery.model import INACTIVE, State
from xencrm.campaigns.profiles.tables import customers_mv
from xencrm.campaigns.segments.compiler import compile_rule
from xencrm.campaigns.segments.parsing import parse_rule
from xencrm.campaigns.segments.rules import mentions
from xencrm.kernel.database import Database, Tx

CHUNK = 5000
HASH_STEPS = 10_000

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
    SELECT campaign_id, campaign_month, frozen_rules, holdout_percent, prepare_now, prepare_position,
           prepare_until
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
    inactive = literal(False) if mentions(rule, "status") else customers_mv.c.status == "INACTIVE"
    held_out = _hash(preparation.campaign_id) < preparation.holdout_percent * HASH_STEPS // 100
    after = [customers_mv.c.customer_id > preparation.position] if preparation.position else []
    page = (
        select(
            customers_mv.c.customer_id,
            case((held_out, State.HOLDOUT), (inactive, State.SKIPPED), else_=State.PENDING).label("state"),
        )
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
    written = (
        insert(_log)
        .from_select(
            ["campaign_month", "campaign_id", "customer_id", "state", "reason"],
            select(
                literal(preparation.campaign_month, Date),
                literal(preparation.campaign_id, Uuid),
                page.c.customer_id,
                page.c.state,
                case((page.c.state == State.SKIPPED, INACTIVE)),
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


def _hash(campaign_id: UUID) -> Any:
    """0 .. HASH_STEPS - 1, the same for the same campaign and customer."""
    seed = campaign_id.int & 0x7FFFFFFFFFFFFFFF
    hashed = func.hashtextextended(cast(customers_mv.c.customer_id, Text), literal(seed, BigInteger))
    return func.abs(hashed % HASH_STEPS)
