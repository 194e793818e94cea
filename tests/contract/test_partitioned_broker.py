"""A broker with divided queues, over each kind of broker."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import pytest

from tests.contract.brokers import LETTERS, PARCELS, drain, until
from xencrm.kernel.clock import utc_now
from xencrm.kernel.messaging.broker import Broker, BrokerUnavailable, Queue
from xencrm.kernel.messaging.envelope import Event, decode_frame, encode_data, encode_frame
from xencrm.kernel.messaging.open import open_broker
from xencrm.kernel.messaging.partitions import Division, number_of, partitioned, undivided

COUNT = 3
DIVISION = Division((LETTERS,), COUNT)
QUEUES = (*DIVISION.queues_of(LETTERS), PARCELS)
NAMES = [f"{number}@shop.example" for number in range(12)]


@pytest.fixture
async def plain(broker_url: str) -> AsyncIterator[Broker]:
    broker = await open_broker(broker_url, QUEUES, max_bytes=10**9)
    yield broker
    await broker.close()


@pytest.fixture
def broker(plain: Broker) -> Broker:
    return partitioned(plain, DIVISION)


def letter(subject: str, number: int) -> Event:
    event_id = UUID(int=number)
    return Event(
        id=event_id, type="t.v1", source="tests", subject=subject, time=utc_now(), data=encode_data(None)
    )


def letters(count: int) -> list[Event]:
    return [letter(NAMES[number % len(NAMES)], number) for number in range(count)]


async def drained(broker: Broker, queue: Queue) -> list[Event]:
    frames = await drain(broker, queue, quiet_s=0.3)
    return [event for frame in frames for event in decode_frame(frame)]


def of_partition(events: Sequence[Event], number: int) -> list[Event]:
    return [event for event in events if number_of(event.subject, COUNT) == number]


async def test_a_frame_is_split_among_the_partitions_and_keeps_its_order(broker: Broker) -> None:
    events = letters(60)
    for first in range(0, 60, 20):
        await broker.publish(LETTERS.topic, encode_frame(events[first : first + 20]), timeout_s=20)
    for number, partition in enumerate(DIVISION.queues_of(LETTERS)[:COUNT]):
        assert await drained(broker, partition) == of_partition(events, number) != []


async def test_what_is_not_divided_passes_untouched(broker: Broker) -> None:
    await broker.publish(PARCELS.topic, b"no frame at all", timeout_s=20)
    assert await drain(broker, PARCELS) == [b"no frame at all"]


async def test_what_cannot_be_split_is_in_the_first_partition(broker: Broker) -> None:
    await broker.publish(LETTERS.topic, b"no frame at all", timeout_s=20)
    assert await drain(broker, DIVISION.queues_of(LETTERS)[0]) == [b"no frame at all"]


async def test_the_depth_is_that_of_all_partitions_and_of_before_the_division(
    broker: Broker, plain: Broker
) -> None:
    assert await broker.depth(LETTERS) == 0
    await plain.publish(LETTERS.topic, b"from before", timeout_s=20)
    for _ in range(2):
        await broker.publish(LETTERS.topic, encode_frame(letters(12)), timeout_s=20)
    await until(lambda: broker.depth(LETTERS), 1 + 2 * COUNT)
    for queue in DIVISION.queues_of(LETTERS)[:COUNT]:
        assert await broker.depth(queue) == 2
    assert await broker.depth(undivided(LETTERS)) == 1
    assert await drain(broker, undivided(LETTERS)) == [b"from before"]
    assert await broker.depth(PARCELS) == 0


async def test_a_partition_that_cannot_be_had_fails_the_publish_after_the_others_are_taken(
    broker_url: str, broker: Broker
) -> None:
    """The third partition is not there before `broker` connects. Published again, nothing is missing."""
    narrow = await open_broker(broker_url, DIVISION.queues_of(LETTERS)[:2], max_bytes=10**9)
    events = letters(12)
    with pytest.raises(BrokerUnavailable):
        await partitioned(narrow, DIVISION).publish(LETTERS.topic, encode_frame(events), timeout_s=20)
    await broker.publish(LETTERS.topic, encode_frame(events), timeout_s=20)
    first, second, third = [
        await drained(broker, partition) for partition in DIVISION.queues_of(LETTERS)[:COUNT]
    ]
    assert first == of_partition(events, 0) * 2
    assert second == of_partition(events, 1) * 2
    assert third == of_partition(events, 2)
    await narrow.close()


async def test_partitions_are_consumed_side_by_side(broker: Broker) -> None:
    await broker.publish(LETTERS.topic, encode_frame(letters(12)), timeout_s=20)
    held = asyncio.Barrier(COUNT)

    async def hold(partition: Queue) -> list[Event]:
        async with broker.subscribe(partition) as subscription:
            frames = await subscription.receive(max_frames=1, wait_s=20)
            await held.wait()
            await subscription.ack(frames)
            return decode_frame(frames[0].body)

    async with asyncio.timeout(30):
        got = await asyncio.gather(*map(hold, DIVISION.queues_of(LETTERS)[:COUNT]))
    assert sorted(event.id for partition in got for event in partition) == [UUID(int=n) for n in range(12)]


async def test_a_closed_broker_is_unavailable(broker: Broker) -> None:
    await broker.publish(LETTERS.topic, encode_frame(letters(12)), timeout_s=20)
    await broker.close()
    with pytest.raises(BrokerUnavailable):
        await broker.publish(LETTERS.topic, encode_frame(letters(12)))
    with pytest.raises(BrokerUnavailable):
        await broker.depth(LETTERS)
