"""The broker for clusters: RabbitMQ, quorum queues with a single active consumer each."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aio_pika import DeliveryMode, Message

from xencrm.kernel.messaging.broker import BrokerUnavailable, Queue, Topic
from xencrm.kernel.messaging.envelope import CONTENT_TYPE
from xencrm.kernel.messaging.link import Link
from xencrm.kernel.messaging.rabbitmq_subscription import RabbitSubscription
from xencrm.kernel.messaging.rabbitmq_wire import Wire, lost_is_unavailable, open_wire

CALL_TIMEOUT_S = 10.0


class RabbitBroker:
    """Two connections, since RabbitMQ stops reading from one that publishes too much for it,
    and with that from its consumers."""

    def __init__(self, url: str, queues: Sequence[Queue]) -> None:
        async def open_() -> Wire:
            return await open_wire(url, queues)

        self._publishing = Link(open_, Wire.close, lambda wire: wire.is_open)
        self._consuming = Link(open_, Wire.close, lambda wire: wire.is_open)
        # It logs a traceback for every connection that is lost; what is lost is raised here anyway.
        logging.getLogger("aiormq.connection").setLevel(logging.CRITICAL)

    async def publish(self, topic: Topic, body: bytes, *, timeout_s: float = 2.0) -> None:
        message = Message(body, content_type=CONTENT_TYPE, delivery_mode=DeliveryMode.PERSISTENT)
        with lost_is_unavailable():
            async with asyncio.timeout(timeout_s):
                wire = await self._publishing.get()
                if topic.exchange not in wire.exchanges:
                    raise BrokerUnavailable(f"there is no exchange {topic.exchange}")
                await wire.exchanges[topic.exchange].publish(message, topic.key, mandatory=True)

    @asynccontextmanager
    async def subscribe(self, queue: Queue, *, prefetch: int = 32) -> AsyncIterator[RabbitSubscription]:
        with lost_is_unavailable():
            async with asyncio.timeout(CALL_TIMEOUT_S):
                wire = await self._consuming.get()
                subscription = await RabbitSubscription.open(wire.connection, queue, prefetch)
        try:
            yield subscription
        finally:
            await subscription.close()

    async def depth(self, queue: Queue) -> int:
        with lost_is_unavailable():
            async with asyncio.timeout(CALL_TIMEOUT_S):
                wire = await self._consuming.get()
                async with wire.connection.channel(publisher_confirms=False) as channel:
                    declared = await channel.declare_queue(queue.name, passive=True)
                    return declared.declaration_result.message_count or 0

    async def close(self) -> None:
        await self._publishing.close()
        await self._consuming.close()
