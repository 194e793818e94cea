"""Orders and what they change in their customers' totals. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct
from msgspec.structs import replace

from xencrm.contracts.orders import OrderRecorded
from xencrm.ingestion.customers.addresses import Nobody, Owners
from xencrm.ingestion.customers.model import TotalsChange
from xencrm.kernel.messaging.cause import Cause, cause_of
from xencrm.kernel.messaging.subscription import Received

COUNTED = "COMPLETED"


class OrderValues(Struct, frozen=True):
    """One order after all that a batch says of it. None: not said."""

    order_id: str
    owner: str | UUID
    order_amount: Decimal
    order_status: str
    ordered_at: datetime | None
    items: list[Any] | None
    accepted_at: datetime
    last: Received


class OrderChange(Struct, frozen=True):
    """An order before and after an upsert; `old_*` are None for a new one."""

    order_id: str
    customer_id: UUID
    order_amount: Decimal
    order_status: str
    ordered_at: datetime
    version: int
    old_customer_id: UUID | None
    old_amount: Decimal | None
    old_status: str | None
    old_ordered_at: datetime | None


def values_of(received: Received) -> OrderValues:
    body: OrderRecorded = received.body
    event = received.event
    return OrderValues(
        order_id=str(event.id) if body.order_id is UNSET else body.order_id,
        owner=body.customer_id if body.customer_id is not UNSET else str(body.customer_email),
        order_amount=body.order_amount,
        order_status=body.order_status,
        ordered_at=None if body.ordered_at is UNSET else body.ordered_at,
        items=None if body.items is UNSET else body.items,
        accepted_at=event.time,
        last=received,
    )


def folded(words: Sequence[OrderValues]) -> OrderValues:
    """The order after all words on it: the last one counts, what it leaves out stays as said before."""
    order = words[0]
    for word in words[1:]:
        order = replace(
            word,
            ordered_at=word.ordered_at or order.ordered_at,
            items=word.items if word.items is not None else order.items,
            accepted_at=order.accepted_at,
        )
    return order


class Sorted(Struct, frozen=True):
    """Words on orders: one value an order with its customer's id, sorted by order id; words that wait for
    their customers; words on customers who were erased."""

    owned: list[tuple[OrderValues, UUID]]
    waiting: list[OrderValues]
    erased: list[OrderValues]


def sorted_by_owner(said: Iterable[OrderValues], owners: Owners) -> Sorted:
    """The last word with a known customer takes all before it along; those after it wait. So the outcome does
    not depend on how the words came in batches."""
    found = Sorted([], [], [])
    by_order: dict[str, list[tuple[OrderValues, UUID | None]]] = {}
    for word in said:
        owner = owners.of(word.owner, word.last.event.time)
        if owner is Nobody.ERASED:
            found.erased.append(word)
        else:
            by_order.setdefault(word.order_id, []).append((word, owner if isinstance(owner, UUID) else None))
    for order_id in sorted(by_order):
        words = by_order[order_id]
        known = max((place for place, (_, owner) in enumerate(words) if owner), default=-1)
        if known >= 0 and (customer_id := words[known][1]):
            found.owned.append((folded([word for word, _ in words[: known + 1]]), customer_id))
        found.waiting.extend(word for word, _ in words[known + 1 :])
    return found


def causes_of(changes: Iterable[OrderChange], said: Mapping[str, OrderValues]) -> dict[UUID, Cause]:
    """What the change of each customer's totals was caused by: the last of the orders that it has or had."""
    causes: dict[UUID, Cause] = {}
    for change in changes:
        for customer_id in (change.customer_id, change.old_customer_id):
            if customer_id is not None:
                causes[customer_id] = cause_of(said[change.order_id].last.event)
    return causes


def totals_changes(changes: Iterable[OrderChange]) -> dict[UUID, TotalsChange]:
    """What the changes of orders do to each customer's totals."""
    totals: dict[UUID, TotalsChange] = {}
    for change in changes:
        _take_back(totals, change)
        _count(totals, change)
    return totals


def _take_back(totals: dict[UUID, TotalsChange], change: OrderChange) -> None:
    if change.old_customer_id is None or change.old_amount is None or change.old_status != COUNTED:
        return
    total = totals.setdefault(change.old_customer_id, TotalsChange())
    total.spend -= change.old_amount
    total.orders -= 1
    stays = change.order_status == COUNTED and change.customer_id == change.old_customer_id
    if not stays or (change.old_ordered_at and change.ordered_at < change.old_ordered_at):
        total.recompute = True


def _count(totals: dict[UUID, TotalsChange], change: OrderChange) -> None:
    if change.order_status != COUNTED:
        return
    total = totals.setdefault(change.customer_id, TotalsChange())
    total.spend += change.order_amount
    total.orders += 1
    if total.last_at is None or change.ordered_at > total.last_at:
        total.last_at = change.ordered_at
