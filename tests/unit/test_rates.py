"""How many requests a second a key may make, on a clock of the test's own."""

import pytest

from xencrm.kernel.errors import TooManyRequests
from xencrm.kernel.http.principals import Authenticator, Principal, Role
from xencrm.kernel.http.rates import BURST_S, limited


class Everybody:
    """Takes a token for the name of a principal; an empty one is nobody."""

    async def authenticate(self, token: str) -> Principal | None:
        return Principal(token, token, Role.INGEST) if token else None


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def passed(keys: Authenticator, token: str = "shop", times: int = 1000) -> int:
    """How many requests in a row are let through."""
    for count in range(times):
        try:
            await keys.authenticate(token)
        except TooManyRequests:
            return count
    return times


@pytest.mark.parametrize("per_second", [0.2, 1, 5, 100])
async def test_what_comes_in_two_seconds_may_come_at_once_and_then_the_rate_holds(per_second: float) -> None:
    clock = Clock()
    keys = limited(Everybody(), per_second, clock=clock)
    assert await passed(keys) == max(1, round(BURST_S * per_second))
    seconds = 50
    count = 0
    for _ in range(seconds * 10):
        clock.now += 0.1
        count += await passed(keys, times=20)
    assert count == pytest.approx(seconds * per_second, abs=1)


@pytest.mark.parametrize("per_second", [0.3, 1, 7])
async def test_after_the_told_time_a_request_is_let_through_and_a_moment_earlier_not(
    per_second: float,
) -> None:
    clock = Clock()
    keys = limited(Everybody(), per_second, clock=clock)
    await passed(keys)
    with pytest.raises(TooManyRequests) as refused:
        await keys.authenticate("shop")
    clock.now += refused.value.retry_after_s - 0.001
    assert await passed(keys, times=1) == 0
    clock.now += 0.002
    assert await passed(keys, times=1) == 1


async def test_each_principal_has_a_limit_of_its_own() -> None:
    keys = limited(Everybody(), 1, clock=Clock())
    assert await passed(keys, "one") == 2
    assert await passed(keys, "other") == 2
    assert await keys.authenticate("") is None


async def test_no_limit_is_the_authenticator_itself() -> None:
    keys = Everybody()
    assert limited(keys, 0) is keys


async def test_keys_that_rest_are_forgotten_and_busy_ones_are_not() -> None:
    clock = Clock()
    keys = limited(Everybody(), 10, clock=clock)
    for number in range(9_999):
        await keys.authenticate(f"resting {number}")
    clock.now += 1
    await passed(keys, "busy")
    for number in range(10):
        await keys.authenticate(f"new {number}")
    assert await passed(keys, "busy") == 0
