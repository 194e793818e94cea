"""The table `sessions`."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from xencrm.campaigns.accounts.sessions.model import IDLE, LIFE, LiveSession
from xencrm.kernel.database import Tx
from xencrm.kernel.http.principals import Role

_INSERT = text("""
    INSERT INTO sessions (person_id, user_agent, expires_at)
    VALUES (:person_id, :user_agent, now() + :life)
    RETURNING session_id
""")
_FIND = text("""
    SELECT s.session_id, s.person_id, p.name, p.email, p.role, s.expires_at, p.tokens_since,
           clock_timestamp() AS asked_at
    FROM sessions AS s JOIN people AS p USING (person_id)
    WHERE s.session_id = :session_id AND s.revoked_at IS NULL AND p.removed_at IS NULL
      AND s.expires_at > now() AND s.seen_at > now() - CAST(:idle AS interval)
      AND (CAST(:issuer AS text) IS NULL OR rtrim(p.issuer, '/') = :issuer)
""")
_TOUCH = text("""
    WITH seen AS (
        UPDATE sessions SET seen_at = now()
        WHERE session_id = :session_id AND revoked_at IS NULL RETURNING person_id
    )
    UPDATE people SET seen_at = now() WHERE person_id = ANY(ARRAY(SELECT person_id FROM seen))
""")
_REVOKE = text("""
    UPDATE sessions SET revoked_at = now() WHERE session_id = :session_id AND revoked_at IS NULL
    RETURNING clock_timestamp()
""")
_REVOKE_ALL = text("""
    UPDATE sessions SET revoked_at = now() WHERE person_id = :person_id AND revoked_at IS NULL
""")
_CUT_OFF = text("""
    UPDATE people SET tokens_since = greatest(tokens_since, clock_timestamp()), version = version + 1
    WHERE person_id = :person_id RETURNING tokens_since
""")
_PURGE = text("""
    DELETE FROM sessions WHERE session_id = ANY(ARRAY(
        SELECT session_id FROM sessions WHERE expires_at < now() - interval '30 days'
        ORDER BY expires_at LIMIT :most FOR UPDATE SKIP LOCKED
    ))
""")


async def insert_session(tx: Tx, person_id: UUID, user_agent: str, life: timedelta = LIFE) -> UUID:
    values = {"person_id": person_id, "user_agent": user_agent, "life": life}
    made: UUID = (await tx.execute(_INSERT, values)).scalar_one()
    return made


async def find_live(tx: Tx, session_id: UUID, *, issuer: str | None) -> LiveSession | None:
    """None when it has ended, was left alone for too long, or its person was removed or is of another issuer
    than the one given, which has no slash at its end."""
    values = {"session_id": session_id, "idle": IDLE, "issuer": issuer}
    row = (await tx.execute(_FIND, values)).mappings().one_or_none()
    return None if row is None else LiveSession(**{**row, "role": Role(row["role"])})


async def touch(tx: Tx, session_id: UUID) -> None:
    """Session and person were seen now. Until the transaction ends neither can be changed by another."""
    await tx.execute(_TOUCH, {"session_id": session_id})


async def revoke(tx: Tx, session_id: UUID) -> datetime | None:
    """The moment, or None when it was over before."""
    moment: datetime | None = (await tx.execute(_REVOKE, {"session_id": session_id})).scalar_one_or_none()
    return moment


async def revoke_all(tx: Tx, person_id: UUID) -> None:
    await tx.execute(_REVOKE_ALL, {"person_id": person_id})


async def cut_off(tx: Tx, person_id: UUID) -> datetime:
    """From which moment on tokens of this person are good."""
    moment: datetime = (await tx.execute(_CUT_OFF, {"person_id": person_id})).scalar_one()
    return moment


async def purge(tx: Tx, *, most: int) -> int:
    """Those that ended a month ago. Returns how many."""
    return (await tx.execute(_PURGE, {"most": most})).rowcount
