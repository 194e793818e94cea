"""What a tool works with: the services, by one key."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from xencrm.client.client import Client
from xencrm.client.errors import ClientError, ConnectionLost, Unavailable
from xencrm.client.retry import RetryPolicy
from xencrm.client.session import Session
from xencrm.mcp_server.words import Words

KEPT_S: Final = 5.0
MOST_KEPT: Final = 1000
# Whoever waits for an answer is told soon that something is away.
PATIENCE: Final = RetryPolicy(budget_s=3.0)
TIMEOUT_S: Final = 20.0
# A service that stands still takes connections and answers none.
SESSION_TIMEOUT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Desk:
    """`words` know the installation's currency and time zone; not those of a desk that was given `anyway`.

    `by_card`: what writes is approved by a person, on a card, and who asks has no key of their own.
    """

    client: Client
    words: Words
    by_card: bool = False


class Desks:
    """One for each call; who asks is remembered for seconds, by a hash of the key.

    So is that nobody can tell, while Campaigns is away.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._sessions: dict[bytes, tuple[float, Session]] = {}
        self._away: tuple[float, ClientError] | None = None

    @asynccontextmanager
    async def of(self, key: str, *, anyway: bool = False) -> AsyncIterator[Desk]:
        """`anyway`: also while Campaigns is away, for what Ingestion does by itself. Raises ClientError."""
        words = await self._words(key, anyway=anyway)
        async with Client(self._url, key, retries=PATIENCE, timeout_s=TIMEOUT_S) as client:
            yield Desk(client, words)

    async def _words(self, key: str, *, anyway: bool) -> Words:
        try:
            installation = (await self.session(key)).installation
        except ClientError:
            if not anyway:
                raise
            return Words()
        return Words(installation.currency, ZoneInfo(installation.time_zone))

    async def session(self, key: str) -> Session:
        """Raises ClientError; Unauthenticated for a key that is not good."""
        digest, now = sha256(key.encode()).digest(), time.monotonic()
        kept = self._sessions.get(digest)
        if kept is not None and now - kept[0] < KEPT_S:
            return kept[1]
        if self._away is not None and now - self._away[0] < KEPT_S:
            raise self._away[1]
        try:
            async with Client(self._url, key, retries=PATIENCE, timeout_s=SESSION_TIMEOUT_S) as client:
                session = await client.session()
        except (ConnectionLost, Unavailable) as error:
            self._away = (time.monotonic(), error)
            raise
        if len(self._sessions) >= MOST_KEPT:
            self._sessions.clear()
        self._sessions[digest] = (now, session)
        return session
