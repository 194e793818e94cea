"""Asks a product about its campaigns again and again while everything dies; each answer has to hold."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import aiohttp

from tests.support.books import UNREACHABLE
from tests.support.ledger import STATES, Ledger, open_ledger
from tests.support.product import Product
from tests.support.waiting import until

LOOK_S = 0.05
RECOUNT_EVERY = 10
PATIENCE = aiohttp.ClientTimeout(total=5)

_STANDING = """
    SELECT coalesce(sum(audience), 0)::int AS messages,
           coalesce(sum(sending + sent), 0)::int AS moving,
           coalesce(sum(audience - pending - sending - sent), 0)::int AS settled,
           coalesce(bool_or(status = 'PREPARING'), false) AS preparing
    FROM campaign_stats JOIN campaigns USING (campaign_id)
"""


@dataclass(frozen=True)
class Standing:
    """Of all campaigns: messages written down, at or with the vendor (`moving`), and through."""

    messages: int = 0
    moving: int = 0
    settled: int = 0
    preparing: bool = False

    @property
    def open(self) -> int:
        return self.messages - self.settled


class Witness:
    """`answers`: stats that were given and added up (I1); `silences`: no answer; `recounts`: of the whole
    ledger, each equal to the counters (I3)."""

    def __init__(self, product: Product, urls: Sequence[str]) -> None:
        self.standing = Standing()
        self.answers = self.silences = self.recounts = 0
        self._product = product
        self._urls = urls
        self._campaigns: list[str] = []

    def watch(self, campaign_id: str) -> None:
        self._campaigns.append(campaign_id)

    async def run(self) -> None:
        """For ever; fails when an answer does not hold."""
        async with asyncio.TaskGroup() as asking:
            for url in self._urls:
                asking.create_task(self._ask(url))
            asking.create_task(self._read())

    async def until_settled(self, count: int, within_s: float = 180) -> None:
        async def settled() -> int:
            return self.standing.settled

        await until(settled, lambda found: found >= count, within_s=within_s)

    async def until_busy(self, within_s: float = 3) -> None:
        """Messages are at the vendor, or have been given long enough to get there."""

        async def moving() -> int:
            return self.standing.moving

        with suppress(AssertionError):
            await until(moving, lambda found: found > 0, within_s=within_s)

    async def _ask(self, url: str) -> None:
        headers = {"Authorization": f"Bearer {self._product.credentials['api_key']}"}
        async with aiohttp.ClientSession(headers=headers, timeout=PATIENCE) as http:
            while True:
                for campaign_id in [*self._campaigns]:
                    await self._look(http, f"{url}/api/v1/campaigns/{campaign_id}/stats")
                await asyncio.sleep(LOOK_S)

    async def _look(self, http: aiohttp.ClientSession, url: str) -> None:
        try:
            async with http.get(url) as response:
                if response.status >= 500:
                    self.silences += 1
                    return
                assert response.status == 200, await response.text()
                stats = await response.json()
        except (aiohttp.ClientError, TimeoutError):
            self.silences += 1
            return
        assert sum(stats[state] for state in STATES) == stats["audience"], stats
        self.answers += 1

    async def _read(self) -> None:
        while True:
            try:
                async with open_ledger(self._product) as ledger:
                    await self._read_on(ledger)
            except UNREACHABLE:
                await asyncio.sleep(LOOK_S)

    async def _read_on(self, ledger: Ledger) -> None:
        while True:
            await ledger.check_counters()
            self.recounts += 1
            for _ in range(RECOUNT_EVERY):
                [row] = await ledger.rows(_STANDING)
                self.standing = Standing(**row)
                await asyncio.sleep(LOOK_S)
