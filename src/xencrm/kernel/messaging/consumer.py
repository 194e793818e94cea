"""The batch consumer: collect what is there, apply it in one transaction, commit, acknowledge.

Transient trouble is waited out with the batch in hand; trouble with the data splits the batch by
savepoints until the poison event stands alone and goes to the dead letters in the same transaction.
"""

import asyncio
from collections.abc import Iterator, Sequence
from time import perf_counter

import msgspec

from xencrm.kernel.database import Database, Tx, described, is_transient
from xencrm.kernel.ids import day_of
from xencrm.kernel.logging import get_logger
from xencrm.kernel.messaging import dead_letters, inbox, progress
from xencrm.kernel.messaging.broker import Broker, BrokerUnavailable, Frame, Subscription
from xencrm.kernel.messaging.dead_letters import DeadLetter
from xencrm.kernel.messaging.envelope import MAX_EVENTS, Event, FrameError, decode_frame
from xencrm.kernel.messaging.isolation import handle, handle_isolating
from xencrm.kernel.messaging.subscription import Binding, Received
from xencrm.kernel.messaging.tally import Aside, Tally
from xencrm.kernel.messaging.traced import traced
from xencrm.kernel.process import pause

PREFETCH = 16  # frames held at most: what they carry counts neither as waiting nor as applied
RECEIVE_S = 1.0
# What comes a moment later fills a larger batch, which costs little more than a small one.
STREAM_PACE_S = 0.05
MOST_BACKOFF_S = 5.0
log = get_logger(__name__)


class Stopping(Exception):
    """The process was asked to stop while a batch waited; the broker gives its frames out again."""


class Consumer:
    """Applies one queue's events to the database, forever."""

    def __init__(self, database: Database, broker: Broker, binding: Binding, *, max_events: int) -> None:
        self._database = database
        self._broker = broker
        self._binding = binding
        self._max_events = max_events
        self._tally = Tally(binding.queue.name)
        self._decoders = {name: msgspec.json.Decoder(body) for name, body in binding.bodies.items()}

    async def run(self, stop: asyncio.Event) -> None:
        wait_s = 0.1
        while not stop.is_set():
            try:
                async with self._broker.subscribe(self._binding.queue, prefetch=PREFETCH) as subscription:
                    wait_s = 0.1
                    await self._consume(subscription, stop)
            except Stopping:
                return
            except BrokerUnavailable as error:
                log.warning("consumer.waiting", queue=self._binding.queue.name, reason=str(error))
                await pause(stop, wait_s)
                wait_s = min(wait_s * 2, MOST_BACKOFF_S)

    async def _consume(self, subscription: Subscription, stop: asyncio.Event) -> None:
        while not stop.is_set():
            frames = await subscription.receive(max_frames=PREFETCH, wait_s=RECEIVE_S)
            began, events = perf_counter(), 0
            for group, decoded in self._groups(frames):
                events += sum(len(part.received) for part in decoded)
                await self._apply_until_done(decoded, stop)
                await subscription.ack(group)
            if self._binding.stream_from <= events < MAX_EVENTS:
                await asyncio.sleep(max(0.0, began + STREAM_PACE_S - perf_counter()))

    def _groups(self, frames: Sequence[Frame]) -> Iterator[tuple[list[Frame], list["_Decoded"]]]:
        """The frames of one transaction each, decoded when their turn comes.

        A transaction takes frames until it has max_events; the last may bring it over by one frame.
        """
        group: list[Frame] = []
        decoded: list[_Decoded] = []
        events = 0
        for frame in frames:
            group.append(frame)
            decoded.append(self._decode(frame))
            events += len(decoded[-1].received)
            if events >= self._max_events:
                yield group, decoded
                group, decoded, events = [], [], 0
        if group:
            yield group, decoded

    def _decode(self, frame: Frame) -> "_Decoded":
        decoded = _Decoded()
        try:
            events = decode_frame(frame.body)
        except FrameError as error:
            decoded.letters.append(dead_letters.of_frame(self._binding.queue, frame.body, str(error)))
            return decoded
        for event in events:
            try:
                decoded.received.append(self._read(event))
            except (ValueError, OverflowError, RecursionError) as error:
                decoded.letters.append(self._letter(event, f"{type(error).__name__}: {error}"))
        return decoded

    def _read(self, event: Event) -> Received:
        """Raises ValueError (a ValidationError is one) for what no retry can make right."""
        if event.type not in self._decoders:
            raise ValueError(f"unknown event type {event.type}")
        if event.time.tzinfo is None:
            raise ValueError("the event's time has no offset")
        day_of(event.id, event.time)
        return Received(event, self._decoders[event.type].decode(event.data))

    async def _apply_until_done(self, decoded: Sequence["_Decoded"], stop: asyncio.Event) -> None:
        received = [item for part in decoded for item in part.received]
        letters = [letter for part in decoded for letter in part.letters]
        began = perf_counter()
        with traced(self._binding.queue.name, received) as events:
            await self._try_until_done(events, letters, stop)
        self._tally.took(perf_counter() - began)

    async def _try_until_done(
        self, received: list[Received], letters: list[DeadLetter], stop: asyncio.Event
    ) -> None:
        isolate, wait_s = False, 0.05
        while True:
            try:
                return await self._apply(received, letters, isolate=isolate)
            except Exception as error:
                trouble = _trouble(error, isolate=isolate)
                self._tally.tried_again(trouble)
                if trouble == "transient":
                    log.warning("consumer.retrying", queue=self._binding.queue.name, reason=described(error))
                    await pause(stop, wait_s)
                    wait_s = min(wait_s * 2, MOST_BACKOFF_S)
                elif trouble == "data":
                    log.warning("consumer.isolating", queue=self._binding.queue.name, reason=described(error))
                    isolate = True
                else:
                    log.exception("consumer.failed", queue=self._binding.queue.name)
                    await pause(stop, MOST_BACKOFF_S)
            if stop.is_set():
                raise Stopping

    async def _apply(self, received: list[Received], letters: list[DeadLetter], *, isolate: bool) -> None:
        async with self._database.transaction() as tx:
            fresh = await self._new(tx, received)
            aside = Aside(letters=letters) + await self._handle(tx, fresh, isolate=isolate)
            await dead_letters.insert(tx, aside.letters)
            if received:
                await progress.note(tx, self._binding.queue.name, received[-1].event.time)
        self._tally.committed(fresh, aside, repeated=len(received) - len(fresh), unread=len(letters))

    async def _handle(self, tx: Tx, fresh: Sequence[Received], *, isolate: bool) -> Aside:
        apply = handle_isolating if isolate else handle
        return await apply(tx, self._binding, fresh)

    async def _new(self, tx: Tx, received: list[Received]) -> list[Received]:
        if not self._binding.deduplicate or not received:
            return received
        bodies = {item.event.id: item for item in reversed(received)}
        return [bodies[event.id] for event in await inbox.insert_new(tx, [item.event for item in received])]

    def _letter(self, event: Event, reason: str) -> DeadLetter:
        return dead_letters.of_event(self._binding.queue, event, reason)


def _trouble(error: Exception, *, isolate: bool) -> str:
    if is_transient(error):
        return "transient"
    return "unknown" if isolate else "data"


class _Decoded:
    """What a frame holds: events to apply, and what is put aside at once."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.letters: list[DeadLetter] = []
