"""Campaigns' table of queues."""

from typing import Final

from xencrm.campaigns.accounts.audit.consumer import record_deeds
from xencrm.campaigns.consent.model import AddressHashes
from xencrm.campaigns.erasure.consumer import projecting_customers
from xencrm.campaigns.profiles.consumer import project_orders
from xencrm.campaigns.receipts.consumer import recording_receipts
from xencrm.campaigns.receipts.model import RetryPolicy
from xencrm.contracts.access import AUDIT_NOTED, AuditNoted
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
from xencrm.contracts.topology import AUDIT_QUEUE, CUSTOMER_MV_QUEUE, ORDER_MV_QUEUE, RECEIPT_QUEUE
from xencrm.kernel.messaging.subscription import Binding

QUEUES: Final = (CUSTOMER_MV_QUEUE, ORDER_MV_QUEUE, RECEIPT_QUEUE, AUDIT_QUEUE)
# What was noted once is not noted again, so there is no need of the inbox.
AUDIT: Final = Binding(AUDIT_QUEUE, {AUDIT_NOTED: AuditNoted}, record_deeds, deduplicate=False)


def projection(hashes: AddressHashes) -> tuple[Binding, ...]:
    """What keeps the copies of customers and orders: versions say what is newer."""
    return (
        Binding(
            CUSTOMER_MV_QUEUE,
            {
                CUSTOMER_CHANGED: CustomerChanged,
                CUSTOMER_ERASED: CustomerErased,
                CUSTOMERS_REBUILT: CustomersRebuilt,
            },
            projecting_customers(hashes),
            deduplicate=False,
        ),
        Binding(
            ORDER_MV_QUEUE,
            {ORDER_CHANGED: OrderChanged, ORDERS_REBUILT: OrdersRebuilt},
            project_orders,
            deduplicate=False,
        ),
    )


def receipts(policy: RetryPolicy, hashes: AddressHashes) -> Binding:
    """A receipt that comes twice moves nothing the second time, so there is no need of the inbox.

    Where messages are handed over one by one, so are their receipts; nobody waits for a single one.
    """
    handler = recording_receipts(policy, hashes)
    return Binding(
        RECEIPT_QUEUE, {RECEIPT_RECEIVED: ReceiptReceived}, handler, deduplicate=False, stream_from=1
    )
