"""What Campaigns is told of a changed customer."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Row

from xencrm.contracts.customers import CUSTOMER_CHANGED, CustomerChanged
from xencrm.contracts.topology import CUSTOMER_MV_QUEUE
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Tx
from xencrm.kernel.ids import uuid7
from xencrm.kernel.messaging import outbox
from xencrm.kernel.messaging.envelope import Event, encode_data

SOURCE = "xencrm/ingestion"


async def announce(tx: Tx, rows: Iterable[Row[Any]], correlation_id: str) -> None:
    now = utc_now()
    events = [
        Event(
            id=uuid7(),
            type=CUSTOMER_CHANGED,
            source=SOURCE,
            subject=str(row.customer_id),
            time=now,
            correlationid=correlation_id,
            data=encode_data(_snapshot(row)),
        )
        for row in rows
    ]
    await outbox.add(tx, CUSTOMER_MV_QUEUE.topic, events)


def _snapshot(row: Row[Any]) -> CustomerChanged:
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
