"""The sender: workers for each vendor, so that one that is slow holds up no other."""

import asyncio
from collections.abc import Collection, Sequence
from functools import partial

from xencrm.campaigns.delivery.lane import Lane
from xencrm.kernel.database import Database, Listener
from xencrm.kernel.endurance import keep_going
from xencrm.kernel.process import pause, wake_or_stop

IDLE_S = 0.25


class Sender:
    """Any number of senders may run."""

    def __init__(self, database: Database, lanes: Collection[Lane]) -> None:
        self._database = database
        self._lanes = lanes

    async def run(self, stop: asyncio.Event) -> None:
        """Until the stop; what is under way then is finished and reported, and the vendors are closed."""
        places = [(lane, asyncio.Event()) for lane in self._lanes for _ in range(lane.workers)]
        working = [
            asyncio.create_task(keep_going(stop, "delivery.send", partial(_work, lane, wake, stop)))
            for lane, wake in places
        ]
        wakes = [wake for _, wake in places]
        try:
            await keep_going(stop, "delivery.listen", lambda: self._listen(wakes, stop))
            await asyncio.gather(*working)
        finally:
            for lane in self._lanes:
                await lane.close()

    async def _listen(self, wakes: Sequence[asyncio.Event], stop: asyncio.Event) -> None:
        """Wakes all workers when a campaign changes."""

        def wake_all() -> None:
            for wake in wakes:
                wake.set()

        async with Listener(self._database, "campaigns").session(wake_all) as session:
            while session.alive and not stop.is_set():
                await pause(stop, IDLE_S)


async def _work(lane: Lane, wake: asyncio.Event, stop: asyncio.Event) -> None:
    if not await lane.send_next(stop):
        await wake_or_stop(wake, stop, IDLE_S)
