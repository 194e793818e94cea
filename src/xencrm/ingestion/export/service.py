"""Collecting everything of one customer."""

from uuid import UUID

from msgspec import Raw

from xencrm.ingestion.customers import former_store
from xencrm.ingestion.customers import reads as customers
from xencrm.ingestion.export import store
from xencrm.ingestion.export.schemas import CustomerExport, FormerEmail, UnappliedEvent
from xencrm.ingestion.orders import reads as orders
from xencrm.ingestion.orders.schemas import Order
from xencrm.kernel.database import Tx

PAGE = 1000


async def export_customer(tx: Tx, customer_id: UUID) -> CustomerExport:
    """Raises NotFound."""
    customer = await customers.find_customer(tx, customer_id)
    former = [FormerEmail(*item) for item in await former_store.list_former(tx, customer_id)]
    emails = [customer.email, *(item.email for item in former)]
    rows = await store.list_unapplied(tx, customer_id, emails)
    unapplied = [
        UnappliedEvent(event_id, status, reason, Raw(event)) for event_id, status, reason, event in rows
    ]
    return CustomerExport(customer, former, await _orders(tx, customer_id), unapplied)


async def _orders(tx: Tx, customer_id: UUID) -> list[Order]:
    found = await orders.list_orders(tx, customer_id, after=None, limit=PAGE)
    page = found
    while len(page) == PAGE:
        last = page[-1]
        page = await orders.list_orders(tx, customer_id, after=(last.ordered_at, last.order_id), limit=PAGE)
        found += page
    return found
