"""Waiting for conditions."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def until(
    look: Callable[[], Awaitable[T]], holds: Callable[[T], object], *, within_s: float = 60.0
) -> T:
    """Looks again and again; returns what is seen once it holds. Fails with what was seen last."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    while True:
        seen = await look()
        if holds(seen):
            return seen
        assert loop.time() < deadline, f"after {within_s} s: {seen}"
        await asyncio.sleep(0.05)
