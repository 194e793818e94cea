"""The table of what a service consumes: a queue, the bodies it knows, the handler."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from msgspec import Struct

from xencrm.kernel.database import Tx
from xencrm.kernel.messaging.broker import Queue
from xencrm.kernel.messaging.envelope import Event


class Received(Struct, frozen=True):
    """An event with its decoded body."""

    event: Event
    body: Any


@dataclass(frozen=True, slots=True)
class Rejection:
    """The handler's word that an event was understood and is refused. `code` is for programs."""

    event_id: UUID
    code: str
    reason: str


Handler = Callable[[Tx, Sequence[Received]], Awaitable[Sequence[Rejection]]]


@dataclass(frozen=True)
class Binding:
    """One row of a service's table of queues.

    `bodies` maps an event type to the type of its body. `deduplicate` is for handlers that add; those
    that compare versions or states need no inbox. Where as many events as `stream_from` come at once, more
    are on their way, and the consumer waits a moment for them.
    """

    queue: Queue
    bodies: Mapping[str, type[Any]]
    handler: Handler
    deduplicate: bool = True
    stream_from: int = 32
