"""What XenCRM needs of a message broker, whichever it is.

A *frame* is one broker message; it carries a batch of events (see `envelope`). Both implementations,
`rabbitmq` and `postgres`, pass one contract suite (`tests/contract`).
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol


class BrokerUnavailable(Exception):
    """The broker could not take or give frames: away, full, too slow, or the connection was lost."""


@dataclass(frozen=True)
class Topic:
    """Where a frame is published to."""

    exchange: str
    key: str


@dataclass(frozen=True)
class Queue:
    """A durable queue bound to one topic. `partition_of`: the one that it is a partition of."""

    name: str
    topic: Topic
    partition_of: "Queue | None" = None

    @property
    def whole(self) -> "Queue":
        """The queue that it is a partition of, or itself."""
        return self.partition_of or self


@dataclass(frozen=True)
class Frame:
    """A delivered frame. `delivery` counts from 1; `tag` belongs to the subscription it came from."""

    body: bytes
    delivery: int
    tag: Any = field(compare=False, default=None)


class Subscription(Protocol):
    """A live consumer of one queue; of several on one queue a single one is active, the others stand by.

    Lost connection: every call raises BrokerUnavailable; unacknowledged frames come again, in order,
    to whoever is active next. The holder leaves the context and subscribes anew.
    """

    async def receive(self, *, max_frames: int, wait_s: float | None) -> list[Frame]:
        """What is there, oldest first, at most `max_frames`; waits up to `wait_s` (None: for ever) for the
        first one only. Empty after a fruitless wait. Frames given and not yet acknowledged are not given
        again. Several `receive` calls before an `ack` are allowed (pipelining)."""
        ...

    async def ack(self, frames: Sequence[Frame]) -> None:
        """Remove the frames from the queue for good."""
        ...


class Broker(Protocol):
    """A connection that heals itself; knows its whole topology from the start."""

    async def publish(self, topic: Topic, body: bytes, *, timeout_s: float = 2.0) -> None:
        """Returns when the frame is durable in the queue. Raises BrokerUnavailable within about
        `timeout_s` otherwise (then the frame may still have been taken: publishing is at least once),
        also for a topic that no queue is bound to and for a full queue."""
        ...

    def subscribe(self, queue: Queue, *, prefetch: int = 32) -> AbstractAsyncContextManager[Subscription]:
        """Raises BrokerUnavailable on entering when the broker is away. At most `prefetch` frames are
        held unacknowledged by the subscription."""
        ...

    async def depth(self, queue: Queue) -> int:
        """Frames ready in the queue, about. Raises BrokerUnavailable."""
        ...

    async def close(self) -> None: ...
