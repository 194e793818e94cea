"""What Campaigns is told of a changed customer."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import Row

from xencrm.contracts.customers import CUSTOMER_CHANGED, CUSTOMER_ERASED, CustomerChanged, CustomerErased
from xencrm.contracts.topology import CUSTOMER_MV_QUEUE
from xencrm.ingestion.customers.folding import Erasure
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Tx
from xencrm.kernel.ids import uuid7
from xencrm.kernel.messaging import outbox
from xencrm.kernel.messaging.cause import Cause
from xencrm.kernel.messaging.envelope import Event, encode_data

SOURCE = "xencrm/ingestion"


async def announce(
    tx: Tx, changed: Iterable[tuple[Row[Any], Cause]], erasures: Sequence[Erasure] = ()
) -> None:
    """Customers as they stand, each with what caused it; and those who are gone."""
    now = utc_now()
    events = [
        _event(CUSTOMER_CHANGED, row.customer_id, now, cause, snapshot_of(row)) for row, cause in changed
    ]
    events += [
        _event(CUSTOMER_ERASED, item.customer_id, now, item.cause, CustomerErased(item.customer_id, item.at))
        for item in erasures
    ]
    await outbox.add(tx, CUSTOMER_MV_QUEUE.topic, events)


def _event(kind: str, customer_id: UUID, now: datetime, cause: Cause, body: Struct) -> Event:
    return Event(
        id=uuid7(),
        type=kind,
        source=SOURCE,
        subject=str(customer_id),
        time=now,
        correlationid=cause.correlationid,
        traceparent=cause.traceparent,
        data=encode_data(body),
    )


def snapshot_of(row: Row[Any]) -> CustomerChanged:
    return CustomerChanged(
        customer_id=row.customer_id,
        name=row.name,
        email=row.email,
        phone=row.phone,
        status=row.status,
        total_spend=row.total_spend,
        total_orders=row.total_orders,
        total_visits=row.total_visits,
        last_order_at=row.last_order_at,
        attributes=msgspec.Raw(row.attributes.encode()),
        created_at=row.created_at,
        version=row.version,
    )
