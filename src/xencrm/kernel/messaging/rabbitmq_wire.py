"""An AMQP connection with the whole topology declared on it."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange
from aio_pika.exceptions import CONNECTION_EXCEPTIONS
from pamqp.common import FieldTable
from yarl import URL

from xencrm.kernel.messaging.broker import Queue
from xencrm.kernel.messaging.link import raised_as_unavailable

HEARTBEAT_S = 10
CLOSE_TIMEOUT_S = 2.0
# RabbitMQ 4 drops a message after 20 deliveries unless told otherwise; ours are put aside by the consumer.
QUEUE_ARGUMENTS: FieldTable = {
    "x-queue-type": "quorum",
    "x-single-active-consumer": True,
    "x-delivery-limit": 1_000_000_000,
}


@dataclass(frozen=True)
class Wire:
    """`channel` has publisher confirms and raises on returned messages."""

    connection: AbstractConnection
    channel: AbstractChannel
    exchanges: Mapping[str, AbstractExchange]

    @property
    def is_open(self) -> bool:
        """The connection's own `is_closed` stays False when the server goes; the channel's doesn't."""
        return not self.channel.is_closed

    async def close(self) -> None:
        with lost_is_unavailable():
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self.connection.close()


async def open_wire(url: str, queues: Sequence[Queue]) -> Wire:
    """Raises BrokerUnavailable."""
    with lost_is_unavailable():
        connection = await aio_pika.connect(_with_heartbeat(url))
        try:
            channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
            return Wire(connection, channel, await declare(channel, queues))
        except BaseException:
            await _abandon(connection)
            raise


def lost_is_unavailable() -> AbstractContextManager[None]:
    return raised_as_unavailable(*CONNECTION_EXCEPTIONS)


async def declare(channel: AbstractChannel, queues: Sequence[Queue]) -> Mapping[str, AbstractExchange]:
    """Exchanges, queues and bindings, unless they are there; returns the exchanges by name."""
    exchanges: dict[str, AbstractExchange] = {}
    for name in dict.fromkeys(queue.topic.exchange for queue in queues):
        exchanges[name] = await channel.declare_exchange(name, aio_pika.ExchangeType.DIRECT, durable=True)
    for queue in queues:
        declared = await channel.declare_queue(queue.name, durable=True, arguments=QUEUE_ARGUMENTS)
        await declared.bind(queue.topic.exchange, queue.topic.key)
    return exchanges


async def _abandon(connection: AbstractConnection) -> None:
    """Closes without letting an end that is out of reach hold up the caller."""
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await connection.close()
    except CONNECTION_EXCEPTIONS:
        return


def _with_heartbeat(url: str) -> URL:
    parsed = URL(url)
    return parsed if "heartbeat" in parsed.query else parsed.update_query(heartbeat=HEARTBEAT_S)
