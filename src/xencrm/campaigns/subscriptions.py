"""Campaigns' table of queues."""

from typing import Final

from xencrm.campaigns.erasure.consumer import project_customers
from xencrm.campaigns.profiles.consumer import project_orders
from xencrm.campaigns.receipts.consumer import recording_receipts
from xencrm.campaigns.receipts.model import RetryPolicy
from xencrm.contracts.customers import (
    CUSTOMER_CHANGED,
    CUSTOMER_ERASED,
    CUSTOMERS_REBUILT,
    CustomerChanged,
    CustomerErased,
    CustomersRebuilt,
)
from xencrm.contracts.orders import ORDER_CHANGED, ORDERS_REBUILT, OrderChanged, OrdersRebuilt
from xencrm.contracts.receipts import RECEIPT_RECEIVED, ReceiptReceived
from xencrm.contracts.topology import CUSTOMER_MV_QUEUE, ORDER_MV_QUEUE, RECEIPT_QUEUE
from xencrm.kernel.messaging.subscription import Binding

QUEUES: Final = (CUSTOMER_MV_QUEUE, ORDER_MV_QUEUE, RECEIPT_QUEUE)
PROJECTION: Final = (
    Binding(
        CUSTOMER_MV_QUEUE,
        {
            CUSTOMER_CHANGED: CustomerChanged,
            CUSTOMER_ERASED: CustomerErased,
            CUSTOMERS_REBUILT: CustomersRebuilt,
        },
        project_customers,
        deduplicate=False,
    ),
    Binding(
        ORDER_MV_QUEUE,
        {ORDER_CHANGED: OrderChanged, ORDERS_REBUILT: OrdersRebuilt},
        project_orders,
        deduplicate=False,
    ),
)


def receipts(policy: RetryPolicy) -> Binding:
    """A receipt that comes twice moves nothing the second time, so there is no need of the inbox.

    Where messages are handed over one by one, so are their receipts; nobody waits for a single one.
    """
    handler = recording_receipts(policy)
    return Binding(
        RECEIPT_QUEUE, {RECEIPT_RECEIVED: ReceiptReceived}, handler, deduplicate=False, stream_from=1
    )
