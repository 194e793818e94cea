"""The messages of one vendor: claim, and, a few at a time, compose, mark, hand over, report.

No transaction is open during a call.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from xencrm.campaigns.delivery import limits, store
from xencrm.campaigns.delivery.batch import Batch
from xencrm.campaigns.delivery.calling import Trouble, call
from xencrm.campaigns.delivery.composing import Composed, Composer
from xencrm.campaigns.delivery.gate import Gate
from xencrm.campaigns.delivery.pace import PROBE_MESSAGES, Pace
from xencrm.campaigns.delivery.purse import Purse
from xencrm.campaigns.delivery.reporting import Reporter
from xencrm.campaigns.delivery.room import Room
from xencrm.campaigns.delivery.store import Claimed, RunningCampaign
from xencrm.campaigns.delivery.vendor import Answer, Unanswered, Unsent, Vendor
from xencrm.kernel.database import Database
from xencrm.kernel.ids import uuid7
from xencrm.kernel.logging import get_logger
from xencrm.kernel.process import pause

AGAIN_S = 1.0
log = get_logger(__name__)


class Lane:
    """Sends for the running campaigns of one vendor, in turn; any number of lanes may, here and elsewhere.

    The workers of a lane share its calls: no more than `calls_at_once` are under way.
    """

    def __init__(
        self, database: Database, vendor: Vendor, composer: Composer, reporter: Reporter, pace: Pace
    ) -> None:
        self._database = database
        self._vendor = vendor
        self._composer = composer
        self._reporter = reporter
        self._pace = pace
        self._turn = 0
        self._speed_per_s: float | None = None
        self._calls = vendor.calls_at_once or pace.concurrency
        self._places = asyncio.Semaphore(self._calls)
        self._gate = Gate(database, idempotent=vendor.idempotent, needed_s=pace.call_s)
        rate = pace.rates.get(vendor.name)
        self._room = Room()
        self._purse = None if rate is None else Purse(database, vendor.name, rate)

    @property
    def workers(self) -> int:
        """How many may send at once, so that calls never wait for a claim."""
        return self._pace.workers(self._calls, self._most_of_a_call)

    @property
    def _most_of_a_call(self) -> int:
        return min(self._vendor.max_batch, self._pace.batch)

    async def send_next(self, stop: asyncio.Event) -> bool:
        """Claims and sends one batch; False when there is nothing to send now."""
        batch = await self._claim()
        if batch is None:
            return False
        await self._hand_over(batch, stop)
        if batch.campaign.ailing and not batch.called:
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
            lease, claimed_at = uuid7(), asyncio.get_running_loop().time()
            claimed = await self._claim_from(campaign, lease)
            if claimed:
                self._turn += offset + 1
                return Batch(campaign, lease, claimed, claimed_at)
        return None

    async def _claim_from(self, campaign: RunningCampaign, lease: UUID) -> list[Claimed]:
        """Of a vendor that failed as a whole only one sender claims, and only a few."""
        vendor = self._vendor
        most = self._pace.most_claimed(vendor.name, self._speed_per_s)
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

    async def _hand_over(self, batch: Batch, stop: asyncio.Event) -> None:
        """Call after call, until all are handed over or something speaks against the next; what is left goes
        back."""
        calls = min(self._calls, len(batch.rest))
        ended = await asyncio.gather(
            *(self._call_on(batch, stop) for _ in range(calls)), return_exceptions=True
        )
        for error in ended:
            if error is not None:
                raise error
        handed_over = batch.size - len(batch.rest)
        self._speed_per_s = max(self._calls, handed_over) / (self._now() - batch.claimed_at)
        await self._release(batch, [item.message_id for item in batch.rest])

    async def _call_on(self, batch: Batch, stop: asyncio.Event) -> None:
        try:
            while batch.rest and not batch.halted:
                async with self._places:
                    await self._call_next(batch, stop)
        except BaseException:
            batch.halted = True
            raise

    async def _call_next(self, batch: Batch, stop: asyncio.Event) -> None:
        """The texts are there from here to the end of the call."""
        group = await self._take(batch, stop)
        if not group:
            batch.halted = batch.halted or bool(batch.rest)
            return
        with self._room.share() as share:
            composed = await self._composer.compose(batch.campaign, group, share)
            self._put_back(batch, group[len(composed) :])
            sendable = await self._sendable(batch, composed, stop)
            deadline = self._now() + self._pace.call_s
            ready = await self._ready(batch, group, sendable, stop)
            if ready:
                await self._call(batch, ready, deadline, stop)

    async def _sendable(
        self, batch: Batch, composed: Sequence[Composed], stop: asyncio.Event
    ) -> list[Composed]:
        """Those that have texts; the others are reported."""
        sendable = [item for item in composed if item.outgoing is not None]
        if len(sendable) < len(composed):
            skipped = [item for item in composed if item.outgoing is None]
            self._give_back_tokens(len(skipped))
            await self._reporter.report_skipped(batch.campaign, skipped, stop)
        return sendable

    async def _ready(
        self, batch: Batch, group: Sequence[Claimed], sendable: list[Composed], stop: asyncio.Event
    ) -> list[Composed]:
        """Those of a group that may go into a call; the others go back, or are reported where somebody is
        suppressed. If there are none, there should be no further call."""
        if not sendable:
            return []
        hashes = {item.message_id: item.address_hash for item in sendable}
        found = await self._gate.choose(batch.campaign, batch.lease, hashes)
        if not found.ready and not found.suppressed:
            batch.put_back([item for item in group if item.message_id in hashes])
            batch.halted = True
            return []
        await self._reporter.report_suppressed(batch.campaign, sendable, found, stop)
        looked_at = found.ready | found.suppressed
        await self._release(batch, [each for each in hashes if each not in looked_at])
        return [item for item in sendable if item.message_id in found.ready]

    def _put_back(self, batch: Batch, group: Sequence[Claimed]) -> None:
        """Those for which there was no room: they are the next."""
        batch.put_back(group)
        self._give_back_tokens(len(group))

    def _give_back_tokens(self, tokens: int) -> None:
        if self._purse is not None:
            self._purse.give_back(tokens)

    async def _take(self, batch: Batch, stop: asyncio.Event) -> list[Claimed]:
        """As many as one call takes, once the vendor's rate lets any pass; none if that is not in time."""
        latest = batch.claimed_at + self._pace.lease_s - self._pace.call_s
        while not stop.is_set() and not batch.halted and self._now() < latest:
            wanted = min(len(batch.rest), self._most_of_a_call)
            if self._purse is None or not wanted:
                return batch.take(wanted)
            if granted := await self._purse.take(wanted):
                group = batch.take(granted)
                self._purse.give_back(granted - len(group))
                return group
            await pause(stop, min(self._purse.pause_s(wanted), AGAIN_S))
        return []

    async def _call(
        self, batch: Batch, ready: Sequence[Composed], deadline: float, stop: asyncio.Event
    ) -> None:
        outgoing = [item.outgoing for item in ready if item.outgoing is not None]
        batch.begin_call()
        answers = await call(self._vendor, outgoing, deadline)
        trouble = batch.end_call(answers)
        await self._note(batch, trouble)
        answered = await self._take_back(batch, ready, answers, again_s=0 if trouble else AGAIN_S)
        await self._reporter.report_answers(batch.campaign, answered, stop)

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
        name, probing = self._vendor.name, batch.probing
        if trouble is None and not (probing and batch.answered):
            return
        batch.probing = False
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

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
