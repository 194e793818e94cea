"""The sessions of people as requests carry them: which are good, and cookies for answers."""

from dataclasses import replace
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from xencrm.campaigns.accounts.sessions import service, signing, store
from xencrm.campaigns.accounts.sessions.model import LOCAL_ISSUER, LiveSession, claims_of, is_due
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Database, Tx
from xencrm.kernel.http import session_tokens
from xencrm.kernel.http.cookies import session_cookie
from xencrm.kernel.http.memory import Memory
from xencrm.kernel.http.principals import Principal
from xencrm.kernel.settings import Settings

SIGNING_KEY_KNOWN_S = 60.0


class PeopleSessions:
    """What is known of a session is seconds old at most; the token says only which one it is."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._secret = settings.require("secret")
        self._cookie = session_cookie(https=settings.https)
        by_link = settings.signs_in_by_link
        self._issuer = LOCAL_ISSUER if by_link else settings.oidc_issuer.rstrip("/")
        self._live: Memory[UUID, LiveSession] = Memory(self._find_live)
        self._public: Memory[str, Ed25519PublicKey] = Memory(self._find_public, known_s=SIGNING_KEY_KNOWN_S)

    @property
    def cookie(self) -> str:
        return self._cookie.name

    async def authenticate(self, token: str, *, fresh: bool = False) -> Principal | None:
        """Also by a token that has expired, of a session that has not. Raises TimeoutError."""
        claims = await session_tokens.read(token, self._public.get)
        look_up = self._live.ask if fresh else self._live.get
        live = await look_up(claims.sid) if claims is not None else None
        if claims is None or live is None or live.person_id != claims.pid:
            return None
        principal = session_tokens.principal_of(claims)
        return replace(principal, name=live.name, role=live.role)

    async def renewal(self, principal: Principal) -> str | None:
        """A new token, where the one that came with the request ends soon or is not good elsewhere."""
        session = principal.session
        live = await self._live.get(session.session_id) if session is not None else None
        if session is None or live is None or not is_due(session, live, utc_now()):
            return None
        async with self._database.transaction() as tx:
            fresh = await service.go_on(tx, session.session_id, issuer=self._issuer)
            return None if fresh is None else await self._given(tx, fresh, session.csrf)

    async def begun(self, tx: Tx, person_id: UUID, user_agent: str) -> tuple[str, Principal]:
        """The cookie of a new session, and who has it."""
        live, csrf = await service.begin(tx, person_id, user_agent)
        cookie = await self._given(tx, live, csrf)
        return cookie, session_tokens.principal_of(claims_of(live, csrf))

    def gone(self) -> str:
        """Takes the cookie away."""
        return self._cookie.gone()

    def forget(self, session_id: UUID) -> None:
        """What is remembered of a session that ends here."""
        self._live.forget(session_id)

    async def find(self, session_id: UUID) -> LiveSession | None:
        return await self._live.get(session_id)

    async def _given(self, tx: Tx, live: LiveSession, csrf: str) -> str:
        key = await signing.signing_key(tx, self._secret)
        rest = live.expires_at - live.asked_at
        return self._cookie.holding(service.token_of(live, csrf, key), int(rest.total_seconds()))

    async def _find_live(self, session_id: UUID) -> LiveSession | None:
        async with self._database.transaction() as tx:
            return await store.find_live(tx, session_id, issuer=self._issuer)

    async def _find_public(self, key_id: str) -> Ed25519PublicKey | None:
        async with self._database.transaction() as tx:
            return await signing.public_key(tx, key_id, self._secret)
