"""Steps that tests of brokers share."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from xencrm.kernel.messaging.broker import Broker, BrokerUnavailable, Frame, Queue, Subscription, Topic

LETTERS = Queue("letter_queue", Topic("contract", "letter"))
PARCELS = Queue("parcel_queue", Topic("contract", "parcel"))
QUEUES = (LETTERS, PARCELS)
PATIENCE_S = 20.0


def numbered(count: int, start: int = 0) -> list[bytes]:
    return [b"frame %d" % number for number in range(start, start + count)]


async def publish_all(broker: Broker, bodies: Sequence[bytes], timeout_s: float = PATIENCE_S) -> None:
    for body in bodies:
        await broker.publish(LETTERS.topic, body, timeout_s=timeout_s)


async def collect(subscription: Subscription, count: int) -> list[Frame]:
    """Receives until there are so many frames."""
    frames: list[Frame] = []
    async with asyncio.timeout(PATIENCE_S):
        while len(frames) < count:
            frames += await subscription.receive(max_frames=count - len(frames), wait_s=1)
    return frames


async def drain(broker: Broker, queue: Queue = LETTERS, quiet_s: float = 1.0) -> list[bytes]:
    """Receives and acknowledges until nothing comes for a while."""
    bodies: list[bytes] = []
    async with broker.subscribe(queue) as subscription:
        while frames := await subscription.receive(max_frames=100, wait_s=quiet_s):
            await subscription.ack(frames)
            bodies += [frame.body for frame in frames]
    return bodies


async def publish_when_back(broker: Broker, body: bytes, within_s: float = 60.0) -> None:
    async with asyncio.timeout(within_s):
        while True:
            try:
                return await broker.publish(LETTERS.topic, body)
            except BrokerUnavailable:
                await asyncio.sleep(0.1)


def bodies_of(frames: Sequence[Frame]) -> list[bytes]:
    return [frame.body for frame in frames]


async def until(look: Callable[[], Awaitable[object]], wanted: object) -> None:
    async with asyncio.timeout(PATIENCE_S):
        seen = await look()
        while seen != wanted:
            await asyncio.sleep(0.05)
            seen = await look()
