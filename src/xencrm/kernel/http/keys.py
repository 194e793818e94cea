"""API keys checked against a store, with a short memory."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from xencrm.kernel.http.memory import Memory
from xencrm.kernel.http.principals import Principal, split_key


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key that is not revoked."""

    principal: Principal
    secret_hash: bytes


FindKey = Callable[[str], Awaitable[StoredKey | None]]


class KeyAuthenticator:
    """Remembers answers for seconds, so a revocation is at most that stale."""

    def __init__(self, find: FindKey) -> None:
        self._memory: Memory[str, StoredKey] = Memory(find)

    async def authenticate(self, token: str) -> Principal | None:
        """Raises TimeoutError when the store does not answer."""
        parts = split_key(token)
        if parts is None:
            return None
        key_id, secret_hash = parts
        held = self._memory.held(key_id)
        stored = held[1] if held is not None else await self._memory.ask(key_id)
        if stored is None or not hmac.compare_digest(stored.secret_hash, secret_hash):
            return None
        return stored.principal
