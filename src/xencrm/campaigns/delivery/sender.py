"""The sender: claim, compose, confirm the lease, hand over, report. No transaction is open during a call."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from xencrm.campaigns.delivery import store
from xencrm.campaigns.delivery.composing import Composed, Composer
from xencrm.campaigns.delivery.reporting import Reporter
from xencrm.campaigns.delivery.store import RunningCampaign
from xencrm.campaigns.delivery.vendor import Answer, InDoubt, Throttled, Vendor, VendorDown
from xencrm.kernel.database import Database, Listener
from xencrm.kernel.endurance import keep_going
from xencrm.kernel.ids import uuid7
from xencrm.kernel.logging import get_logger
from xencrm.kernel.process import pause, wake_or_stop

IDLE_S = 0.25
DOUBT_PAUSE_S = 1.0
log = get_logger(__name__)


@dataclass(frozen=True)
class Pace:
    """How much a sender takes on: calls at once, messages of a call, seconds of a lease."""

    concurrency: int
    batch: int
    lease_s: float

    @property
    def most_sending(self) -> int:
        """Messages of a campaign that may be on their way or have receipts that are not recorded yet."""
        return self.batch * self.concurrency * 4

    @property
    def call_s(self) -> float:
        """A call ends well before its lease does."""
        return self.lease_s / 3


@dataclass(frozen=True)
class Batch:
    """Messages of one campaign under one lease."""

    campaign: RunningCampaign
    lease: UUID
    messages: Sequence[Composed]


class Sender:
    """Sends for every running campaign, in turn; any number of senders may run."""

    def __init__(
        self,
        database: Database,
        vendors: Mapping[str, Vendor],
        composer: Composer,
        reporter: Reporter,
        pace: Pace,
    ) -> None:
        self._database = database
        self._vendors = vendors
        self._composer = composer
        self._reporter = reporter
        self._pace = pace
        self._turn = 0
        self._maybe_closed = set(vendors)

    async def run(self, stop: asyncio.Event) -> None:
        """Until the stop; what is under way then is finished and reported, and the vendors are closed."""
        wakes = [asyncio.Event() for _ in range(self._pace.concurrency)]
        workers = [
            asyncio.create_task(keep_going(stop, "delivery.send", partial(self._work, wake, stop)))
            for wake in wakes
        ]
        try:
            await keep_going(stop, "delivery.listen", lambda: self._listen(wakes, stop))
            await asyncio.gather(*workers)
        finally:
            for vendor in self._vendors.values():
                await vendor.close()

    async def _listen(self, wakes: Sequence[asyncio.Event], stop: asyncio.Event) -> None:
        """Wakes all workers when a campaign changes."""

        def wake_all() -> None:
            for wake in wakes:
                wake.set()

        async with Listener(self._database, "campaigns").session(wake_all) as session:
            while session.alive and not stop.is_set():
                await pause(stop, IDLE_S)

    async def _work(self, wake: asyncio.Event, stop: asyncio.Event) -> None:
        if not await self.send_next(stop):
            await wake_or_stop(wake, stop, IDLE_S)

    async def send_next(self, stop: asyncio.Event) -> bool:
        """Claims and sends one batch; False when there is nothing to send now."""
        batch = await self._claim()
        if batch is None:
            return False
        await self._send(batch, stop)
        return True

    async def _claim(self) -> Batch | None:
        async with self._database.transaction() as tx:
            running = await store.list_running(tx, list(self._vendors), most_sending=self._pace.most_sending)
        for offset in range(len(running)):
            campaign = running[(self._turn + offset) % len(running)]
            lease = uuid7()
            most = min(self._pace.batch, self._vendors[campaign.vendor].max_batch)
            async with self._database.transaction() as tx:
                claimed = await store.claim_messages(
                    tx, campaign, lease=lease, lease_s=self._pace.lease_s, most=most
                )
            if claimed:
                self._turn += offset + 1
                return Batch(campaign, lease, await self._composer.compose(campaign, claimed))
        return None

    async def _send(self, batch: Batch, stop: asyncio.Event) -> None:
        vendor = self._vendors[batch.campaign.vendor]
        unsendable = [item for item in batch.messages if item.outgoing is None]
        await self._reporter.report_skipped(batch.campaign, unsendable, stop)
        ready = await self._confirmed(batch)
        if not ready:
            return
        answers = await self._call(vendor, batch, ready)
        if answers is not None:
            await self._reporter.report_answers(batch.campaign, ready, answers, stop)

    async def _confirmed(self, batch: Batch) -> list[Composed]:
        """The messages that may be handed over now; the others of this lease go back."""
        sendable = [item for item in batch.messages if item.outgoing is not None]
        async with self._database.transaction() as tx:
            ours = await store.find_confirmed(
                tx,
                batch.campaign,
                [item.message_id for item in sendable],
                lease=batch.lease,
                needed_s=self._pace.call_s,
            )
        lost = [item.message_id for item in sendable if item.message_id not in ours]
        await self._release(batch, lost)
        return [item for item in sendable if item.message_id in ours]

    async def _call(self, vendor: Vendor, batch: Batch, ready: Sequence[Composed]) -> list[Answer] | None:
        """The vendor's answers, or None when the messages went back."""
        outgoing = [item.outgoing for item in ready if item.outgoing is not None]
        ids = [item.message_id for item in ready]
        try:
            async with asyncio.timeout(self._pace.call_s):
                answers = await vendor.send(outgoing, timeout_s=self._pace.call_s)
        except Throttled as throttled:
            await self._release(batch, ids)
            await self._close(vendor, throttled.retry_after_s, failed=False)
        except VendorDown:
            await self._release(batch, ids)
            await self._close(vendor, 0.5, failed=True)
        except (InDoubt, TimeoutError) as doubt:
            log.warning("message.in_doubt", vendor=vendor.name, messages=len(ids), reason=repr(doubt))
            await self._release(batch, ids, pause_s=DOUBT_PAUSE_S, doubt=True)
            await self._close(vendor, DOUBT_PAUSE_S, failed=True)
        else:
            await self._open(vendor)
            return answers
        return None

    async def _close(self, vendor: Vendor, pause_s: float, *, failed: bool) -> None:
        log.warning("vendor.left_alone", vendor=vendor.name, seconds=pause_s, failed=failed)
        self._maybe_closed.add(vendor.name)
        async with self._database.transaction() as tx:
            await store.close_vendor(tx, vendor.name, pause_s=pause_s, failed=failed)

    async def _open(self, vendor: Vendor) -> None:
        if vendor.name in self._maybe_closed:
            self._maybe_closed.discard(vendor.name)
            async with self._database.transaction() as tx:
                await store.open_vendor(tx, vendor.name)

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
