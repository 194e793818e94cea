"""Who asks, and what they may."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from xencrm.kernel.errors import Forbidden, Unauthenticated


class Role(StrEnum):
    VIEWER = "viewer"
    MARKETER = "marketer"
    ADMIN = "admin"
    INGEST = "ingest"


class Kind(StrEnum):
    PERSON = "person"
    KEY = "key"


READING: Final = frozenset({Role.VIEWER, Role.MARKETER, Role.ADMIN})
MARKETING: Final = frozenset({Role.MARKETER, Role.ADMIN})
ADMINISTERING: Final = frozenset({Role.ADMIN})
INGESTING: Final = frozenset({Role.INGEST, Role.MARKETER, Role.ADMIN})
FOLLOWING_INGEST: Final = READING | INGESTING
EVERYBODY: Final = frozenset(Role)

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER: Final = "x-csrf-token"
SITE_HEADER: Final = "sec-fetch-site"
# By which pages a browser may have been brought to ask; None: it does not say, "none": by no page.
OURS_TO_CHANGE: Final = frozenset({None, "same-origin"})
OURS_TO_LOOK: Final = OURS_TO_CHANGE | {"none"}
_KEY = re.compile(r"^xk_([0-9a-f]{12})_([A-Za-z0-9_-]{32,128})$")


@dataclass(frozen=True, slots=True)
class Session:
    """What the session token of a signed-in person says beside who it is."""

    session_id: UUID
    csrf: str
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Principal:
    """A person or an API key; a person has a session. `drafts_only`: may write nothing but drafts.

    `limited`: a program that acts by itself, whose key has limits of some kind.
    """

    principal_id: str
    name: str
    role: Role
    kind: Kind = Kind.KEY
    session: Session | None = None
    drafts_only: bool = False
    limited: bool = False


class Authenticator(Protocol):
    async def authenticate(self, token: str) -> Principal | None:
        """The principal that a bearer token stands for, or None."""
        ...


class Sessions(Protocol):
    """The sessions of people, which browsers carry in a cookie."""

    @property
    def cookie(self) -> str:
        """The cookie's name."""
        ...

    async def authenticate(self, token: str, *, fresh: bool = False) -> Principal | None:
        """The person whose session a token is of, or None. `fresh`: nothing that is remembered counts."""
        ...

    async def renewal(self, principal: Principal) -> str | None:
        """A `Set-Cookie` that an answer to this person should carry."""
        ...


class Headers(Protocol):
    def get(self, name: str, /) -> str | None:
        """The first header of a name, which is in lower case."""
        ...


@dataclass(frozen=True, slots=True)
class Access:
    """By what a service knows who asks; one without `sessions` knows keys only.

    `uncounted` are the keys where there is a limit of requests, for questions that nobody asked.
    """

    keys: Authenticator
    sessions: Sessions | None = None
    uncounted: Authenticator | None = None


def split_key(token: str) -> tuple[str, bytes] | None:
    """Id of an API key and SHA-256 of its whole text; None when it does not look like one."""
    match = _KEY.match(token)
    return (match[1], hashlib.sha256(token.encode()).digest()) if match else None


async def authorize(access: Access, method: str, headers: Headers, allowed: frozenset[Role]) -> Principal:
    """Who asks, if they may. Raises Unauthenticated or Forbidden."""
    principal = await identify(access, method, headers)
    check_role(principal, allowed)
    return principal


async def identify(access: Access, method: str, headers: Headers, *, fresh: bool = False) -> Principal:
    """By the API key if there is one, else by the session. Raises Unauthenticated; Forbidden for what other
    sites' pages make a browser send."""
    authorization = headers.get("authorization")
    if authorization is not None or access.sessions is None:
        return await identify_key(access, authorization or "")
    return await _of_session(access.sessions, method, headers, fresh=fresh)


def check_role(
    principal: Principal, allowed: frozenset[Role], *, drafting: bool = True, unlimited: bool = False
) -> None:
    """`drafting`: nothing leaves the house by it. `unlimited`: no key with limits may. Raises Forbidden."""
    if principal.drafts_only and not drafting:
        raise Forbidden(f"The API key {principal.name!r} may only write drafts: a person has to do this.")
    if principal.limited and unlimited:
        raise Forbidden(f"The API key {principal.name!r} has limits: a person has to do this.")
    if principal.role not in allowed:
        raise Forbidden(f"The role {principal.role} does not allow this.")


async def identify_key(access: Access, authorization: str) -> Principal:
    """By a header `Authorization`, which goes before any cookie. Raises Unauthenticated."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Send an API key: Authorization: Bearer <key>.")
    principal = await access.keys.authenticate(token.strip())
    if principal is None:
        raise Unauthenticated("The API key is not known or was revoked.")
    return principal


async def _of_session(sessions: Sessions, method: str, headers: Headers, *, fresh: bool) -> Principal:
    token = cookie_value(headers.get("cookie") or "", sessions.cookie)
    if token is None:
        raise Unauthenticated("Sign in, or send an API key: Authorization: Bearer <key>.")
    principal = await sessions.authenticate(token, fresh=fresh)
    if principal is None or principal.session is None:
        raise Unauthenticated("The session is over: sign in again.")
    is_safe = method in SAFE_METHODS
    _check_site(headers, OURS_TO_LOOK if is_safe else OURS_TO_CHANGE)
    if not is_safe:
        _check_csrf(principal.session, headers)
    return principal


def _check_site(headers: Headers, ours: frozenset[str | None]) -> None:
    """Following a link brings the cookie along too. Raises Forbidden."""
    if headers.get(SITE_HEADER) not in ours:
        raise Forbidden("Requests from other sites are refused.")


def _check_csrf(session: Session, headers: Headers) -> None:
    """What changes something has to come from our own pages. Raises Forbidden."""
    if not hmac.compare_digest((headers.get(CSRF_HEADER) or "").encode(), session.csrf.encode()):
        raise Forbidden("X-CSRF-Token is missing or wrong; GET /api/v1/session says it.")


def cookie_value(sent: str, name: str) -> str | None:
    """The first of that name in a `Cookie` header."""
    pairs = (pair.strip().partition("=") for pair in sent.split(";"))
    return next((value for key, _, value in pairs if key == name), None)
