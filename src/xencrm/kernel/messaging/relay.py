"""The relay: carries the outbox to the broker. One is active a database, others stand by."""

import asyncio

from xencrm.kernel.database import Database, Listener, Session, is_transient
from xencrm.kernel.logging import get_logger
from xencrm.kernel.messaging import outbox
from xencrm.kernel.messaging.broker import Broker, BrokerUnavailable
from xencrm.kernel.process import pause, wake_or_stop

LOCK = 0x78656E01
ROWS = 20
IDLE_S = 1.0
log = get_logger(__name__)


class Relay:
    """Publishes unsettled rows oldest first, then settles them: at least once, whatever dies."""

    def __init__(self, database: Database, broker: Broker) -> None:
        self._database = database
        self._broker = broker

    async def run(self, stop: asyncio.Event) -> None:
        wait_s = 0.1
        while not stop.is_set():
            try:
                await self._session(stop)
                wait_s = 0.1
            except Exception as error:
                if not (isinstance(error, BrokerUnavailable) or is_transient(error)):
                    log.exception("relay.failed")
                else:
                    log.warning("relay.waiting", reason=repr(error))
                await pause(stop, wait_s)
                wait_s = min(wait_s * 2, 5)

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
        """Returns how many rows were carried. Raises BrokerUnavailable."""
        async with self._database.transaction() as tx:
            rows = await outbox.list_unsettled(tx, ROWS)
        if rows:
            await asyncio.gather(*(self._broker.publish(topic, body) for _, topic, body in rows))
            async with self._database.transaction() as tx:
                await outbox.settle(tx, [outbox_id for outbox_id, _, _ in rows])
        return len(rows)
