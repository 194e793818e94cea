"""Writing down opens and clicks beside the requests that bring them, many in one statement."""

import asyncio
from functools import partial

from xencrm.campaigns.tracking import store
from xencrm.campaigns.tracking.model import Seen, Times
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Database, is_transient
from xencrm.kernel.endurance import keep_going
from xencrm.kernel.logging import get_logger
from xencrm.kernel.process import pause, wake_or_stop

MOST_WAITING = 10_000
EVERY_S = 0.1
IDLE_S = 5.0
log = get_logger(__name__)


class Recorder:
    """While the database is away, `most` messages and links wait; what more is seen then is not counted."""

    def __init__(self, database: Database, *, most: int = MOST_WAITING) -> None:
        self._database = database
        self._most = most
        self._waiting: dict[Seen, Times] = {}
        self._wake = asyncio.Event()
        self._lost = 0

    def note(self, seen: Seen) -> None:
        now = utc_now()
        self._add(seen, Times(1, now, now))
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Until the stop; what waits then is written down, if it can be."""
        await keep_going(stop, "tracking.record", partial(self._next, stop))
        try:
            await self._flush()
        except Exception as error:
            log.warning("tracking.lost", seen=len(self._waiting), reason=repr(error))

    async def _next(self, stop: asyncio.Event) -> None:
        await wake_or_stop(self._wake, stop, IDLE_S)
        await pause(stop, EVERY_S)
        await self._flush()

    async def _flush(self) -> None:
        """What cannot be written now waits on; what never can is given up."""
        taken, self._waiting = self._waiting, {}
        if not taken:
            return
        try:
            async with self._database.transaction() as tx:
                await store.record(tx, taken)
        except Exception as error:
            if is_transient(error):
                for seen, times in taken.items():
                    self._add(seen, times)
            raise
        finally:
            if self._lost:
                log.warning("tracking.lost", seen=self._lost)
                self._lost = 0

    def _add(self, seen: Seen, times: Times) -> None:
        known = self._waiting.get(seen)
        if known is None and len(self._waiting) >= self._most:
            self._lost += 1
        else:
            self._waiting[seen] = known.and_then(times) if known else times
