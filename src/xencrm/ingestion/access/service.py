"""Who may use Ingestion's API."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from xencrm.ingestion.access import session_store, store
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Database
from xencrm.kernel.http import session_tokens
from xencrm.kernel.http.cookies import session_cookie
from xencrm.kernel.http.keys import KeyAuthenticator, StoredKey
from xencrm.kernel.http.memory import Memory
from xencrm.kernel.http.principals import Principal

NEVER = datetime.min.replace(tzinfo=UTC)


def authenticator(database: Database) -> KeyAuthenticator:
    async def find(key_id: str) -> StoredKey | None:
        async with database.transaction() as tx:
            return await store.find_key(tx, key_id)

    return KeyAuthenticator(find)


@dataclass(frozen=True)
class SignedSessions:
    """Sessions by what their tokens say, until Campaigns has told that one was cut off. Renews none."""

    cookie: str
    _keys: Memory[str, Ed25519PublicKey]
    _cutoffs: Memory[tuple[UUID, UUID], datetime]

    async def authenticate(self, token: str, *, fresh: bool = False) -> Principal | None:
        """Raises TimeoutError when the database does not answer."""
        claims = await session_tokens.read(token, self._keys.get)
        if claims is None or claims.exp <= utc_now():
            return None
        look_up = self._cutoffs.ask if fresh else self._cutoffs.get
        cutoff = await look_up((claims.sid, claims.pid))
        if cutoff is None or claims.iat < cutoff:
            return None
        return session_tokens.principal_of(claims)

    async def renewal(self, principal: Principal) -> str | None:
        return None


def signed_sessions(database: Database, *, https: bool) -> SignedSessions:
    async def find_key(key_id: str) -> Ed25519PublicKey | None:
        async with database.transaction() as tx:
            raw = await session_store.find_signing_key(tx, key_id)
        return None if raw is None else Ed25519PublicKey.from_public_bytes(raw)

    async def find_cutoff(subject_ids: tuple[UUID, UUID]) -> datetime | None:
        async with database.transaction() as tx:
            return await session_store.find_cutoff(tx, subject_ids) or NEVER

    return SignedSessions(session_cookie(https=https).name, Memory(find_key), Memory(find_cutoff))
