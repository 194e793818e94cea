"""How fast a rebuild goes: as fast as what it says is taken in.

So outbox and queue stay short, and what customers do meanwhile comes to the profiles soon after.
"""

import asyncio

from xencrm.kernel.database import Database
from xencrm.kernel.logging import get_logger
from xencrm.kernel.messaging import outbox
from xencrm.kernel.messaging.broker import Broker, BrokerUnavailable, Queue

MOST_UNSETTLED = 20
MOST_FRAMES = 20
LOOK_S = 0.05
PATIENCE_S = 10.0
log = get_logger(__name__)


class Pace:
    """Waits for the relay and for the projector; says so when it takes long."""

    def __init__(self, database: Database, broker: Broker) -> None:
        self._database = database
        self._broker = broker
        self._silent_until = 0.0

    async def until_taken(self, queue: Queue) -> None:
        """Until the outbox that there is now is nearly carried, and the queue nearly read."""
        self._silent_until = asyncio.get_running_loop().time() + PATIENCE_S
        async with self._database.transaction() as tx:
            newest = await outbox.find_newest(tx)
        while await self._unsettled(newest) > MOST_UNSETTLED:
            await self._look_again("relay")
        while await self._frames(queue) > MOST_FRAMES:
            await self._look_again("projector")

    async def _unsettled(self, newest: int) -> int:
        async with self._database.transaction() as tx:
            return await outbox.count_unsettled(tx, until=newest, most=MOST_UNSETTLED + 1)

    async def _frames(self, queue: Queue) -> int:
        while True:
            try:
                return await self._broker.depth(queue)
            except BrokerUnavailable:
                await self._look_again("broker")

    async def _look_again(self, whom: str) -> None:
        now = asyncio.get_running_loop().time()
        if now > self._silent_until:
            log.warning("rebuild.waiting", waits_for=whom)
            self._silent_until = now + PATIENCE_S
        await asyncio.sleep(LOOK_S)
