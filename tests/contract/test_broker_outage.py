"""What every broker does while its server is killed and started again. The servers here are their own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import count

import pytest

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
from tests.support.postgres import PostgresServer
from tests.support.rabbitmq import RabbitServer
from xencrm.kernel.messaging.broker import Broker, BrokerUnavailable
from xencrm.kernel.messaging.open import open_broker

Server = RabbitServer | PostgresServer


@pytest.fixture(scope="module", params=[RabbitServer, PostgresServer], ids=["rabbitmq", "embedded"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    server: Server = request.param()
    try:
        await server.start()
        yield server
    finally:
        await server.stop()


numbers = count()


@pytest.fixture
async def broker(server: Server) -> AsyncIterator[Broker]:
    if isinstance(server, RabbitServer):
        url = await server.fresh_vhost()
    else:
        url = await server.create_database(f"broker_{next(numbers)}")
    broker = await open_broker(url, QUEUES, max_bytes=10**9)
    yield broker
    await broker.close()


async def test_what_was_published_survives_a_kill_right_after(server: Server, broker: Broker) -> None:
    await publish_all(broker, numbered(20))
    await server.kill()
    await server.start()
    await publish_when_back(broker, b"after")
    assert await drain(broker) == [*numbered(20), b"after"]


async def becomes(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.05)


async def test_publishing_fails_in_time_and_heals_and_loses_nothing(server: Server, broker: Broker) -> None:
    """Eight publishers go on through the outage, which ends when each was refused twice; what they were told
    is durable arrives."""
    await broker.publish(LETTERS.topic, b"first")
    taken, refused, stop = [b"first"], [0] * 8, asyncio.Event()

    async def go_on(publisher: int) -> None:
        for number in count():
            if stop.is_set():
                return
            body = b"%d from %d" % (number, publisher)
            try:
                await broker.publish(LETTERS.topic, body, timeout_s=1)
                taken.append(body)
            except BrokerUnavailable:
                refused[publisher] += 1
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.001)

    publishers = [asyncio.create_task(go_on(publisher)) for publisher in range(8)]
    await becomes(lambda: len(taken) > 50)
    await server.kill()
    before = len(taken)
    await becomes(lambda: min(refused) >= 2)
    await server.start()
    await becomes(lambda: len(taken) >= before + 100)
    stop.set()
    await asyncio.gather(*publishers)
    assert set(taken) <= set(await drain(broker))


async def test_a_consumer_is_told_and_subscribes_again(server: Server, broker: Broker) -> None:
    await publish_all(broker, numbered(5))
    async with broker.subscribe(LETTERS) as subscription:
        frames = await collect(subscription, 5)
        receiving = asyncio.create_task(subscription.receive(max_frames=1, wait_s=None))
        await asyncio.sleep(0.1)
        await server.kill()
        with pytest.raises(BrokerUnavailable):
            await asyncio.wait_for(receiving, 30)
        with pytest.raises(BrokerUnavailable):
            await subscription.receive(max_frames=1, wait_s=0)
        with pytest.raises(BrokerUnavailable):
            await subscription.ack(frames)
    with pytest.raises(BrokerUnavailable):
        async with broker.subscribe(LETTERS):
            pass
    with pytest.raises(BrokerUnavailable):
        await broker.depth(LETTERS)
    await server.start()
    await publish_when_back(broker, b"after")
    assert await drain(broker) == [*numbered(5), b"after"]


async def test_a_broker_may_be_opened_before_its_server_is_there(server: Server) -> None:
    await server.kill()
    url = server.url if isinstance(server, RabbitServer) else server.url("postgres")
    broker = await open_broker(url, QUEUES, max_bytes=10**9)
    with pytest.raises(BrokerUnavailable):
        await broker.publish(LETTERS.topic, b"too early")
    await server.start()
    await publish_when_back(broker, b"in time")
    async with broker.subscribe(LETTERS) as subscription:
        assert bodies_of(await collect(subscription, 1)) == [b"in time"]
    await broker.close()
