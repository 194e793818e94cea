"""The shape of a customer's export."""

from uuid import UUID

from msgspec import Raw, Struct

from xencrm.ingestion.customers.schemas import Customer
from xencrm.ingestion.orders.schemas import Order
from xencrm.kernel.http.shapes import Time


class FormerEmail(Struct):
    """An address that the customer had until a moment."""

    email: str
    until: Time


class UnappliedEvent(Struct):
    """An event about the customer that waits or could not be applied. `event` is as it was accepted."""

    event_id: UUID
    status: str
    reason: str
    event: Raw


class CustomerExport(Struct):
    customer: Customer
    former_emails: list[FormerEmail]
    orders: list[Order]
    unapplied: list[UnappliedEvent]
