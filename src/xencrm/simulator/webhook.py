"""Sends receipts to the receiver: signed, many in one POST, again and again until it answers 2xx."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from sqlite3 import Connection

import aiohttp
import msgspec

from xencrm.kernel.logging import get_logger
from xencrm.kernel.process import pause, wake_or_stop
from xencrm.simulator import outbox
from xencrm.simulator.answers import vendor_ref
from xencrm.simulator.outbox import Pending
from xencrm.simulator.outcomes import fate
from xencrm.simulator.panel import Panel
from xencrm.simulator.storage import Storage
from xencrm.simulator.wire import Receipt, Receipts

MAX_RECEIPTS = 500
TIMEOUT_S = 5.0
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 10.0
IDLE_S = 1.0
LEAST_REPEAT_S = 0.1

log = get_logger(__name__)


@dataclass(frozen=True)
class Receiver:
    url: str
    secret: str


class Webhook:
    """Brings what is in the outbox, oldest due first, one POST at a time."""

    def __init__(self, receiver: Receiver, storage: Storage, panel: Panel, random: Random) -> None:
        self._receiver = receiver
        self._storage = storage
        self._panel = panel
        self._random = random
        self._failures = 0

    async def run(self, wake: asyncio.Event, stop: asyncio.Event) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as session:
            while not stop.is_set():
                pending = await self._due()
                if not pending:
                    await wake_or_stop(wake, stop, await self._until_next())
                elif await self._post(session, pending):
                    self._failures = 0
                    await self._settle(pending)
                else:
                    await pause(stop, self._backoff())

    async def _due(self) -> list[Pending]:
        now = time.time()
        pending = await self._storage.read(lambda tx: outbox.list_due(tx, now, MAX_RECEIPTS))
        if self._panel.dials.reorder:
            self._random.shuffle(pending)
        return pending

    async def _until_next(self) -> float:
        due = await self._storage.read(outbox.find_next_due)
        return IDLE_S if due is None else min(IDLE_S, max(0.0, due - time.time()))

    async def _post(self, session: aiohttp.ClientSession, pending: Sequence[Pending]) -> bool:
        body = msgspec.json.encode(Receipts([_receipt(one) for one in pending]))
        headers = {"Content-Type": "application/json", **signed(body, self._receiver.secret, time.time())}
        try:
            async with session.post(self._receiver.url, data=body, headers=headers) as response:
                trouble = None if response.ok else f"status {response.status}"
        except (aiohttp.ClientError, TimeoutError) as error:
            trouble = repr(error)
        if trouble:
            log.warning("receipts.not_received", count=len(pending), trouble=trouble)
        return trouble is None

    async def _settle(self, sent: Sequence[Pending]) -> None:
        dials = self._panel.dials
        again = [one.id for one in sent if not one.repeated and self._random.random() < dials.repeat_rate]
        done = list({one.id for one in sent}.difference(again))
        due_at = time.time() + max(dials.late_ms / 1000, LEAST_REPEAT_S)

        def settle(tx: Connection) -> None:
            outbox.delete_receipts(tx, done)
            outbox.repeat_receipts(tx, again, due_at)

        await self._storage.write(settle)

    def _backoff(self) -> float:
        longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(self._failures, 10))
        self._failures += 1
        return longest * self._random.uniform(0.5, 1.0)


def signed(body: bytes, secret: str, now: float) -> dict[str, str]:
    """The headers that prove where the body comes from and when it was sent."""
    timestamp = str(int(now))
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return {"X-XenCRM-Timestamp": timestamp, "X-XenCRM-Signature": digest.hexdigest()}


def _receipt(pending: Pending) -> Receipt:
    status, reason = fate(pending.code)
    occurred_at = datetime.fromtimestamp(pending.taken_at, UTC).isoformat()
    return Receipt("rcpt_" + vendor_ref(pending.key), pending.key, status, reason, occurred_at)
