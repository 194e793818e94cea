"""Schedules in the table `campaigns`."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from xencrm.campaigns.planning.model import OVERDUE_S, Approval
from xencrm.kernel.database import Tx

_SCHEDULE = text("""
    UPDATE campaigns
    SET status = 'SCHEDULED', scheduled_at = :scheduled_at, approved = :fingerprint,
        approved_audience = :audience, limited_by = :key, held_reason = NULL, updated_at = now()
    WHERE campaign_id = :campaign_id AND status IN ('DRAFT', 'SCHEDULED') AND archived_at IS NULL
""")
_UNSCHEDULE = text("""
    UPDATE campaigns
    SET status = 'DRAFT', scheduled_at = NULL, approved = NULL, approved_audience = NULL, limited_by = NULL,
        held_reason = NULL, updated_at = now()
    WHERE campaign_id = :campaign_id AND status = 'SCHEDULED'
""")
_HOLD_OVERDUE = text("""
    UPDATE campaigns SET held_reason = :reason, updated_at = now()
    WHERE status = 'SCHEDULED' AND held_reason IS NULL
      AND scheduled_at < now() - make_interval(secs => :overdue_s)
    RETURNING campaign_id
""")
_LIST_DUE = text("""
    SELECT campaign_id FROM campaigns
    WHERE status = 'SCHEDULED' AND held_reason IS NULL AND scheduled_at <= now()
      AND scheduled_at >= now() - make_interval(secs => :overdue_s)
    ORDER BY scheduled_at
""")
_CLAIM_DUE = text("""
    SELECT campaign_id FROM campaigns
    WHERE campaign_id = :campaign_id AND status = 'SCHEDULED' AND held_reason IS NULL
      AND scheduled_at <= now() AND scheduled_at >= now() - make_interval(secs => :overdue_s)
    FOR NO KEY UPDATE SKIP LOCKED
""")
_HOLD = text("""
    UPDATE campaigns SET held_reason = :reason, updated_at = now()
    WHERE campaign_id = :campaign_id AND status = 'SCHEDULED'
""")


async def schedule_campaign(tx: Tx, campaign_id: UUID, scheduled_at: datetime, approval: Approval) -> None:
    """DRAFT or SCHEDULED -> SCHEDULED, for then."""
    values = {"campaign_id": campaign_id, "scheduled_at": scheduled_at, **asdict(approval)}
    await tx.execute(_SCHEDULE, values)


async def unschedule_campaign(tx: Tx, campaign_id: UUID) -> None:
    """SCHEDULED -> DRAFT."""
    await tx.execute(_UNSCHEDULE, {"campaign_id": campaign_id})


async def hold_overdue(tx: Tx, reason: str) -> list[UUID]:
    """Those that should have begun more than OVERDUE_S ago, told the first time."""
    return list((await tx.execute(_HOLD_OVERDUE, {"reason": reason, "overdue_s": OVERDUE_S})).scalars())


async def list_due(tx: Tx) -> list[UUID]:
    return list((await tx.execute(_LIST_DUE, {"overdue_s": OVERDUE_S})).scalars())


async def claim_due(tx: Tx, campaign_id: UUID) -> bool:
    """Locks it; False when it is not due (any more) or somebody else has it."""
    claimed = await tx.execute(_CLAIM_DUE, {"campaign_id": campaign_id, "overdue_s": OVERDUE_S})
    return claimed.one_or_none() is not None


async def hold_campaign(tx: Tx, campaign_id: UUID, reason: str) -> None:
    await tx.execute(_HOLD, {"campaign_id": campaign_id, "reason": reason})
