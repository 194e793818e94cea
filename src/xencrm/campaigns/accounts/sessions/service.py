"""Sessions begin, go on and end; each end is told to the other service in the same transaction."""

import secrets
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from xencrm.campaigns.accounts.sessions import store
from xencrm.campaigns.accounts.sessions.model import (
    CSRF_BYTES,
    USER_AGENT_LENGTH,
    LiveSession,
    claims_of,
)
from xencrm.campaigns.accounts.telling import tell
from xencrm.contracts.access import SESSION_REVOKED, SessionRevoked
from xencrm.kernel.database import Tx
from xencrm.kernel.http import session_tokens


async def begin(tx: Tx, person_id: UUID, user_agent: str) -> tuple[LiveSession, str]:
    """A new session, and the CSRF token that its tokens will have."""
    printable = "".join(char for char in user_agent if char.isprintable())
    session_id = await store.insert_session(tx, person_id, printable[:USER_AGENT_LENGTH])
    live = await go_on(tx, session_id, issuer=None)
    assert live is not None, "it was made in this transaction"
    return live, secrets.token_urlsafe(CSRF_BYTES)


async def go_on(tx: Tx, session_id: UUID, *, issuer: str | None) -> LiveSession | None:
    """The session, seen now; None when it is over. A token of it belongs into this transaction: so whatever
    ends the session or changes the person comes either before the look or after the token."""
    await store.touch(tx, session_id)
    return await store.find_live(tx, session_id, issuer=issuer)


async def end(tx: Tx, session_id: UUID) -> None:
    """Once is enough."""
    moment = await store.revoke(tx, session_id)
    if moment is not None:
        await _tell_cutoff(tx, session_id, moment)


async def end_all(tx: Tx, person_id: UUID) -> None:
    """The person is signed out everywhere."""
    await store.revoke_all(tx, person_id)
    await renew_all(tx, person_id)


async def renew_all(tx: Tx, person_id: UUID) -> None:
    """Tokens that are there say what was true of the person before: they have to be replaced."""
    await _tell_cutoff(tx, person_id, await store.cut_off(tx, person_id))


def token_of(live: LiveSession, csrf: str, key: Ed25519PrivateKey) -> str:
    return session_tokens.sign(claims_of(live, csrf), key)


async def _tell_cutoff(tx: Tx, subject_id: UUID, moment: datetime) -> None:
    body = SessionRevoked(subject_id=subject_id, issued_before=moment)
    await tell(tx, SESSION_REVOKED, [(str(subject_id), body)])
