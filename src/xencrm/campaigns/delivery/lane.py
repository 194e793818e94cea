"""The messages of one vendor: claim, compose, and, a few at a time, mark, hand over, report.

No transaction is open during a call.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from xencrm.campaigns.delivery import limits, store
from xencrm.campaigns.delivery.calling import Trouble, call, find_trouble
from xencrm.campaigns.delivery.clearance import find_confirmed, start_messages
from xencrm.campaigns.delivery.composing import Composed, Composer
from xencrm.campaigns.delivery.pace import PROBE_MESSAGES, Pace
from xencrm.campaigns.delivery.reporting import Reporter
from xencrm.campaigns.delivery.store import Claimed, RunningCampaign
from xencrm.campaigns.delivery.vendor import Answer, Unanswered, Unsent, Vendor
from xencrm.kernel.database import Database
from xencrm.kernel.ids import uuid7
from xencrm.kernel.logging import get_logger
from xencrm.kernel.process import pause

AGAIN_S = 1.0
log = get_logger(__name__)


@dataclass(frozen=True)
class Batch:
    """Messages of one campaign under one lease."""

    campaign: RunningCampaign
    lease: UUID
    messages: Sequence[Composed]
    claimed_at: float


class Lane:
    """Sends for the running campaigns of one vendor, in turn; any number of lanes may, here and elsewhere."""

    def __init__(
        self, database: Database, vendor: Vendor, composer: Composer, reporter: Reporter, pace: Pace
    ) -> None:
        self._database = database
        self._vendor = vendor
        self._composer = composer
        self._reporter = reporter
        self._pace = pace
        self._turn = 0

    async def send_next(self, stop: asyncio.Event) -> bool:
        """Claims and sends one batch; False when there is nothing to send now."""
        batch = await self._claim()
        if batch is None:
            return False
        unsendable = [item for item in batch.messages if item.outgoing is None]
        await self._reporter.report_skipped(batch.campaign, unsendable, stop)
        tried = await self._hand_over(batch, stop)
        if batch.campaign.ailing and not tried:
            async with self._database.transaction() as tx:
                await limits.end_probe(tx, self._vendor.name)
        return True

    async def close(self) -> None:
        await self._vendor.close()

    async def _claim(self) -> Batch | None:
        async with self._database.transaction() as tx:
            running = await store.list_running(tx, self._vendor.name, most_sending=self._pace.most_sending)
        for offset in range(len(running)):
            campaign = running[(self._turn + offset) % len(running)]
            lease = uuid7()
            claimed_at = asyncio.get_running_loop().time()
            claimed = await self._claim_from(campaign, lease)
            if claimed:
                self._turn += offset + 1
                messages = await self._composer.compose(campaign, claimed)
                return Batch(campaign, lease, messages, claimed_at)
        return None

    async def _claim_from(self, campaign: RunningCampaign, lease: UUID) -> list[Claimed]:
        """Of a vendor that failed as a whole only one sender claims, and only a few."""
        vendor = self._vendor
        most = self._pace.most_claimed(vendor.name)
        async with self._database.transaction() as tx:
            if campaign.ailing:
                most = min(most, PROBE_MESSAGES)
                if not await limits.begin_probe(tx, vendor.name, within_s=self._pace.lease_s):
                    return []
            claimed = await store.claim_messages(
                tx,
                campaign,
                lease=lease,
                lease_s=self._pace.lease_s,
                most=most,
                idempotent=vendor.idempotent,
            )
            if campaign.ailing and not claimed:
                await limits.end_probe(tx, vendor.name)
        return claimed

    async def _hand_over(self, batch: Batch, stop: asyncio.Event) -> bool:
        """Call after call, until all are handed over or something speaks against the next; what is left goes
        back. Says whether the vendor was called at all."""
        rest = [item for item in batch.messages if item.outgoing is not None]
        called = False
        while rest:
            passing = await self._passing(batch, len(rest), stop)
            ready, deadline, seen = await self._ready(batch, rest[:passing], stop)
            if not seen:
                break
            rest = rest[passing:]
            called = called or bool(ready)
            if ready and not await self._call(batch, ready, deadline, stop):
                break
        await self._release(batch, [item.message_id for item in rest])
        return called

    async def _passing(self, batch: Batch, left: int, stop: asyncio.Event) -> int:
        """How many may go into the next call, once the vendor's rate lets any pass; 0: not in time."""
        wanted = min(left, self._vendor.max_batch)
        rate = self._pace.rates.get(self._vendor.name)
        latest = batch.claimed_at + self._pace.lease_s - self._pace.call_s
        while not stop.is_set() and asyncio.get_running_loop().time() < latest:
            if rate is None:
                return wanted
            async with self._database.transaction() as tx:
                granted = await limits.take_tokens(tx, self._vendor.name, rate_per_s=rate, wanted=wanted)
            if granted:
                return granted
            await pause(stop, min(limits.sip(rate, wanted) / rate, AGAIN_S))
        return 0

    async def _ready(
        self, batch: Batch, group: Sequence[Composed], stop: asyncio.Event
    ) -> tuple[list[Composed], float, bool]:
        """The messages that may be handed over now, until when, and whether any may or never will be. The
        others of the group go back."""
        deadline = asyncio.get_running_loop().time() + self._pace.call_s
        if not group:
            return [], deadline, False
        choose = find_confirmed if self._vendor.idempotent else start_messages
        hashes = {item.message_id: item.address_hash for item in group}
        async with self._database.transaction() as tx:
            found = await choose(tx, batch.campaign, hashes, lease=batch.lease, needed_s=self._pace.call_s)
        looked_at = found.ready | found.suppressed
        if looked_at:
            await self._reporter.report_suppressed(batch.campaign, group, found, stop)
            await self._release(batch, [each for each in hashes if each not in looked_at])
        return [item for item in group if item.message_id in found.ready], deadline, bool(looked_at)

    async def _call(
        self, batch: Batch, ready: Sequence[Composed], deadline: float, stop: asyncio.Event
    ) -> bool:
        """False when the vendor is to be left alone."""
        outgoing = [item.outgoing for item in ready if item.outgoing is not None]
        answers = await call(self._vendor, outgoing, deadline)
        trouble = find_trouble(answers)
        await self._note(batch, trouble)
        answered = await self._take_back(batch, ready, answers, again_s=0 if trouble else AGAIN_S)
        await self._reporter.report_answers(batch.campaign, answered, stop)
        return trouble is None

    async def _take_back(
        self, batch: Batch, ready: Sequence[Composed], answers: Sequence[Answer], *, again_s: float
    ) -> list[tuple[Composed, Answer]]:
        """What is not answered goes back: to be sent, or, where the same key is safe, to be asked again.

        Returns what is to be reported; a doubt that nobody can ask about is.
        """
        pairs = list(zip(ready, answers, strict=True))
        unsent = [item.message_id for item, answer in pairs if isinstance(answer, Unsent)]
        doubtful = [item.message_id for item, answer in pairs if isinstance(answer, Unanswered)]
        if doubtful:
            log.warning("message.in_doubt", vendor=self._vendor.name, messages=len(doubtful))
        await self._release(batch, unsent, pause_s=again_s)
        if self._vendor.idempotent:
            await self._release(batch, doubtful, pause_s=AGAIN_S, doubt=True)
        given_back = {*unsent, *(doubtful if self._vendor.idempotent else ())}
        return [(item, answer) for item, answer in pairs if item.message_id not in given_back]

    async def _note(self, batch: Batch, trouble: Trouble | None) -> None:
        """What the call says of the vendor, for all senders."""
        name, probing = self._vendor.name, batch.campaign.ailing
        if trouble is None and not probing:
            return
        async with self._database.transaction() as tx:
            if trouble is None:
                await limits.close_breaker(tx, name)
            elif trouble.pause_s is not None:
                await limits.throttle(tx, name, pause_s=trouble.pause_s, probing=probing)
            else:
                await limits.open_breaker(tx, name, probing=probing)
        if trouble is not None:
            log.warning("vendor.left_alone", vendor=name, asked_for_s=trouble.pause_s, reason=trouble.reason)

    async def _release(
        self, batch: Batch, ids: Sequence[UUID], *, pause_s: float = 0, doubt: bool = False
    ) -> None:
        if ids:
            async with self._database.transaction() as tx:
                await store.release_messages(
                    tx,
                    ids,
                    month=batch.campaign.campaign_month,
                    lease=batch.lease,
                    pause_s=pause_s,
                    doubt=doubt,
                )
