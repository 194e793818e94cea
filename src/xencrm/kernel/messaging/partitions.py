"""Queues divided into partitions, so that several consumers of one kind of event are active at once.

What has the same key (see `Event.partitionkey`) goes to the same partition and keeps its order there.
"""

import asyncio
import zlib
from collections.abc import Awaitable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

import msgspec

from xencrm.kernel.messaging.broker import Broker, Queue, Subscription, Topic
from xencrm.kernel.messaging.envelope import join_events


class _Keys(msgspec.Struct):
    """What decides on the partition: these attributes of an event."""

    subject: str = ""
    partitionkey: str = ""


_events = msgspec.json.Decoder(list[msgspec.Raw])
_keys = msgspec.json.Decoder(_Keys)


def number_of(key: str, partitions: int) -> int:
    """CRC-32 of the key in UTF-8; PostgreSQL's crc32(bytea) is the same."""
    return zlib.crc32(key.encode()) % partitions


def partition(queue: Queue, number: int) -> Queue:
    topic = Topic(queue.topic.exchange, f"{queue.topic.key}.{number}")
    return Queue(f"{queue.name}.{number}", topic, partition_of=queue)


def undivided(queue: Queue) -> Queue:
    """The queue as it is without partitions: what was published before it had any lies there."""
    return replace(queue, partition_of=queue)


@dataclass(frozen=True)
class Division:
    """Queues with so many partitions each, one meaning that they are not divided; `own`: the numbers of
    those that this process consumes, none meaning all."""

    divided: tuple[Queue, ...]
    partitions: int
    own: tuple[int, ...] = ()

    def queues_of(self, queue: Queue) -> tuple[Queue, ...]:
        """The queues that there are in its place. The undivided one stays beside the partitions."""
        return self._with_partitions(queue, range(self.partitions))

    def queues_of_all(self, queues: Iterable[Queue]) -> tuple[Queue, ...]:
        return tuple(present for queue in queues for present in self.queues_of(queue))

    def own_of(self, queue: Queue) -> tuple[Queue, ...]:
        """Of these, the queues that this process consumes."""
        return self._with_partitions(queue, self.own or range(self.partitions))

    def _with_partitions(self, queue: Queue, numbers: Iterable[int]) -> tuple[Queue, ...]:
        if self.partitions == 1 or queue not in self.divided:
            return (queue,)
        return (*(partition(queue, number) for number in numbers), undivided(queue))


def split_frame(body: bytes, partitions: int) -> dict[int, bytes]:
    """The frame of each partition that gets one; events keep their bytes and, within it, their order.

    What cannot be split goes to partition 0 as it is, where the consumer says what is wrong with it.
    """
    try:
        groups = _events_by_number(body, partitions)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {0: body}
    if len(groups) < 2:
        return {next(iter(groups), 0): body}
    return {number: join_events(events) for number, events in groups.items()}


def _events_by_number(body: bytes, partitions: int) -> dict[int, list[msgspec.Raw]]:
    groups: dict[int, list[msgspec.Raw]] = {}
    for event in _events.decode(body):
        keys = _keys.decode(event)
        groups.setdefault(number_of(keys.partitionkey or keys.subject, partitions), []).append(event)
    return groups


class PartitionedBroker:
    """A broker whose divided queues are published to as if they were whole."""

    def __init__(self, broker: Broker, division: Division) -> None:
        self._broker = broker
        self._partitions = division.partitions
        self._queues = {queue: division.queues_of(queue) for queue in division.divided}
        self._topics = {
            queue.topic: [partition(queue, number).topic for number in range(division.partitions)]
            for queue in division.divided
        }

    async def publish(self, topic: Topic, body: bytes, *, timeout_s: float = 2.0) -> None:
        """Where one partition fails the others may have taken theirs: publishing is at least once."""
        topics = self._topics.get(topic)
        if topics is None:
            return await self._broker.publish(topic, body, timeout_s=timeout_s)
        await _all_ended(
            [
                self._broker.publish(topics[number], frame, timeout_s=timeout_s)
                for number, frame in split_frame(body, self._partitions).items()
            ]
        )

    def subscribe(self, queue: Queue, *, prefetch: int = 32) -> AbstractAsyncContextManager[Subscription]:
        """Of a queue that there is: a partition, an undivided one, or one that is not divided."""
        return self._broker.subscribe(queue, prefetch=prefetch)

    async def depth(self, queue: Queue) -> int:
        """Of a divided queue what waits in its partitions, and of before it was divided."""
        queues = self._queues.get(queue, (queue,))
        return sum(await asyncio.gather(*(self._broker.depth(each) for each in queues)))

    async def close(self) -> None:
        await self._broker.close()


def partitioned(broker: Broker, division: Division) -> Broker:
    """With one partition the broker as it is."""
    return broker if division.partitions == 1 else PartitionedBroker(broker, division)


async def _all_ended(publishes: Sequence[Awaitable[None]]) -> None:
    """Raises what the first failure was, after the last one has ended."""
    for outcome in await asyncio.gather(*publishes, return_exceptions=True):
        if outcome is not None:
            raise outcome
