"""Statements of pre-flights."""

from sqlalchemy import text

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
