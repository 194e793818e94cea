"""Who asks: a person by the cookie of their session, or a key. The services decide what they may."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from xencrm.client.client import Client
from xencrm.client.errors import ClientError, Unauthenticated
from xencrm.client.session import Session
from xencrm.client.signed_in import SignedIn
from xencrm.kernel.asgi import bearer
from xencrm.mcp_server.desk import PATIENCE, TIMEOUT_S, Desk
from xencrm.mcp_server.words import Words

# How often it is asked whether whoever listens still may.
GOOD_EVERY_S: Final = 5.0
LOOKING: Final = frozenset({"viewer", "marketer", "admin"})
SAFE: Final = frozenset({"GET", "HEAD"})


class NotLetIn(Exception):
    """The text says why."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


@dataclass
class Caller:
    """Somebody who is let in, for as long as one request goes on."""

    session: Session
    _client: Client
    _by: str | SignedIn

    @property
    def id(self) -> str:
        return self.session.person.person_id

    @property
    def may_write(self) -> bool:
        return self.session.person.role in ("marketer", "admin")

    @property
    def renewed(self) -> str | None:
        """The cookie that the browser should go on with."""
        return self._by.renewed if isinstance(self._by, SignedIn) else None

    async def until_gone(self) -> None:
        """Returns once their session or key is not good any more. Who cannot be asked about stays.

        A session's token is good for minutes, and renewed by being asked for.
        """
        while True:
            await asyncio.sleep(GOOD_EVERY_S)
            try:
                self.session = await self._client.session()
            except Unauthenticated:
                return
            except ClientError:
                continue

    def desk(self) -> Desk:
        """What tools work with."""
        installation = self.session.installation
        words = Words(installation.currency, ZoneInfo(installation.time_zone))
        return Desk(self._client, words, by_card=True)


@asynccontextmanager
async def letting_in(url: str, method: str, headers: Mapping[str, str]) -> AsyncIterator[Caller]:
    """Raises NotLetIn, ClientError."""
    by = bearer(headers) or SignedIn(headers.get("cookie", ""), headers.get("x-csrf-token", ""))
    async with Client(url, by, retries=PATIENCE, timeout_s=TIMEOUT_S) as client:
        session = await client.session()
        if session.person.role not in LOOKING:
            raise NotLetIn(403, f"The role {session.person.role} does not allow this.")
        if isinstance(by, SignedIn) and method not in SAFE:
            _check_origin(session, by, headers)
        yield Caller(session, client, by)


def _check_origin(session: Session, by: SignedIn, headers: Mapping[str, str]) -> None:
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise NotLetIn(403, "Requests from other sites are refused.")
    if not hmac.compare_digest(by.csrf_token.encode(), (session.csrf_token or "-").encode()):
        raise NotLetIn(403, "X-CSRF-Token is missing or wrong; GET /api/v1/session says it.")


def refusal_of(error: ClientError) -> tuple[int, str]:
    """What whoever is not let in is told."""
    status = getattr(error, "status", 503)
    return (
        (status, str(error)) if status in (401, 403, 429) else (503, "A part of XenCRM is away; try again.")
    )
