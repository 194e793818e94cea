"""The way of accepted records to the queue: ids, idempotency keys, events, publishing."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from xencrm.contracts.customers import CUSTOMER_RECORDED, CustomerRecorded
from xencrm.contracts.orders import ORDER_RECORDED, OrderRecorded
from xencrm.contracts.topology import CUSTOMER_QUEUE, ORDER_QUEUE
from xencrm.kernel.clock import utc_now
from xencrm.kernel.http.principals import Principal
from xencrm.kernel.ids import EventIds
from xencrm.kernel.messaging.broker import Broker
from xencrm.kernel.messaging.envelope import Event, encode_data, encode_event
from xencrm.kernel.messaging.publisher import Publisher

SOURCE = "xencrm/ingestion/api"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for a write, under which key, in which request."""

    principal: Principal
    idempotency_key: str | None
    correlation_id: str


class Intake:
    """Publishes records of one kind as events; a key's second request waits for the first."""

    def __init__(self, ids: EventIds, publisher: Publisher, *, route: str, event_type: str) -> None:
        self._ids = ids
        self._publisher = publisher
        self._route = route
        self._type = event_type
        self._under_way: dict[UUID, asyncio.Task[None]] = {}

    def event_id(self, asked: Asked, index: int = 0, *, route: str = "") -> UUID:
        if asked.idempotency_key is None:
            return self._ids.new()
        key = asked.idempotency_key
        return self._ids.derive(asked.principal.principal_id, self._route + route, key, index)

    async def accept(self, asked: Asked, record: CustomerRecorded | OrderRecorded) -> UUID:
        """Returns when the event is durable in the queue. Raises BrokerUnavailable."""
        event_id = self.event_id(asked)
        if asked.idempotency_key is None:
            await self._publisher.publish(self._encoded(event_id, asked, record))
            return event_id
        task = self._under_way.get(event_id)
        if task is None:
            publishing = self._publisher.publish(self._encoded(event_id, asked, record))
            task = self._under_way[event_id] = asyncio.create_task(publishing)
            task.add_done_callback(lambda _: self._under_way.pop(event_id, None))
        await asyncio.shield(task)
        return event_id

    async def accept_batch(
        self, asked: Asked, records: Sequence[tuple[int, CustomerRecorded | OrderRecorded]]
    ) -> None:
        """All records of a batch with their row numbers. Raises BrokerUnavailable."""
        encoded = [
            self._encoded(self.event_id(asked, index, route="/batch"), asked, record)
            for index, record in records
        ]
        await self._publisher.publish_many(encoded)

    def _encoded(self, event_id: UUID, asked: Asked, record: CustomerRecorded | OrderRecorded) -> bytes:
        return encode_event(
            Event(
                id=event_id,
                type=self._type,
                source=SOURCE,
                subject=_subject(record),
                time=utc_now(),
                correlationid=asked.correlation_id or str(event_id),
                principal=asked.principal.principal_id,
                data=encode_data(record),
            )
        )


def _subject(record: CustomerRecorded | OrderRecorded) -> str:
    if isinstance(record, CustomerRecorded):
        return record.email
    return record.customer_email if isinstance(record.customer_email, str) else str(record.customer_id)


def customer_intake(ids: EventIds, broker: Broker) -> Intake:
    publisher = Publisher(broker, CUSTOMER_QUEUE.topic)
    return Intake(ids, publisher, route="/customers", event_type=CUSTOMER_RECORDED)


def order_intake(ids: EventIds, broker: Broker) -> Intake:
    publisher = Publisher(broker, ORDER_QUEUE.topic)
    return Intake(ids, publisher, route="/orders", event_type=ORDER_RECORDED)


class Queued(msgspec.Struct):
    """The answer to an accepted write."""

    event_id: UUID
    status: str = "queued"
