"""Ingestion's table of queues."""

from typing import Final

from xencrm.contracts.access import PRINCIPAL_CHANGED, PrincipalChanged
from xencrm.contracts.customers import CUSTOMER_RECORDED, CustomerRecorded
from xencrm.contracts.topology import ACCESS_QUEUE, CUSTOMER_QUEUE
from xencrm.ingestion.access.consumer import record_principals
from xencrm.ingestion.customers.consumer import record_customers
from xencrm.ingestion.orders import consumer as orders
from xencrm.kernel.messaging.subscription import Binding

BINDINGS: Final = (
    Binding(CUSTOMER_QUEUE, {CUSTOMER_RECORDED: CustomerRecorded}, record_customers),
    orders.BINDING,
    Binding(ACCESS_QUEUE, {PRINCIPAL_CHANGED: PrincipalChanged}, record_principals, deduplicate=False),
)
