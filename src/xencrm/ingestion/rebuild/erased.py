"""Telling Campaigns again who was erased: a Business DB that was restored from a backup may not know it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from xencrm.contracts.customers import CUSTOMER_ERASED, CustomerErased
from xencrm.contracts.topology import CUSTOMER_MV_QUEUE
from xencrm.ingestion.customers.snapshots import SOURCE
from xencrm.ingestion.rebuild import store
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Database
from xencrm.kernel.ids import uuid7
from xencrm.kernel.messaging import outbox
from xencrm.kernel.messaging.envelope import Event, encode_data

AT_ONCE = 500


async def tell_erased(database: Database, wait: Callable[[], Awaitable[None]]) -> None:
    """Whoever is erased meanwhile is told of anyway. `wait` says when more can be taken."""
    after: UUID | None = None
    while True:
        await wait()
        async with database.transaction() as tx:
            rows = await store.list_erased(tx, after, AT_ONCE)
            events = [_event(row.customer_id, row.erased_at) for row in rows]
            await outbox.add(tx, CUSTOMER_MV_QUEUE.topic, events)
        if len(rows) < AT_ONCE:
            return
        after = rows[-1].customer_id


def _event(customer_id: UUID, erased_at: datetime) -> Event:
    return Event(
        id=uuid7(),
        type=CUSTOMER_ERASED,
        source=SOURCE,
        subject=str(customer_id),
        time=utc_now(),
        data=encode_data(CustomerErased(customer_id, erased_at)),
    )
