"""Orders into the Master DB, a batch at a time."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from xencrm.contracts.orders import ORDER_CHANGED, OrderChanged, OrderRecorded
from xencrm.contracts.topology import ORDER_MV_QUEUE
from xencrm.ingestion.customers import service as customers
from xencrm.ingestion.customers.addresses import Owners
from xencrm.ingestion.customers.folding import ERASED, WAS_ERASED
from xencrm.ingestion.customers.former_store import EmailHash
from xencrm.ingestion.customers.snapshots import SOURCE
from xencrm.ingestion.orders import store
from xencrm.ingestion.orders.model import (
    OrderChange,
    OrderValues,
    causes_of,
    sorted_by_owner,
    totals_changes,
    values_of,
)
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Tx
from xencrm.kernel.ids import uuid7
from xencrm.kernel.messaging import outbox, rejections
from xencrm.kernel.messaging.cause import Cause, cause_of
from xencrm.kernel.messaging.envelope import Event, encode_data
from xencrm.kernel.messaging.subscription import Received, Rejection

_event = msgspec.json.Decoder(Event)
_body = msgspec.json.Decoder(OrderRecorded)


async def record_orders(tx: Tx, received: Sequence[Received], email_hash: EmailHash) -> Sequence[Rejection]:
    """Upserts by order id and moves the customers' totals; orders of unknown customers wait, those of erased
    ones are refused.

    What already waits of the same orders was said before, so it is folded in, or waits on with the rest.
    """
    new = [values_of(item) for item in received]
    order_ids = sorted({order.order_id for order in new})
    waiting = await store.take_of_orders(tx, order_ids)
    said = [values_of(decoded(raw)) for raw in waiting] + new
    owners = await _find_owners(tx, said, order_ids, email_hash)
    found = sorted_by_owner(said, owners)
    if found.waiting:
        await store.park_orders(tx, found.waiting, email_hash)
    if found.owned:
        await _apply(tx, found.owned, owners.ids)
    return [Rejection(word.last.event.id, ERASED, WAS_ERASED) for word in found.erased]


async def mark_ready(tx: Tx, *, within_s: float) -> None:
    """Of the orders parked so many seconds ago at most, those whose customer has come."""
    await store.mark_ready(tx, within_s=within_s)


async def refuse_orphans(tx: Tx, *, waited_s: float) -> None:
    """Orders that name somebody erased are not kept for ever."""
    orphans = await store.take_orphans(tx, waited_s=waited_s)
    await rejections.insert(tx, [Rejection(event_id, ERASED, WAS_ERASED) for event_id in orphans])


async def take_ready(tx: Tx, most: int) -> list[Received]:
    """Removes waiting orders whose customer has come, longest waiting first."""
    return [decoded(raw) for raw in await store.take_ready(tx, most)]


def decoded(raw: bytes) -> Received:
    event = _event.decode(raw)
    return Received(event, _body.decode(event.data))


async def _find_owners(
    tx: Tx, orders: Sequence[OrderValues], order_ids: Sequence[str], email_hash: EmailHash
) -> Owners:
    """Also locks the customers who have the orders now: an order may move away from them."""
    owners = {order.owner for order in orders}
    emails = sorted(owner for owner in owners if isinstance(owner, str))
    ids = {owner for owner in owners if isinstance(owner, UUID)}
    present = await store.find_owners(tx, order_ids)
    return await customers.find_owners(tx, emails, sorted(ids | present), email_hash)


async def _apply(tx: Tx, owned: Sequence[tuple[OrderValues, UUID]], locked: frozenset[UUID]) -> None:
    """Owners by a former address, or whom another partition's consumer gave an order meanwhile, are locked
    too before anything is computed from what they have."""
    changes = await store.upsert_orders(tx, owned)
    totals = totals_changes(changes)
    if unlocked := totals.keys() - locked:
        await customers.lock(tx, sorted(unlocked))
    said = {order.order_id: order for order, _ in owned}
    await customers.change_totals(tx, totals, causes_of(changes, said))
    events = [_changed(change, cause_of(said[change.order_id].last.event)) for change in changes]
    await outbox.add(tx, ORDER_MV_QUEUE.topic, events)


def _changed(change: OrderChange, cause: Cause) -> Event:
    return Event(
        id=uuid7(),
        type=ORDER_CHANGED,
        source=SOURCE,
        subject=str(change.customer_id),
        time=utc_now(),
        correlationid=cause.correlationid,
        traceparent=cause.traceparent,
        data=encode_data(
            OrderChanged(
                order_id=change.order_id,
                customer_id=change.customer_id,
                order_amount=change.order_amount,
                order_status=change.order_status,
                ordered_at=change.ordered_at,
                version=change.version,
            )
        ),
    )
