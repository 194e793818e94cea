"""What only RabbitMQ can do to us. The server here is its own."""

import asyncio
from collections.abc import AsyncIterator

import aio_pika
import pytest
from pamqp.common import FieldTable

from tests.contract.brokers import (
    LETTERS,
    QUEUES,
    bodies_of,
    collect,
    drain,
    numbered,
    publish_all,
    publish_when_back,
)
from tests.support.rabbitmq import RabbitServer
from xencrm.kernel.messaging.broker import BrokerUnavailable
from xencrm.kernel.messaging.open import open_broker


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[RabbitServer]:
    server = RabbitServer()
    try:
        await server.start()
        yield server
    finally:
        await server.stop()


async def test_consumers_go_on_while_publishers_are_blocked_for_want_of_memory(server: RabbitServer) -> None:
    broker = await open_broker(await server.fresh_vhost(), QUEUES, max_bytes=10**9)
    await publish_all(broker, numbered(20))
    await server.control("set_vm_memory_high_watermark", "0")
    with pytest.raises(BrokerUnavailable):
        await publish_all(broker, [b"too much"] * 50, timeout_s=0.5)
    async with asyncio.timeout(30):
        assert set(numbered(20)) <= set(await drain(broker))
    await server.control("set_vm_memory_high_watermark", "absolute", "1GB")
    await publish_when_back(broker, b"relieved")
    assert b"relieved" in await drain(broker)
    await broker.close()


async def test_a_queue_that_was_deleted_is_made_again_by_its_consumer(server: RabbitServer) -> None:
    url = await server.fresh_vhost()
    broker = await open_broker(url, QUEUES, max_bytes=10**9)
    await publish_all(broker, numbered(1))
    async with broker.subscribe(LETTERS) as subscription:
        await collect(subscription, 1)
        async with await aio_pika.connect(url) as admin, admin.channel() as channel:
            await channel.queue_delete(LETTERS.name)
        with pytest.raises(BrokerUnavailable):
            await subscription.receive(max_frames=1, wait_s=10)
    with pytest.raises(BrokerUnavailable):
        await broker.publish(LETTERS.topic, b"nowhere to go")
    async with broker.subscribe(LETTERS) as subscription:
        await publish_when_back(broker, b"found")
        assert bodies_of(await collect(subscription, 1)) == [b"found"]
    await broker.close()


async def test_queues_are_quorum_queues_with_one_active_consumer_and_no_delivery_limit(
    server: RabbitServer,
) -> None:
    """RabbitMQ refuses to declare a queue again with other arguments than it has."""
    url = await server.fresh_vhost()
    broker = await open_broker(url, QUEUES, max_bytes=10**9)
    await publish_all(broker, numbered(1))
    arguments: FieldTable = {
        "x-queue-type": "quorum",
        "x-single-active-consumer": True,
        "x-delivery-limit": 10**9,
    }
    async with await aio_pika.connect(url) as admin, admin.channel() as channel:
        await channel.declare_queue(LETTERS.name, durable=True, arguments=arguments)
    await broker.close()
