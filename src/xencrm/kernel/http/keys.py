"""API keys checked against a store, with a short memory."""

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from xencrm.kernel.http.principals import Principal, split_key

KNOWN_S = 2.0
UNKNOWN_S = 0.5
ASK_S = 1.5
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key that is not revoked."""

    principal: Principal
    secret_hash: bytes


FindKey = Callable[[str], Awaitable[StoredKey | None]]


class KeyAuthenticator:
    """Remembers answers for seconds, so a revocation is at most that stale; concurrent misses ask once."""

    def __init__(self, find: FindKey) -> None:
        self._find = find
        self._known: dict[str, tuple[float, StoredKey | None]] = {}
        self._asking: dict[str, asyncio.Task[StoredKey | None]] = {}

    async def authenticate(self, token: str) -> Principal | None:
        """Raises TimeoutError when the store does not answer."""
        parts = split_key(token)
        if parts is None:
            return None
        key_id, secret_hash = parts
        remembered = self._known.get(key_id)
        if remembered is not None and remembered[0] > time.monotonic():
            stored = remembered[1]
        else:
            stored = await self._ask(key_id)
        if stored is None or not hmac.compare_digest(stored.secret_hash, secret_hash):
            return None
        return stored.principal

    async def _ask(self, key_id: str) -> StoredKey | None:
        task = self._asking.get(key_id)
        if task is None:
            task = self._asking[key_id] = asyncio.create_task(self._look_up(key_id))
            task.add_done_callback(lambda done: self._asked(key_id, done))
        async with asyncio.timeout(ASK_S):
            return await asyncio.shield(task)

    def _asked(self, key_id: str, task: asyncio.Task[StoredKey | None]) -> None:
        del self._asking[key_id]
        if not task.cancelled():
            task.exception()  # whoever waited may have left

    async def _look_up(self, key_id: str) -> StoredKey | None:
        async with asyncio.timeout(ASK_S):
            stored = await self._find(key_id)
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[key_id] = (time.monotonic() + (KNOWN_S if stored else UNKNOWN_S), stored)
        return stored
