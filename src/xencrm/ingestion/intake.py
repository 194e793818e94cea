"""The way of accepted records to the queue: ids, idempotency keys, events, publishing."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from xencrm.contracts.batches import BATCH_RECEIVED, BatchReceived
from xencrm.contracts.topology import CUSTOMER_QUEUE, ORDER_QUEUE
from xencrm.kernel.clock import utc_now
from xencrm.kernel.http.principals import Principal
from xencrm.kernel.ids import EventIds
from xencrm.kernel.messaging.broker import Broker
from xencrm.kernel.messaging.envelope import Event, encode_data, encode_event
from xencrm.kernel.messaging.publisher import Publisher
from xencrm.kernel.telemetry import tracing

SOURCE = "xencrm/ingestion/api"
BATCH = "/batch"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for a write, under which key, in which request."""

    principal: Principal
    idempotency_key: str | None
    correlation_id: str


class Word(msgspec.Struct, frozen=True):
    """What is said: the event's type, whom it is about, its body; and the key that decides on the queue where
    that is not the subject."""

    type: str
    subject: str
    body: msgspec.Struct
    partitionkey: str = ""


class Intake:
    """Publishes words to one topic as events; a key's second request waits for the first."""

    def __init__(self, ids: EventIds, publisher: Publisher, *, route: str) -> None:
        self._ids = ids
        self._publisher = publisher
        self._route = route
        self._under_way: dict[UUID, asyncio.Task[None]] = {}

    def event_id(self, asked: Asked, *, route: str = "") -> UUID:
        """The same for the same key by the same principal on the same route."""
        if asked.idempotency_key is None:
            return self._ids.new()
        return self._ids.derive(asked.principal.principal_id, self._route + route, asked.idempotency_key)

    async def accept(self, asked: Asked, word: Word, *, route: str = "") -> UUID:
        """Returns when the event is durable in the queue. Raises BrokerUnavailable."""
        event_id = self.event_id(asked, route=route)
        if asked.idempotency_key is None:
            await self._publisher.publish(self._encoded(event_id, asked, word))
            return event_id
        task = self._under_way.get(event_id)
        if task is None:
            publishing = self._publisher.publish(self._encoded(event_id, asked, word))
            task = self._under_way[event_id] = asyncio.create_task(publishing)
            task.add_done_callback(lambda _: self._under_way.pop(event_id, None))
        await asyncio.shield(task)
        return event_id

    async def accept_batch(
        self,
        asked: Asked,
        words: Sequence[tuple[int, Word]],
        rejected: Sequence[int],
        *,
        batch_id: UUID | None = None,
    ) -> UUID:
        """The accepted rows of a batch with their numbers, and the numbers of the others; returns the batch's
        id, by the idempotency key unless given. Raises BrokerUnavailable."""
        batch_id = batch_id or self.event_id(asked, route=BATCH)
        received = BatchReceived(batch_id, len(words) + len(rejected), list(rejected))
        encoded = [self._encoded(batch_id, asked, Word(BATCH_RECEIVED, str(batch_id), received))]
        row_ids = self._ids.of_rows(batch_id, (row for row, _ in words))
        encoded += [
            self._encoded(row_id, asked, word) for row_id, (_, word) in zip(row_ids, words, strict=True)
        ]
        await self._publisher.publish_many(encoded)
        return batch_id

    def _encoded(self, event_id: UUID, asked: Asked, word: Word) -> bytes:
        return encode_event(
            Event(
                id=event_id,
                type=word.type,
                source=SOURCE,
                subject=word.subject,
                time=utc_now(),
                correlationid=asked.correlation_id or str(event_id),
                principal=asked.principal.principal_id,
                traceparent=tracing.active.traceparent(),
                partitionkey=word.partitionkey,
                data=encode_data(word.body),
            )
        )


def customer_intake(ids: EventIds, broker: Broker) -> Intake:
    return Intake(ids, Publisher(broker, CUSTOMER_QUEUE.topic), route="/customers")


def order_intake(ids: EventIds, broker: Broker) -> Intake:
    return Intake(ids, Publisher(broker, ORDER_QUEUE.topic), route="/orders")


class Queued(msgspec.Struct):
    """The answer to an accepted write."""

    event_id: UUID
    status: str = "queued"
