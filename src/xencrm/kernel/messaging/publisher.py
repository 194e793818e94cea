"""The publisher: concurrent posts join one frame (group commit).

There is no artificial wait: a frame is whatever came while the last one was in flight. A task of the
publisher's own carries it, so a caller that goes away cancels nothing for the others.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

from xencrm.kernel.messaging.broker import Broker, BrokerUnavailable, Topic
from xencrm.kernel.messaging.envelope import MAX_BYTES, MAX_EVENTS, join_events, split_frames
from xencrm.kernel.telemetry import metrics

MOST_WAITING = 20_000  # posts
MOST_WAITING_BYTES = 64_000_000

_Waiting = tuple[bytes, int, asyncio.Future[None]]  # encoded events, how many, who waits


class Publisher:
    """Publishes to one topic, in the order of the calls. What waits is bounded, in number and size."""

    def __init__(
        self,
        broker: Broker,
        topic: Topic,
        *,
        most_waiting: int = MOST_WAITING,
        most_waiting_bytes: int = MOST_WAITING_BYTES,
    ) -> None:
        self._broker = broker
        self._topic = topic
        self._most_waiting = most_waiting
        self._most_waiting_bytes = most_waiting_bytes
        self._waiting: deque[_Waiting] = deque()
        self._waiting_bytes = 0
        self._task: asyncio.Task[None] | None = None
        self._published = metrics.EVENTS_PUBLISHED.labels(topic.key)
        self._frame_events = metrics.FRAME_EVENTS.labels(topic.key)
        self._failures = metrics.PUBLISH_FAILURES.labels(topic.key)
        metrics.PUBLISHER_WAITING.labels(topic.key).set_function(self._waiting.__len__)

    async def publish(self, encoded: bytes) -> None:
        """Returns when the event is durable in the queue. Raises BrokerUnavailable."""
        await self._enqueue(encoded, 1)

    async def publish_many(self, encoded: Sequence[bytes]) -> None:
        """Returns when all are durable. Raises BrokerUnavailable (some may then be in the queue)."""
        frames = [self._enqueue(b",".join(chunk), len(chunk)) for chunk in split_frames(encoded)]
        await asyncio.gather(*frames)

    async def close(self) -> None:
        """Waits for what is under way."""
        if self._task:
            await asyncio.wait([self._task])

    def _enqueue(self, encoded: bytes, events: int) -> asyncio.Future[None]:
        if self._is_full(len(encoded)):
            raise BrokerUnavailable("too many events wait for the broker")
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((encoded, events, future))
        self._waiting_bytes += len(encoded)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain(), name=f"publish {self._topic.key}")
        return future

    def _is_full(self, size: int) -> bool:
        """A frame that comes to nothing is always taken, however large."""
        too_large = self._waiting_bytes + size > self._most_waiting_bytes
        return bool(self._waiting) and (too_large or len(self._waiting) >= self._most_waiting)

    async def _drain(self) -> None:
        while self._waiting:
            batch = self._take()
            error: BaseException | None = None
            try:
                await self._broker.publish(self._topic, join_events(encoded for encoded, _, _ in batch))
                self._count(batch)
            except BrokerUnavailable as unavailable:
                error = unavailable
            except Exception as unexpected:
                error = BrokerUnavailable(repr(unexpected))
            if error is not None:
                self._failures.inc()
                # Nobody behind a failed frame waits for a time-out of their own.
                batch.extend(self._waiting)
                self._waiting.clear()
                self._waiting_bytes = 0
            for _, _, future in batch:
                _settle(future, error)

    def _count(self, batch: Sequence[_Waiting]) -> None:
        events = sum(count for _, count, _ in batch)
        self._published.inc(events)
        self._frame_events.observe(events)

    def _take(self) -> list[_Waiting]:
        batch = [self._waiting.popleft()]
        events, size = batch[0][1], len(batch[0][0])
        while self._waiting:
            encoded, count, _ = self._waiting[0]
            if events + count > MAX_EVENTS or size + len(encoded) > MAX_BYTES:
                break
            events, size = events + count, size + len(encoded)
            batch.append(self._waiting.popleft())
        self._waiting_bytes -= size
        return batch


def _settle(future: asyncio.Future[None], error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
        future.exception()  # whoever waited may be gone: then nobody looks at it
