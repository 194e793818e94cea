"""Rebuilding profiles and orders, range by range.

A list says what was in the Master DB when it was written, and all that was said before it stands before it in
the queue. So what is listed is right, and what is older than the list and not on it does not exist.
"""

from datetime import datetime, timedelta

from xencrm.campaigns.profiles import range_store as store
from xencrm.contracts.customers import CustomersRebuilt
from xencrm.contracts.orders import OrdersRebuilt
from xencrm.kernel.database import Tx
from xencrm.kernel.logging import get_logger

CLOCK_SKEW = timedelta(minutes=1)
log = get_logger(__name__)


async def rebuild_customers(tx: Tx, rebuilt: CustomersRebuilt, listed_at: datetime) -> None:
    """The profiles of the range become what is listed; customers who were erased stay away."""
    customers = sorted(rebuilt.customers, key=lambda item: item.customer_id)
    if customers:
        await store.repair_customers(tx, customers, surely_before=listed_at - CLOCK_SKEW)
    deleted = await store.delete_unlisted_customers(tx, rebuilt, listed_at=listed_at)
    await store.repair_texts(tx, rebuilt)
    _report("customers", rebuilt, deleted)


async def rebuild_orders(tx: Tx, rebuilt: OrdersRebuilt, listed_at: datetime) -> None:
    """The orders of the range become what is listed."""
    orders = sorted(rebuilt.orders, key=lambda item: item.order_id)
    if orders:
        await store.repair_orders(tx, orders, surely_before=listed_at - CLOCK_SKEW)
    deleted = await store.delete_unlisted_orders(tx, rebuilt, listed_at=listed_at)
    _report("orders", rebuilt, deleted)


def _report(what: str, rebuilt: CustomersRebuilt | OrdersRebuilt, deleted: int) -> None:
    if deleted:
        log.warning("profiles.strays_deleted", what=what, after=str(rebuilt.after), deleted=deleted)
