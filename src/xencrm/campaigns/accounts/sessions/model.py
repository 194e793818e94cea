"""Sessions of people: how long they last, and what a token says of one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from xencrm.kernel.http.principals import Role, Session
from xencrm.kernel.http.session_tokens import MOST_LIFE, Claims

LIFE: Final = timedelta(days=7)
IDLE: Final = timedelta(hours=12)
# A token with less left is replaced, so that one in use does not expire under way.
RENEWED_BEFORE: Final = timedelta(minutes=2)
CSRF_BYTES: Final = 24
USER_AGENT_LENGTH: Final = 300
# Whom the one-time link signs in; there is no address and no provider then.
LOCAL_ISSUER: Final = "local"


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that has not ended, with what its person was at `asked_at`, by the database's clock.

    Tokens of before `tokens_since` are not good elsewhere.
    """

    session_id: UUID
    person_id: UUID
    name: str
    email: str
    role: Role
    expires_at: datetime
    tokens_since: datetime
    asked_at: datetime


def claims_of(live: LiveSession, csrf: str) -> Claims:
    """What a token says that is issued now; it does not outlive the session."""
    return Claims(
        sid=live.session_id,
        pid=live.person_id,
        name=live.name,
        role=live.role,
        csrf=csrf,
        iat=live.asked_at,
        exp=min(live.asked_at + MOST_LIFE, live.expires_at),
    )


def is_due(session: Session, live: LiveSession, now: datetime) -> bool:
    """Whether a token should be replaced: it ends soon, or was issued before the person was changed."""
    return session.expires_at - now < RENEWED_BEFORE or session.issued_at < live.tokens_since
