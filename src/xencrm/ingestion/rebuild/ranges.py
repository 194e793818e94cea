"""A range of customers or orders as events: one for each partition, with what belongs to it."""

from collections.abc import Sequence
from itertools import count
from typing import TypeVar
from uuid import UUID

from msgspec import Struct

from xencrm.contracts.customers import CUSTOMERS_REBUILT, CustomerChanged, CustomersRebuilt
from xencrm.contracts.orders import ORDERS_REBUILT, OrderChanged, OrdersRebuilt
from xencrm.ingestion.customers.snapshots import SOURCE
from xencrm.kernel.clock import utc_now
from xencrm.kernel.ids import uuid7
from xencrm.kernel.messaging.envelope import Event, encode_data
from xencrm.kernel.messaging.partitions import number_of

Owned = TypeVar("Owned", CustomerChanged, OrderChanged)


def customers_rebuilt(
    after: UUID | None, until: UUID | None, customers: Sequence[CustomerChanged], partitions: int
) -> list[Event]:
    """What is in no list does not exist, so there is an event for an empty list too."""
    return [
        _event(
            CUSTOMERS_REBUILT,
            CustomersRebuilt(
                after=after, until=until, customers=listed, partition=partition, partitions=partitions
            ),
            key_of(partition, partitions),
        )
        for partition, listed in enumerate(_divided(customers, partitions))
    ]


def orders_rebuilt(
    after: str | None, until: str | None, orders: Sequence[OrderChanged], partitions: int
) -> list[Event]:
    """As of customers; an order is in the partition of its customer."""
    return [
        _event(
            ORDERS_REBUILT,
            OrdersRebuilt(
                after=after, until=until, orders=listed, partition=partition, partitions=partitions
            ),
            key_of(partition, partitions),
        )
        for partition, listed in enumerate(_divided(orders, partitions))
    ]


def key_of(partition: int, partitions: int) -> str:
    """A partition key that leads to the partition."""
    return next(key for key in map(str, count()) if number_of(key, partitions) == partition)


def _divided(items: Sequence[Owned], partitions: int) -> list[list[Owned]]:
    divided: list[list[Owned]] = [[] for _ in range(partitions)]
    for item in items:
        divided[number_of(str(item.customer_id), partitions)].append(item)
    return divided


def _event(kind: str, body: Struct, partition_key: str) -> Event:
    return Event(
        id=uuid7(),
        type=kind,
        source=SOURCE,
        subject="rebuild",
        partitionkey=partition_key,
        time=utc_now(),
        data=encode_data(body),
    )
