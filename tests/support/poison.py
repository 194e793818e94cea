"""Events for each queue, and tables that refuse them for a while."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from tests.support.campaigns import customer, order
from tests.support.service import RunningService
from xencrm.contracts.access import AUDIT_NOTED, PRINCIPAL_CHANGED, AuditNoted, PrincipalChanged
from xencrm.contracts.customers import CUSTOMER_CHANGED, CUSTOMER_RECORDED, CustomerRecorded
from xencrm.contracts.orders import ORDER_CHANGED, ORDER_RECORDED, OrderRecorded
from xencrm.contracts.receipts import RECEIPT_RECEIVED, Outcome, ReceiptReceived
from xencrm.contracts.topology import (
    ACCESS_QUEUE,
    AUDIT_QUEUE,
    CUSTOMER_MV_QUEUE,
    CUSTOMER_QUEUE,
    ORDER_MV_QUEUE,
    ORDER_QUEUE,
    RECEIPT_QUEUE,
)
from xencrm.kernel.clock import utc_now
from xencrm.kernel.ids import uuid7
from xencrm.kernel.messaging.broker import Queue
from xencrm.kernel.messaging.envelope import Event, encode_data

BUYER = "buyer@shop.example"


@dataclass(frozen=True)
class Kind:
    """A queue, a body for it with a mark of ours, and where the mark lies once the event is applied."""

    queue: Queue
    type: str
    body: Callable[[str], Any]
    table: str
    column: str


INGESTION = (
    Kind(
        CUSTOMER_QUEUE,
        CUSTOMER_RECORDED,
        lambda mark: CustomerRecorded(name=mark, email=f"{mark}@shop.example"),
        "customers",
        "name",
    ),
    Kind(
        ORDER_QUEUE,
        ORDER_RECORDED,
        lambda mark: OrderRecorded(order_amount=Decimal("5.00"), customer_email=BUYER, order_id=mark),
        "orders",
        "order_id",
    ),
    Kind(
        ACCESS_QUEUE,
        PRINCIPAL_CHANGED,
        lambda mark: PrincipalChanged(
            principal_id=uuid4(),
            key_id=uuid4().hex[:12],
            name=mark,
            role="viewer",
            secret_hash="00" * 32,
            version=1,
        ),
        "principals",
        "name",
    ),
)
CAMPAIGNS = (
    Kind(CUSTOMER_MV_QUEUE, CUSTOMER_CHANGED, lambda mark: customer(name=mark), "customers_mv", "name"),
    Kind(ORDER_MV_QUEUE, ORDER_CHANGED, lambda mark: order(order_id=mark), "orders_mv", "order_id"),
    Kind(
        RECEIPT_QUEUE,
        RECEIPT_RECEIVED,
        lambda mark: ReceiptReceived(
            message_id=uuid4(),
            attempt=1,
            outcome=Outcome.DELIVERED,
            vendor="simulator",
            occurred_at=utc_now(),
            vendor_ref=mark,
        ),
        "delivery_receipts",
        "vendor_ref",
    ),
    Kind(
        AUDIT_QUEUE,
        AUDIT_NOTED,
        lambda mark: AuditNoted(actor_id="", action="poisoned", subject_kind="test", subject_id=mark),
        "audit",
        "subject_id",
    ),
)
KINDS = {kind.queue.name: kind for kind in (*INGESTION, *CAMPAIGNS)}


def event_of(kind: Kind, mark: str) -> Event:
    return Event(
        id=uuid7(),
        type=kind.type,
        source="tests",
        subject=mark,
        time=utc_now(),
        data=encode_data(kind.body(mark)),
    )


async def forbid(running: RunningService, kind: Kind, mark: str, constraint: str = "no") -> None:
    """From now on the table refuses what has the mark."""
    check = f"CHECK ({kind.column} <> '{mark}') NOT VALID"
    async with running.database.transaction() as tx:
        await tx.execute(text(f"ALTER TABLE {kind.table} ADD CONSTRAINT {constraint}_{mark} {check}"))


async def allow(running: RunningService, kind: Kind, mark: str) -> None:
    async with running.database.transaction() as tx:
        await tx.execute(text(f"ALTER TABLE {kind.table} DROP CONSTRAINT no_{mark}"))


async def applied(running: RunningService, kind: Kind, mark: str) -> None:
    await running.until(f"SELECT count(*) FROM {kind.table} WHERE {kind.column} = :mark", 1, mark=mark)
