"""What every broker does while its server is well."""

import asyncio
import sys
import time
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest

from tests.contract.brokers import (
    LETTERS,
    PARCELS,
    QUEUES,
    bodies_of,
    collect,
    drain,
    numbered,
    publish_all,
    until,
)
from xencrm.kernel.messaging.broker import Broker, BrokerUnavailable, Frame, Topic
from xencrm.kernel.messaging.open import open_broker


async def test_frames_come_in_the_order_of_publishing(broker: Broker) -> None:
    await publish_all(broker, numbered(100))
    async with broker.subscribe(LETTERS) as subscription:
        frames: list[Frame] = []
        while len(frames) < 100:
            batch = await subscription.receive(max_frames=7, wait_s=5)
            await subscription.ack(batch)
            frames += batch
    assert bodies_of(frames) == numbered(100)
    assert {frame.delivery for frame in frames} == {1}


async def test_waiting_frames_come_in_batches_no_larger_than_asked_for(broker: Broker) -> None:
    await publish_all(broker, numbered(120))
    sizes: list[int] = []
    async with broker.subscribe(LETTERS, prefetch=120) as subscription:
        while sum(sizes) < 120:
            sizes.append(len(await subscription.receive(max_frames=50, wait_s=5)))
    assert max(sizes) <= 50
    assert len(sizes) < 60


async def test_a_fruitless_wait_ends_in_time_with_nothing(broker: Broker) -> None:
    async with broker.subscribe(LETTERS) as subscription:
        started = time.monotonic()
        assert await subscription.receive(max_frames=10, wait_s=0.3) == []
        assert time.monotonic() - started > 0.25
        assert await subscription.receive(max_frames=10, wait_s=0) == []


async def test_a_waiting_consumer_is_woken_by_a_publish(broker: Broker) -> None:
    lags = []
    async with broker.subscribe(LETTERS) as subscription:
        for body in numbered(10):
            receiving = asyncio.create_task(subscription.receive(max_frames=1, wait_s=None))
            await asyncio.sleep(0.05)
            await broker.publish(LETTERS.topic, body, timeout_s=20)
            published = time.monotonic()
            assert bodies_of(await receiving) == [body]
            lags.append(time.monotonic() - published)
    assert min(lags) < 0.1


async def test_a_frame_goes_to_the_queue_of_its_topic_only(broker: Broker) -> None:
    await broker.publish(PARCELS.topic, b"parcel")
    await broker.publish(LETTERS.topic, b"letter")
    assert await drain(broker, LETTERS) == [b"letter"]
    assert await drain(broker, PARCELS) == [b"parcel"]


async def test_an_acknowledged_frame_never_comes_again(broker: Broker) -> None:
    await publish_all(broker, numbered(10))
    assert await drain(broker) == numbered(10)
    assert await drain(broker) == []


async def test_a_frame_may_be_a_megabyte(broker: Broker) -> None:
    body = bytes(range(256)) * 4096
    await broker.publish(LETTERS.topic, body, timeout_s=20)
    assert await drain(broker) == [body]


async def test_unacknowledged_frames_come_again_in_order_with_a_risen_count(broker: Broker) -> None:
    await publish_all(broker, numbered(6))
    async with broker.subscribe(LETTERS) as subscription:
        frames = await collect(subscription, 4)
        await subscription.ack(frames[:1])
    async with broker.subscribe(LETTERS) as subscription:
        frames = await collect(subscription, 5)
    assert bodies_of(frames) == numbered(5, start=1)
    assert [frame.delivery for frame in frames[:3]] == [2, 2, 2]


async def test_frames_of_a_consumer_that_was_killed_come_again_in_order(
    broker: Broker, broker_url: str
) -> None:
    await publish_all(broker, numbered(8))
    arguments = (broker_url, LETTERS.name, LETTERS.topic.exchange, LETTERS.topic.key, "8")
    hoarder = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.hoarder", *arguments),
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
    )
    assert hoarder.stdout is not None
    try:
        assert (await hoarder.stdout.readline()).strip() == b"8"
        async with broker.subscribe(LETTERS) as subscription:
            assert await subscription.receive(max_frames=8, wait_s=0.2) == []
            hoarder.kill()
            frames = await collect(subscription, 8)
    finally:
        with suppress(ProcessLookupError):
            hoarder.kill()
        await hoarder.wait()
    assert bodies_of(frames) == numbered(8)
    assert {frame.delivery for frame in frames} == {2}


async def test_one_consumer_is_active_and_the_next_goes_on_where_it_left(broker: Broker) -> None:
    await publish_all(broker, numbered(10))
    async with AsyncExitStack() as standing_by:
        async with broker.subscribe(LETTERS) as active:
            frames = await collect(active, 10)
            standby = await standing_by.enter_async_context(broker.subscribe(LETTERS))
            await active.ack(frames[:4])
            assert await standby.receive(max_frames=10, wait_s=0.3) == []
        assert bodies_of(await collect(standby, 6)) == numbered(6, start=4)


async def test_an_unroutable_frame_is_refused_and_the_next_one_is_taken(broker: Broker) -> None:
    for topic in (Topic(LETTERS.topic.exchange, "nobody"), Topic("nowhere", LETTERS.topic.key)):
        with pytest.raises(BrokerUnavailable):
            await broker.publish(topic, b"lost")
        await broker.publish(LETTERS.topic, b"found")
    assert await drain(broker) == [b"found", b"found"]


async def test_frames_of_several_receives_are_acknowledged_in_any_order(broker: Broker) -> None:
    await publish_all(broker, numbered(9))
    async with broker.subscribe(LETTERS) as subscription:
        first, second, third = [await collect(subscription, 3) for _ in range(3)]
        assert bodies_of(first + second + third) == numbered(9)
        await subscription.ack(second)
        await subscription.ack(first[:2])
        await subscription.ack([third[2], third[0]])
    assert await drain(broker) == [b"frame 2", b"frame 7"]


async def test_no_more_frames_than_prefetch_are_held(broker: Broker) -> None:
    await publish_all(broker, numbered(12))
    async with broker.subscribe(LETTERS, prefetch=5) as subscription:
        frames = await collect(subscription, 5)
        assert await subscription.receive(max_frames=10, wait_s=0.3) == []
        receiving = asyncio.create_task(collect(subscription, 2))
        await subscription.ack(frames[:2])
        assert bodies_of(await receiving) == numbered(2, start=5)


async def test_a_receive_that_is_cancelled_loses_nothing(broker: Broker) -> None:
    async with broker.subscribe(LETTERS) as subscription:
        frames: list[Frame] = []
        for round_ in range(20):
            receiving = asyncio.create_task(subscription.receive(max_frames=10, wait_s=None))
            publishing = asyncio.create_task(publish_all(broker, numbered(1, start=round_)))
            await asyncio.sleep(round_ / 1000)
            if not receiving.cancel():
                frames += receiving.result()
            await publishing
            await asyncio.wait([receiving])
        frames += await collect(subscription, 20 - len(frames))
        await subscription.ack(frames)
    assert bodies_of(frames) == numbered(20)
    assert {frame.delivery for frame in frames} == {1}
    assert await drain(broker) == []


async def test_frames_of_another_subscription_cannot_be_acknowledged(broker: Broker) -> None:
    await publish_all(broker, numbered(2))
    async with broker.subscribe(LETTERS) as subscription:
        stale = await collect(subscription, 2)
    with pytest.raises(BrokerUnavailable):
        await subscription.ack(stale)
    with pytest.raises(BrokerUnavailable):
        await subscription.receive(max_frames=1, wait_s=0)
    async with broker.subscribe(LETTERS) as subscription:
        await collect(subscription, 2)
        with pytest.raises(BrokerUnavailable):
            await subscription.ack(stale)
    assert await drain(broker) == numbered(2)


async def test_two_thousand_concurrent_publishes_all_arrive_once(broker: Broker, broker_url: str) -> None:
    other = await open_broker(broker_url, QUEUES, max_bytes=10**9)
    bodies = numbered(2000)
    draining = asyncio.create_task(drain(broker, quiet_s=5))
    await asyncio.gather(
        *(
            (broker, other)[number % 2].publish(LETTERS.topic, body, timeout_s=30)
            for number, body in enumerate(bodies)
        )
    )
    await other.close()
    assert sorted(await draining) == sorted(bodies)


async def test_depth_is_what_waits(broker: Broker) -> None:
    assert await broker.depth(LETTERS) == 0
    await publish_all(broker, numbered(5))
    await until(lambda: broker.depth(LETTERS), 5)
    assert await broker.depth(PARCELS) == 0


async def test_a_closed_broker_is_unavailable(broker_url: str) -> None:
    broker = await open_broker(broker_url, QUEUES, max_bytes=10**9)
    await broker.publish(LETTERS.topic, b"last", timeout_s=20)
    await broker.close()
    with pytest.raises(BrokerUnavailable):
        await broker.publish(LETTERS.topic, b"too late")
    with pytest.raises(BrokerUnavailable):
        async with broker.subscribe(LETTERS):
            pass


@pytest.mark.parametrize("url", ["amqp://guest:guest@{}/", "postgresql://x:x@{}/x"])
async def test_a_server_that_never_answers_is_unavailable_in_time(url: str) -> None:
    silent = await asyncio.start_server(lambda _reader, _writer: asyncio.sleep(60), "127.0.0.1", 0)
    host, port = silent.sockets[0].getsockname()
    broker = await open_broker(url.format(f"{host}:{port}"), QUEUES, max_bytes=10**9)
    async with asyncio.timeout(30):
        with pytest.raises(BrokerUnavailable):
            await broker.publish(LETTERS.topic, b"hello?", timeout_s=0.5)
    await broker.close()
    silent.close()


async def test_another_kind_of_url_is_refused() -> None:
    with pytest.raises(ValueError, match="amqp"):
        await open_broker("redis://127.0.0.1/", QUEUES, max_bytes=1)
