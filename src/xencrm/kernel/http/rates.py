"""How many requests a second a key may make."""

import time
from collections.abc import Callable

from xencrm.kernel.errors import TooManyRequests
from xencrm.kernel.http.principals import Authenticator, Principal

BURST_S = 2.0
MOST_REMEMBERED = 10_000
_ROUNDING_S = 1e-6


def limited(
    authenticator: Authenticator, per_second: float, *, clock: Callable[[], float] = time.monotonic
) -> Authenticator:
    """The authenticator with a limit for each principal in this process; 0 is none."""
    return _RateLimited(authenticator, per_second, clock) if per_second else authenticator


class _RateLimited:
    """A token bucket each, kept as the time at which it is full again (GCRA).

    A full one holds what comes in BURST_S, at least one request.
    """

    def __init__(self, authenticator: Authenticator, per_second: float, clock: Callable[[], float]) -> None:
        self._authenticator = authenticator
        self._interval_s = 1 / per_second
        self._tolerance_s = max(0.0, BURST_S - self._interval_s)
        self._clock = clock
        self._full_at: dict[str, float] = {}

    async def authenticate(self, token: str) -> Principal | None:
        """Raises TooManyRequests with the time until a request is let through."""
        principal = await self._authenticator.authenticate(token)
        if principal is not None:
            self._take(principal.principal_id)
        return principal

    def _take(self, principal_id: str) -> None:
        now = self._clock()
        full_at = max(now, self._full_at.get(principal_id, now))
        wait_s = full_at - now - self._tolerance_s
        if wait_s > _ROUNDING_S:
            limit = f"{1 / self._interval_s:g} a second"
            raise TooManyRequests(f"This key may make {limit}.", retry_after_s=wait_s)
        if len(self._full_at) >= MOST_REMEMBERED:
            self._full_at = {key: at for key, at in self._full_at.items() if at > now}
        self._full_at[principal_id] = full_at + self._interval_s
