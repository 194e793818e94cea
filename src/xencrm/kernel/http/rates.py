"""How many requests a second a key or a person may make."""

import time
from collections.abc import Callable

from xencrm.kernel.errors import TooManyRequests
from xencrm.kernel.http.principals import Authenticator, Kind, Principal, Sessions

BURST_S = 2.0
MOST_REMEMBERED = 10_000
_ROUNDING_S = 1e-6


def limited(
    authenticator: Authenticator, per_second: float, *, clock: Callable[[], float] = time.monotonic
) -> Authenticator:
    """The authenticator with a limit for each principal in this process; 0 is none."""
    return _LimitedKeys(authenticator, _Rates(per_second, clock)) if per_second else authenticator


def limited_sessions(
    sessions: Sessions, per_second: float, *, clock: Callable[[], float] = time.monotonic
) -> Sessions:
    """The same for each person, in whatever number of sessions."""
    return _LimitedSessions(sessions, _Rates(per_second, clock)) if per_second else sessions


class _LimitedKeys:
    def __init__(self, authenticator: Authenticator, rates: "_Rates") -> None:
        self._authenticator = authenticator
        self._rates = rates

    async def authenticate(self, token: str) -> Principal | None:
        """Raises TooManyRequests."""
        return self._rates.counted(await self._authenticator.authenticate(token))


class _LimitedSessions:
    def __init__(self, sessions: Sessions, rates: "_Rates") -> None:
        self._sessions = sessions
        self._rates = rates

    @property
    def cookie(self) -> str:
        return self._sessions.cookie

    async def authenticate(self, token: str, *, fresh: bool = False) -> Principal | None:
        """Raises TooManyRequests."""
        return self._rates.counted(await self._sessions.authenticate(token, fresh=fresh))

    async def renewal(self, principal: Principal) -> str | None:
        return await self._sessions.renewal(principal)


class _Rates:
    """A token bucket each, kept as the time at which it is full again (GCRA).

    A full one holds what comes in BURST_S, at least one request.
    """

    def __init__(self, per_second: float, clock: Callable[[], float]) -> None:
        self._interval_s = 1 / per_second
        self._tolerance_s = max(0.0, BURST_S - self._interval_s)
        self._clock = clock
        self._full_at: dict[str, float] = {}

    def counted(self, principal: Principal | None) -> Principal | None:
        """Raises TooManyRequests with the time until a request is let through."""
        if principal is not None:
            self._take(principal)
        return principal

    def _take(self, principal: Principal) -> None:
        now = self._clock()
        full_at = max(now, self._full_at.get(principal.principal_id, now))
        wait_s = full_at - now - self._tolerance_s
        if wait_s > _ROUNDING_S:
            limit = f"{1 / self._interval_s:g} a second"
            who = "You" if principal.kind is Kind.PERSON else "This key"
            raise TooManyRequests(f"{who} may make {limit}.", retry_after_s=wait_s)
        if len(self._full_at) >= MOST_REMEMBERED:
            self._full_at = {key: at for key, at in self._full_at.items() if at > now}
        self._full_at[principal.principal_id] = full_at + self._interval_s
