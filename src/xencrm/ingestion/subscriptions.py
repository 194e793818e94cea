"""Ingestion's table of queues."""

from typing import Final

from xencrm.contracts.access import (
    PRINCIPAL_CHANGED,
    SESSION_REVOKED,
    SIGNING_KEY_ADDED,
    PrincipalChanged,
    SessionRevoked,
    SigningKeyAdded,
)
from xencrm.contracts.topology import ACCESS_QUEUE, CUSTOMER_QUEUE, ORDER_QUEUE
from xencrm.ingestion.access.consumer import record_access
from xencrm.ingestion.customers.consumer import recording_customers
from xencrm.ingestion.customers.former_store import EmailHash
from xencrm.ingestion.orders.consumer import recording_orders
from xencrm.kernel.messaging.subscription import Binding

QUEUES: Final = (CUSTOMER_QUEUE, ORDER_QUEUE, ACCESS_QUEUE)


def bindings(email_hash: EmailHash) -> tuple[Binding, ...]:
    return (
        recording_customers(email_hash),
        recording_orders(email_hash),
        Binding(
            ACCESS_QUEUE,
            {
                PRINCIPAL_CHANGED: PrincipalChanged,
                SIGNING_KEY_ADDED: SigningKeyAdded,
                SESSION_REVOKED: SessionRevoked,
            },
            record_access,
            deduplicate=False,
        ),
    )
