"""Corrections and erasures by the API: published like every write, and waited for."""

from uuid import UUID

from xencrm.contracts.customers import (
    CUSTOMER_ERASURE_REQUESTED,
    CUSTOMER_REVISED,
    CustomerErasureRequested,
)
from xencrm.ingestion.customers import reads
from xencrm.ingestion.customers.folding import EMAIL_TAKEN, NOT_FOUND
from xencrm.ingestion.customers.schemas import Customer, CustomerPatch
from xencrm.ingestion.intake import Asked, Queued, Word
from xencrm.ingestion.outcomes.service import await_outcome, find_standing
from xencrm.ingestion.outcomes.store import APPLIED, QUEUED, REJECTED, Standing
from xencrm.ingestion.services import Services
from xencrm.kernel.errors import Conflict, NotFound, Unprocessable

WAIT_S = 2.0


async def patch(
    services: Services, asked: Asked, customer_id: UUID, change: CustomerPatch
) -> Customer | Queued:
    """The customer as changed, or Queued when that takes too long. Raises NotFound, Conflict."""
    body = change.as_word(customer_id)
    outcome = await _carry_out(services, asked, customer_id, Word(CUSTOMER_REVISED, str(customer_id), body))
    return outcome or await _find(services, customer_id)


async def erase(services: Services, asked: Asked, customer_id: UUID) -> Queued | None:
    """None when the customer is erased, Queued when that takes too long. Raises NotFound."""
    body = CustomerErasureRequested(customer_id)
    return await _carry_out(
        services, asked, customer_id, Word(CUSTOMER_ERASURE_REQUESTED, str(customer_id), body)
    )


async def _carry_out(services: Services, asked: Asked, customer_id: UUID, word: Word) -> Queued | None:
    route = f"/{customer_id} {word.type}"
    if asked.idempotency_key and await _is_applied(services, services.customers.event_id(asked, route=route)):
        return None
    customer = await _find(services, customer_id)
    by_email = Word(word.type, word.subject, word.body, partitionkey=customer.email)
    event_id = await services.customers.accept(asked, by_email, route=route)
    standing = await await_outcome(services.database, event_id, WAIT_S)
    services.known.forget(customer.email, customer_id)
    if standing.status == REJECTED:
        raise _refused(standing)
    return Queued(event_id) if standing.status == QUEUED else None


async def _is_applied(services: Services, event_id: UUID) -> bool:
    async with services.database.transaction() as tx:
        return (await find_standing(tx, event_id)).status == APPLIED


async def _find(services: Services, customer_id: UUID) -> Customer:
    async with services.database.transaction() as tx:
        return await reads.find_customer(tx, customer_id)


def _refused(standing: Standing) -> Exception:
    if standing.code == EMAIL_TAKEN:
        return Conflict("Another customer has this e-mail address.")
    if standing.code == NOT_FOUND:
        return NotFound("There is no such customer any more.")
    return Unprocessable(standing.reason)
