"""What became of an accepted event or batch."""

from typing import Annotated
from uuid import UUID

from litestar.params import FromPath
from msgspec import Struct

from xencrm.ingestion.outcomes import service
from xencrm.ingestion.outcomes.service import BatchStatus
from xencrm.ingestion.services import Provided
from xencrm.kernel.errors import NotFound
from xencrm.kernel.http.shapes import one_of


class EventStatus(Struct, omit_defaults=True):
    """`queued`, `applied`, `waiting` (for its customer) or `rejected`, with the reason."""

    event_id: UUID
    status: Annotated[str, one_of("queued", "applied", "waiting", "rejected")]
    reason: str = ""


async def get_event(event_id: FromPath[UUID], services: Provided) -> EventStatus:
    """Where an accepted event stands; 404 for an id that was never given out."""
    if not services.ids.is_ours(event_id):
        raise NotFound(f"There is no event {event_id}.")
    async with services.database.transaction() as tx:
        standing = await service.find_standing(tx, event_id)
    return EventStatus(event_id, standing.status, standing.reason)


async def get_batch(batch_id: FromPath[UUID], services: Provided) -> BatchStatus:
    """How far a batch is, for seven days; 404 for an id that was never given out."""
    if not services.ids.is_ours(batch_id):
        raise NotFound(f"There is no batch {batch_id}.")
    async with services.database.transaction() as tx:
        return await service.find_batch(tx, services.ids, batch_id)
