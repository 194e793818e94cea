"""The relay: carries the outbox to the broker. One is active a database, others stand by."""

import asyncio

from xencrm.kernel.database import Database, Listener, Session
from xencrm.kernel.endurance import keep_going
from xencrm.kernel.messaging import outbox
from xencrm.kernel.messaging.broker import Broker
from xencrm.kernel.process import pause, wake_or_stop
from xencrm.kernel.telemetry.metrics import FRAMES_RELAYED

LOCK = 0x78656E01
ROWS = 20
IDLE_S = 1.0


class Relay:
    """Publishes unsettled rows oldest first, then settles them: at least once, whatever dies."""

    def __init__(self, database: Database, broker: Broker) -> None:
        self._database = database
        self._broker = broker

    async def run(self, stop: asyncio.Event) -> None:
        await keep_going(stop, "relay", lambda: self._session(stop))

    async def _session(self, stop: asyncio.Event) -> None:
        wake = asyncio.Event()
        async with Listener(self._database, outbox.CHANNEL).session(wake.set) as session:
            if not await session.try_lock(LOCK):
                return await pause(stop, IDLE_S)
            await self._relay_while(session, wake, stop)

    async def _relay_while(self, session: Session, wake: asyncio.Event, stop: asyncio.Event) -> None:
        while session.alive and not stop.is_set():
            if await self.relay_once() < ROWS:
                await wake_or_stop(wake, stop, IDLE_S)

    async def relay_once(self) -> int:
        """Returns how many rows were carried. Raises BrokerUnavailable, after what went is settled."""
        async with self._database.transaction() as tx:
            rows = await outbox.list_unsettled(tx, ROWS)
        publishing = (self._broker.publish(topic, body) for _, topic, body in rows)
        outcomes = await asyncio.gather(*publishing, return_exceptions=True)
        carried = [row for row, outcome in zip(rows, outcomes, strict=True) if outcome is None]
        if carried:
            async with self._database.transaction() as tx:
                await outbox.settle(tx, [outbox_id for outbox_id, _, _ in carried])
        for _, topic, _ in carried:
            FRAMES_RELAYED.labels(topic.key).inc()
        for failure in outcomes:
            if failure is not None:
                raise failure
        return len(carried)
