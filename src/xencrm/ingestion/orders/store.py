"""Statements on `orders` and `waiting_orders`."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, text

from xencrm.ingestion.customers.former_store import EmailHash
from xencrm.ingestion.orders.model import OrderChange, OrderValues
from xencrm.kernel.database import Tx
from xencrm.kernel.messaging.envelope import encode_event

# An order whose time is not said keeps its own; a new one takes the time at which it was accepted.
_UPSERT = text("""
    INSERT INTO orders AS o (order_id, customer_id, order_amount, order_status, ordered_at, items)
    SELECT said.order_id, said.customer_id, said.order_amount, said.order_status,
           coalesce(said.ordered_at, known.ordered_at, said.accepted_at), said.items
    FROM unnest(CAST(:order_ids AS text[]), CAST(:customer_ids AS uuid[]), CAST(:amounts AS numeric[]),
                CAST(:statuses AS text[]), CAST(:ordered_ats AS timestamptz[]), CAST(:items AS jsonb[]),
                CAST(:accepted_ats AS timestamptz[]))
         AS said (order_id, customer_id, order_amount, order_status, ordered_at, items, accepted_at)
    LEFT JOIN orders AS known ON said.ordered_at IS NULL AND known.order_id = said.order_id COLLATE "C"
    ON CONFLICT (order_id) DO UPDATE
    SET customer_id = excluded.customer_id, order_amount = excluded.order_amount,
        order_status = excluded.order_status, ordered_at = excluded.ordered_at,
        items = coalesce(excluded.items, o.items), version = o.version + 1, updated_at = now()
    WHERE (o.customer_id, o.order_amount, o.order_status, o.ordered_at)
          IS DISTINCT FROM
          (excluded.customer_id, excluded.order_amount, excluded.order_status, excluded.ordered_at)
       OR o.items IS DISTINCT FROM coalesce(excluded.items, o.items)
    RETURNING new.order_id, new.customer_id, new.order_amount, new.order_status, new.ordered_at, new.version,
              old.customer_id AS old_customer_id, old.order_amount AS old_amount,
              old.order_status AS old_status, old.ordered_at AS old_ordered_at
""")
_PARK = text("""
    INSERT INTO waiting_orders
        (event_id, order_id, customer_email, email_hash, customer_id, accepted_at, event)
    SELECT event_id, order_id, email, email_hash, customer_id, accepted_at, event
    FROM unnest(CAST(:event_ids AS uuid[]), CAST(:order_ids AS text[]), CAST(:emails AS text[]),
                CAST(:hashes AS bytea[]), CAST(:customer_ids AS uuid[]), CAST(:accepted_ats AS timestamptz[]),
                CAST(:events AS bytea[]))
         WITH ORDINALITY AS parked
         (event_id, order_id, email, email_hash, customer_id, accepted_at, event, position)
    ORDER BY position
""")
_TAKE_OF_ORDERS = text("""
    DELETE FROM waiting_orders WHERE order_id = ANY(CAST(:order_ids AS text[])) RETURNING place, event
""")
_TAKE_READY = text("""
    DELETE FROM waiting_orders WHERE event_id = ANY(ARRAY(
        SELECT event_id FROM waiting_orders WHERE ready
        ORDER BY place LIMIT :most FOR UPDATE SKIP LOCKED
    )) RETURNING place, event
""")
# Parked while their customer was being inserted, moved or erased, neither saw the other. Each way by index.
_MARK_READY = text("""
    WITH looked_at AS MATERIALIZED (
        SELECT event_id, customer_email, email_hash, customer_id, accepted_at FROM waiting_orders
        WHERE NOT ready AND waiting_since > now() - make_interval(secs => :within_s)
    ), found AS (
        SELECT event_id FROM looked_at JOIN customers ON customers.email = looked_at.customer_email
        UNION
        SELECT event_id FROM looked_at JOIN customers USING (customer_id)
        UNION
        SELECT event_id FROM looked_at JOIN customer_emails AS former
            ON former.email = looked_at.customer_email AND former.until >= looked_at.accepted_at
        UNION
        SELECT event_id FROM looked_at JOIN tombstones
            ON tombstones.email_hash = looked_at.email_hash AND tombstones.until >= looked_at.accepted_at
        UNION
        SELECT event_id FROM looked_at JOIN tombstones USING (customer_id)
    )
    UPDATE waiting_orders SET ready = true WHERE event_id = ANY(ARRAY(SELECT event_id FROM found))
""")
# Of a customer who was erased before, and who has not come back.
_TAKE_ORPHANS = text("""
    DELETE FROM waiting_orders WHERE event_id = ANY(ARRAY(
        SELECT event_id FROM waiting_orders JOIN tombstones USING (email_hash)
        WHERE waiting_since < now() - make_interval(secs => :waited_s)
    )) RETURNING event_id
""")
_FIND_OWNERS = text(
    "SELECT DISTINCT customer_id FROM orders WHERE order_id = ANY(CAST(:order_ids AS text[]))"
)


async def upsert_orders(tx: Tx, orders: Sequence[tuple[OrderValues, UUID]]) -> list[OrderChange]:
    """What changed; an order that is as it was is not in it."""
    rows = await tx.execute(
        _UPSERT,
        {
            "order_ids": [order.order_id for order, _ in orders],
            "customer_ids": [customer_id for _, customer_id in orders],
            "amounts": [order.order_amount for order, _ in orders],
            "statuses": [order.order_status for order, _ in orders],
            "ordered_ats": [order.ordered_at for order, _ in orders],
            "items": [_json(order.items) for order, _ in orders],
            "accepted_ats": [order.accepted_at for order, _ in orders],
        },
    )
    return [OrderChange(*row) for row in rows]


def _json(items: list[object] | None) -> str | None:
    return None if items is None else msgspec.json.encode(items).decode()


async def park_orders(tx: Tx, orders: Sequence[OrderValues], email_hash: EmailHash) -> None:
    emails = [order.owner if isinstance(order.owner, str) else None for order in orders]
    await tx.execute(
        _PARK,
        {
            "event_ids": [order.last.event.id for order in orders],
            "order_ids": [order.order_id for order in orders],
            "emails": emails,
            "hashes": [None if email is None else email_hash(email) for email in emails],
            "customer_ids": [order.owner if isinstance(order.owner, UUID) else None for order in orders],
            "accepted_ats": [order.last.event.time for order in orders],
            "events": [encode_event(order.last.event) for order in orders],
        },
    )


async def take_of_orders(tx: Tx, order_ids: Sequence[str]) -> list[bytes]:
    """Removes what waits of the given orders and returns the events, longest waiting first."""
    return _in_place(await tx.execute(_TAKE_OF_ORDERS, {"order_ids": list(order_ids)}))


async def take_ready(tx: Tx, most: int) -> list[bytes]:
    """Removes waiting orders whose customer exists and returns their events, longest waiting first."""
    return _in_place(await tx.execute(_TAKE_READY, {"most": most}))


async def mark_ready(tx: Tx, *, within_s: float) -> None:
    """Looks at the orders parked so many seconds ago at most."""
    await tx.execute(_MARK_READY, {"within_s": within_s})


async def take_orphans(tx: Tx, *, waited_s: float) -> list[UUID]:
    """Removes orders that name somebody erased and have waited so long; returns the events' ids."""
    return list((await tx.execute(_TAKE_ORPHANS, {"waited_s": waited_s})).scalars())


async def find_owners(tx: Tx, order_ids: Sequence[str]) -> set[UUID]:
    """The customers who have the orders now."""
    return set((await tx.execute(_FIND_OWNERS, {"order_ids": list(order_ids)})).scalars())


def _in_place(rows: Iterable[Row[Any]]) -> list[bytes]:
    return [bytes(row.event) for row in sorted(rows, key=lambda row: row.place)]
