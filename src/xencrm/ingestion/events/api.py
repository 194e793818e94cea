"""What became of an accepted event."""

from uuid import UUID

from litestar.params import FromPath
from msgspec import Struct

from xencrm.ingestion.events import store
from xencrm.ingestion.services import Provided
from xencrm.kernel.errors import NotFound


class EventStatus(Struct, omit_defaults=True):
    """`queued`, `applied`, `waiting` (for its customer) or `rejected` (a dead letter), with the reason."""

    event_id: UUID
    status: str
    reason: str = ""


async def get_event(event_id: FromPath[UUID], services: Provided) -> EventStatus:
    """Where an accepted event stands; 404 for an id that was never given out."""
    if not services.ids.is_ours(event_id):
        raise NotFound(f"There is no event {event_id}.")
    async with services.database.transaction() as tx:
        status, reason = await store.find_status(tx, event_id)
    return EventStatus(event_id, status, reason)
