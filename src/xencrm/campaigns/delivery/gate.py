"""The last look at messages before they are handed over."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

from xencrm.campaigns.delivery.clearance import Clearance, find_confirmed, start_messages
from xencrm.campaigns.delivery.store import RunningCampaign
from xencrm.kernel.database import Database

_Passed = Mapping[UUID, Clearance]  # by lease


class _Round:
    """What is asked in one transaction: messages by their lease."""

    def __init__(self) -> None:
        self.campaigns: dict[UUID, RunningCampaign] = {}
        self.asked: dict[UUID, dict[UUID, bytes]] = {}
        self.task: asyncio.Task[_Passed] | None = None

    def add(self, campaign: RunningCampaign, lease: UUID, hashes: Mapping[UUID, bytes]) -> None:
        self.campaigns[lease] = campaign
        self.asked.setdefault(lease, {}).update(hashes)


class Gate:
    """Says who may go into a call; where the vendor is not idempotent, that is marked in a commit.

    What is asked while one transaction is under way goes together into the next, so that many small calls at
    once cost few commits.
    """

    def __init__(self, database: Database, *, idempotent: bool, needed_s: float) -> None:
        """`needed_s`: for how long the lease has to last."""
        self._database = database
        self._choose = find_confirmed if idempotent else start_messages
        self._needed_s = needed_s
        self._turn = asyncio.Lock()
        self._next: _Round | None = None

    async def choose(self, campaign: RunningCampaign, lease: UUID, hashes: Mapping[UUID, bytes]) -> Clearance:
        """Which messages may be handed over now; `hashes`: of the address of each."""
        current = self._next
        if current is None:
            current = self._next = _Round()
            current.task = asyncio.create_task(self._ask(current))
        current.add(campaign, lease, hashes)
        assert current.task is not None
        passed = await asyncio.shield(current.task)  # others wait for it too
        return passed[lease].among(hashes)

    async def _ask(self, asked: _Round) -> _Passed:
        async with self._turn:
            self._next = None
            async with self._database.transaction() as tx:
                return {
                    lease: await self._choose(
                        tx, asked.campaigns[lease], hashes, lease=lease, needed_s=self._needed_s
                    )
                    for lease, hashes in asked.asked.items()
                }
