"""The weather at the vendor's door: outages, throttling and slowness, as the dials say."""

import asyncio
from random import Random

from xencrm.kernel.errors import TooManyRequests, Unavailable
from xencrm.simulator.dials import Dials

RETRY_AFTER_S = 1


class HungUp(Exception):
    """The connection is to be closed without an answer."""


def check_open(dials: Dials, random: Random) -> None:
    """Passes, or nothing of the call is taken. Raises HungUp, Unavailable, TooManyRequests."""
    if dials.outage == "close":
        raise HungUp
    if dials.outage:
        raise Unavailable("outage: nothing was taken", RETRY_AFTER_S)
    if dials.http_429_rate and random.random() < dials.http_429_rate:
        raise TooManyRequests("too many requests: nothing was taken", RETRY_AFTER_S)


async def linger(dials: Dials, random: Random) -> None:
    """The latency before an answer: what was taken is on disk by then, so a caller may give up too early."""
    if dials.latency_ms or dials.latency_jitter_ms:
        jitter = random.uniform(-dials.latency_jitter_ms, dials.latency_jitter_ms)
        await asyncio.sleep(max(0.0, dials.latency_ms + jitter) / 1000)
