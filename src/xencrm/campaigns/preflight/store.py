"""Statements of pre-flights."""

from uuid import UUID

from sqlalchemy import select, text

from xencrm.campaigns.planning.membership import suppressed
from xencrm.campaigns.planning.model import CampaignType
from xencrm.campaigns.profiles.tables import customers_mv
from xencrm.kernel.database import Tx

_TAKE_TEST = text("""
    INSERT INTO test_allowances AS allowance (principal_id, since, used) VALUES (:principal_id, now(), 1)
    ON CONFLICT (principal_id) DO UPDATE
    SET since = CASE WHEN allowance.since < now() - make_interval(secs => :period_s) THEN now()
                     ELSE allowance.since END,
        used = CASE WHEN allowance.since < now() - make_interval(secs => :period_s) THEN 1
                    ELSE allowance.used + 1 END
    WHERE allowance.used < :most OR allowance.since < now() - make_interval(secs => :period_s)
    RETURNING used
""")
_WAIT = text("""
    SELECT CAST(extract(epoch FROM since - now()) + :period_s AS double precision)
    FROM test_allowances WHERE principal_id = :principal_id
""")


async def take_test(tx: Tx, principal_id: str, *, most: int, period_s: float) -> float:
    """Counts a test message; 0.0, or the seconds until the next one when there were `most` in the period."""
    given = {"principal_id": principal_id, "period_s": period_s}
    if (await tx.execute(_TAKE_TEST, {**given, "most": most})).one_or_none() is not None:
        return 0.0
    return float((await tx.execute(_WAIT, given)).scalar_one())


async def is_suppressed(tx: Tx, customer_id: UUID, campaign_type: CampaignType) -> bool:
    query = select(suppressed(campaign_type)).select_from(customers_mv)
    found = await tx.execute(query.where(customers_mv.c.customer_id == customer_id))
    return bool(found.scalar_one_or_none())
