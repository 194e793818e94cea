"""A vendor's rate, as one sender has it: tokens are taken from the bucket that all senders share."""

import asyncio
from math import ceil

from xencrm.campaigns.delivery import limits
from xencrm.kernel.database import Database


class Purse:
    """Takes what passes in a tenth of a second at once, so that many small calls cost few commits."""

    def __init__(self, database: Database, vendor: str, rate_per_s: float) -> None:
        self._database = database
        self._vendor = vendor
        self._rate = rate_per_s
        self._turn = asyncio.Lock()
        self._tokens = 0

    async def take(self, wanted: int) -> int:
        """How many of the wanted messages may be handed over now; 0 until it is worth a call."""
        async with self._turn:
            if not self._tokens:
                self._tokens = await self._fill(max(wanted, ceil(self._rate * limits.SIP_S)))
            granted = min(wanted, self._tokens)
            self._tokens -= granted
            return granted

    def give_back(self, tokens: int) -> None:
        self._tokens += tokens

    def pause_s(self, wanted: int) -> float:
        """After which asking again makes sense."""
        return limits.sip(self._rate, wanted) / self._rate

    async def _fill(self, wanted: int) -> int:
        async with self._database.transaction() as tx:
            return await limits.take_tokens(tx, self._vendor, rate_per_s=self._rate, wanted=wanted)
