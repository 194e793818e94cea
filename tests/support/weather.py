"""A vendor that behaves badly in ever other ways, and slows down for those who would be through too early."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import aiohttp

from tests.support.product import Product

FAIR: dict[str, Any] = {
    "success_rate": 0.9,
    "latency_jitter_ms": 80,
    "http_429_rate": 0.0,
    "receipts": "answer",
    "late_ms": 0,
    "repeat_rate": 0.0,
    "reorder": False,
    "outage": False,
}
BY_WEBHOOK = {"receipts": "webhook"}
WEATHERS: dict[str, dict[str, Any]] = {
    "receipts in the answer": {},
    "receipts by webhook": BY_WEBHOOK,
    "receipts by webhook, late, repeated and reordered": {
        **BY_WEBHOOK,
        "late_ms": 1500,
        "repeat_rate": 0.5,
        "reorder": True,
    },
    "a storm of 429s": {"http_429_rate": 0.7},
    "a storm of 429s, receipts by webhook": {**BY_WEBHOOK, "http_429_rate": 0.5, "repeat_rate": 0.3},
    "many refusals": {"success_rate": 0.6},
    "answers that come too late": {"latency_ms": 4000},
    "calls hung up on": {"outage": "close"},
    "an outage": {"outage": True},
}
HARSH = {"calls hung up on", "an outage", "answers that come too late"}
LASTS_S = (1.0, 3.0)
HARSH_S = (0.5, 1.0)
QUICK_MS = 100
SLOW_MS = 1500
FAR_AHEAD = 0.1


class Weather:
    """`seen`: how often each kind was set. `lead`: by how much the messages are through too early; then the
    vendor is slow, or takes nothing."""

    def __init__(self, product: Product, lead: Callable[[], float]) -> None:
        self.seen: Counter[str] = Counter()
        self._product = product
        self._lead = lead
        self._holds = False

    async def run(self) -> None:
        """For ever, each kind in its turn, then in another order."""
        while True:
            for name in random.sample([*WEATHERS], len(WEATHERS)):
                await self._set(name)
                await self._last(name, random.uniform(*(HARSH_S if name in HARSH else LASTS_S)))

    async def calm(self) -> None:
        """The simulator is asked until it hears."""
        while not await self._turn({"latency_ms": 0}):
            await asyncio.sleep(0.1)

    async def _last(self, name: str, seconds: float) -> None:
        """So long, and held as soon as the messages are far ahead."""
        loop = asyncio.get_running_loop()
        over = loop.time() + seconds
        while loop.time() < over:
            await asyncio.sleep(0.05)
            if self._lead() > FAR_AHEAD and not self._holds:
                await self._set(name)

    async def _set(self, name: str) -> None:
        lead = self._lead()
        self._holds = lead > FAR_AHEAD
        pace = {"latency_ms": SLOW_MS if lead > 0 else QUICK_MS}
        hold = {"http_429_rate": 1.0} if self._holds else {}
        if await self._turn({**pace, **WEATHERS[name], **hold}):
            self.seen[name] += 1

    async def _turn(self, dials: dict[str, Any]) -> bool:
        """False while the simulator is away."""
        try:
            timeout = aiohttp.ClientTimeout(total=2)
            await self._product.simulator("/v1/dials", "PUT", json={**FAIR, **dials}, timeout=timeout)
        except (aiohttp.ClientError, TimeoutError):
            return False
        return True
