"""Answers of a store, remembered for a moment."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

KNOWN_S = 2.0
UNKNOWN_S = 0.5
ASK_S = 1.5
MOST_REMEMBERED = 10_000

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memory(Generic[K, V]):
    """What the store said is at most `known_s` old; concurrent misses ask once."""

    def __init__(
        self, find: Callable[[K], Awaitable[V | None]], *, known_s: float = KNOWN_S, ask_s: float = ASK_S
    ) -> None:
        self._find = find
        self._known_s = known_s
        self._ask_s = ask_s
        self._known: dict[K, tuple[float, V | None]] = {}
        self._asking: dict[K, asyncio.Task[V | None]] = {}

    def held(self, key: K) -> tuple[float, V | None] | None:
        """(until when it is good, the value), if it is good now."""
        remembered = self._known.get(key)
        return remembered if remembered is not None and remembered[0] > time.monotonic() else None

    async def get(self, key: K) -> V | None:
        """Raises TimeoutError when the store does not answer."""
        held = self.held(key)
        return held[1] if held is not None else await self.ask(key)

    async def ask(self, key: K) -> V | None:
        """The store's answer of now. Raises TimeoutError when there is none."""
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.create_task(self._look_up(key))
            task.add_done_callback(lambda done: self._asked(key, done))
        async with asyncio.timeout(self._ask_s):
            return await asyncio.shield(task)

    def forget(self, key: K) -> None:
        self._known.pop(key, None)

    def _asked(self, key: K, task: asyncio.Task[V | None]) -> None:
        del self._asking[key]
        if not task.cancelled():
            task.exception()  # whoever waited may have left

    async def _look_up(self, key: K) -> V | None:
        async with asyncio.timeout(self._ask_s):
            value = await self._find(key)
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[key] = (time.monotonic() + (UNKNOWN_S if value is None else self._known_s), value)
        return value
