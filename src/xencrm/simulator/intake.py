"""Group commit: hand-overs that arrive while one transaction is written share the next one."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from random import Random
from sqlite3 import Connection

from xencrm.simulator import ledger, outbox
from xencrm.simulator.dials import Dials
from xencrm.simulator.ledger import HandOver
from xencrm.simulator.outcomes import draw, is_told_later
from xencrm.simulator.panel import Panel
from xencrm.simulator.storage import Storage

MAX_TRANSACTION = 5000
LEAST_SPREAD_S = 0.2


@dataclass(frozen=True, slots=True)
class _Call:
    hand_overs: Sequence[HandOver]
    codes: asyncio.Future[list[int]]


class Intake:
    """Takes hand-overs. `receipts_waiting` is set whenever receipts for the webhook were written."""

    def __init__(self, storage: Storage, panel: Panel, random: Random) -> None:
        self.receipts_waiting = asyncio.Event()
        self._storage = storage
        self._panel = panel
        self._random = random
        self._waiting: list[_Call] = []
        self._writing: asyncio.Task[None] | None = None

    async def take(self, keys: Sequence[str]) -> list[int]:
        """The code of each key, in order; on disk when this returns. Raises sqlite3.Error."""
        codes: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Call([ledger.split_key(key) for key in keys], codes))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        return await codes

    async def _write_all(self) -> None:
        while self._waiting:
            await self._write(self._next_calls())
        self._writing = None

    def _next_calls(self) -> list[_Call]:
        count = size = 0
        for call in self._waiting:
            size += len(call.hand_overs)
            if count and size > MAX_TRANSACTION:
                break
            count += 1
        calls, self._waiting = self._waiting[:count], self._waiting[count:]
        return calls

    async def _write(self, calls: list[_Call]) -> None:
        dials = self._panel.dials
        try:
            codes = await self._storage.write(lambda tx: self._record(tx, calls, dials))
        except Exception as error:
            _fail(calls, error)
            return
        _answer(calls, codes)
        if dials.receipts == "webhook":
            self.receipts_waiting.set()

    def _record(self, tx: Connection, calls: list[_Call], dials: Dials) -> list[int]:
        asked = list(chain.from_iterable(call.hand_overs for call in calls))
        codes, fresh = ledger.record(tx, asked, lambda: self._draw(dials))
        if dials.receipts == "webhook":
            outbox.insert_receipts(tx, self._receipts(fresh, dials))
        return codes

    def _draw(self, dials: Dials) -> int:
        return draw(self._random, dials.success_rate, told_later=dials.receipts == "webhook")

    def _receipts(
        self, fresh: dict[HandOver, int], dials: Dials
    ) -> Iterable[tuple[str, str, int, float, float]]:
        now = time.time()
        due = now + dials.late_ms / 1000
        spread = max(dials.late_ms / 1000, LEAST_SPREAD_S) if dials.reorder else 0.0
        for (message_id, attempt), code in fresh.items():
            if is_told_later(code):
                yield message_id, attempt, code, now, due + self._random.random() * spread


def _answer(calls: list[_Call], codes: list[int]) -> None:
    start = 0
    for call in calls:
        end = start + len(call.hand_overs)
        if not call.codes.done():
            call.codes.set_result(codes[start:end])
        start = end


def _fail(calls: list[_Call], error: Exception) -> None:
    for call in calls:
        if not call.codes.done():
            call.codes.set_exception(error)
