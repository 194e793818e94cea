"""Statements on `customers`."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError

from xencrm.ingestion.customers.folding import Person
from xencrm.ingestion.customers.model import CustomerValues, TotalsChange
from xencrm.kernel.database import Overtaken, Tx

GONE = "customers_gone"  # told at commit when an address or a customer is no longer there

SNAPSHOT = """
    customer_id, name, email, phone, status,
    opening_total_spend + orders_spend AS total_spend, orders_count AS total_orders,
    opening_total_visits + orders_count AS total_visits,
    greatest(opening_last_order_at, orders_last_at) AS last_order_at,
    attributes::text AS attributes, created_at, version
"""
_LOCK = """
    SELECT customer_id, email, name, phone, status, opening_total_spend, opening_total_visits,
           opening_last_order_at, attributes
    FROM customers WHERE {which}
    ORDER BY customer_id FOR NO KEY UPDATE
"""
_LOCK_BY_EMAIL = text(_LOCK.format(which="email = ANY(CAST(:emails AS text[]))"))
_LOCK_BY_ID = text(_LOCK.format(which="customer_id = ANY(CAST(:ids AS uuid[]))"))
# In two steps, since an address may be one that another of them leaves.
_VACATE = text("""
    WITH vacated AS (
        UPDATE customers SET email = customer_id::text WHERE customer_id = ANY(CAST(:ids AS uuid[]))
    )
    SELECT pg_notify(:channel, '')
""")
_MOVE = text("""
    UPDATE customers SET email = moved.email
    FROM unnest(CAST(:ids AS uuid[]), CAST(:emails AS text[])) AS moved (id, email)
    WHERE customer_id = moved.id
""")
_UPSERT = text(f"""
    INSERT INTO customers (email, name, phone, status, opening_total_spend, opening_total_visits,
                           opening_last_order_at, attributes)
    SELECT * FROM unnest(CAST(:emails AS text[]), CAST(:names AS text[]), CAST(:phones AS text[]),
                         CAST(:statuses AS text[]), CAST(:spends AS numeric[]), CAST(:visits AS integer[]),
                         CAST(:lasts AS timestamptz[]), CAST(:attributes AS jsonb[]))
    ON CONFLICT (email) DO UPDATE
    SET name = excluded.name, phone = excluded.phone, status = excluded.status,
        opening_total_spend = excluded.opening_total_spend,
        opening_total_visits = excluded.opening_total_visits,
        opening_last_order_at = excluded.opening_last_order_at,
        attributes = excluded.attributes, version = customers.version + 1, updated_at = now()
    WHERE customers.customer_id = ANY(CAST(:known AS uuid[]))
    RETURNING {SNAPSHOT}
""")
_LOCK_OWNERS = text("""
    SELECT customer_id, email FROM customers
    WHERE email = ANY(CAST(:emails AS text[])) OR customer_id = ANY(CAST(:ids AS uuid[]))
    ORDER BY customer_id FOR NO KEY UPDATE
""")
_ADD_TOTALS = text(f"""
    UPDATE customers
    SET orders_spend = orders_spend + delta.spend,
        orders_count = orders_count + delta.orders,
        orders_last_at = CASE WHEN delta.recompute
            THEN (SELECT max(ordered_at) FROM orders
                  WHERE orders.customer_id = customers.customer_id AND order_status = 'COMPLETED')
            ELSE greatest(orders_last_at, delta.last_at) END,
        version = version + 1, updated_at = now()
    FROM unnest(CAST(:ids AS uuid[]), CAST(:spends AS numeric[]), CAST(:orders AS integer[]),
                CAST(:lasts AS timestamptz[]), CAST(:recomputes AS boolean[]))
         AS delta (id, spend, orders, last_at, recompute)
    WHERE customer_id = delta.id
    RETURNING {SNAPSHOT}
""")
_WAKE_WAITING = text("""
    WITH awaited AS (
        UPDATE waiting_orders SET ready = true
        WHERE customer_email = ANY(CAST(:emails AS text[])) AND NOT ready
        RETURNING event_id
    )
    SELECT pg_notify('waiting_orders', '') WHERE EXISTS (SELECT FROM awaited)
""")
_FIND_KNOWN = text("""
    SELECT email, customer_id FROM customers
    WHERE email = ANY(CAST(:emails AS text[])) OR customer_id = ANY(CAST(:ids AS uuid[]))
""")


async def lock_by_email(tx: Tx, emails: Sequence[str]) -> dict[UUID, CustomerValues]:
    rows = await tx.execute(_LOCK_BY_EMAIL, {"emails": list(emails)})
    return {row.customer_id: _values(row) for row in rows}


async def lock_by_id(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, CustomerValues]:
    rows = await tx.execute(_LOCK_BY_ID, {"ids": list(ids)})
    return {row.customer_id: _values(row) for row in rows}


async def move_emails(tx: Tx, moved: Mapping[UUID, str]) -> None:
    """Gives customers other addresses, also such as others of them have until now. Raises Overtaken."""
    await tx.execute(_VACATE, {"ids": list(moved), "channel": GONE})
    try:
        await tx.execute(_MOVE, {"ids": list(moved), "emails": list(moved.values())})
    except IntegrityError as error:
        raise Overtaken("another customer has got one of the addresses") from error


def _values(row: Any) -> CustomerValues:
    return CustomerValues(
        email=row.email,
        name=row.name,
        phone=row.phone,
        status=row.status,
        opening_total_spend=row.opening_total_spend,
        opening_total_visits=row.opening_total_visits,
        opening_last_order_at=row.opening_last_order_at,
        attributes=row.attributes,
    )


async def upsert_customers(tx: Tx, people: Sequence[Person]) -> Sequence[Row[Any]]:
    """Writes whole customers and returns their snapshots. Raises Overtaken when an address that was nobody's
    has got a holder meanwhile."""
    customers = [person.values for person in people]
    rows = await tx.execute(
        _UPSERT,
        {
            "emails": [item.email for item in customers],
            "names": [item.name for item in customers],
            "phones": [item.phone for item in customers],
            "statuses": [item.status for item in customers],
            "spends": [item.opening_total_spend for item in customers],
            "visits": [item.opening_total_visits for item in customers],
            "lasts": [item.opening_last_order_at for item in customers],
            "attributes": [msgspec.json.encode(item.attributes or {}).decode() for item in customers],
            "known": [person.customer_id for person in people if person.customer_id],
        },
    )
    written = rows.all()
    if len(written) < len(people):
        raise Overtaken("another customer has got one of the addresses")
    return written


async def lock_owners(tx: Tx, emails: Sequence[str], ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """Ids and e-mails of the customers that exist, locked in id order."""
    rows = await tx.execute(_LOCK_OWNERS, {"emails": list(emails), "ids": list(ids)})
    return [(row.customer_id, row.email) for row in rows]


async def find_known(tx: Tx, emails: Sequence[str], ids: Sequence[UUID]) -> dict[str | UUID, str]:
    """The e-mails of those that belong to a customer, by e-mail and by id."""
    rows = (await tx.execute(_FIND_KNOWN, {"emails": list(emails), "ids": list(ids)})).all()
    return {key: row.email for row in rows for key in (row.email, row.customer_id)}


async def add_totals(tx: Tx, deltas: Sequence[tuple[UUID, TotalsChange]]) -> Sequence[Row[Any]]:
    """Adds what orders changed, by customer; returns the snapshots."""
    rows = await tx.execute(
        _ADD_TOTALS,
        {
            "ids": [customer_id for customer_id, _ in deltas],
            "spends": [delta.spend for _, delta in deltas],
            "orders": [delta.orders for _, delta in deltas],
            "lasts": [delta.last_at for _, delta in deltas],
            "recomputes": [delta.recompute for _, delta in deltas],
        },
    )
    return rows.all()


async def wake_waiting(tx: Tx, emails: Sequence[str]) -> None:
    """Marks the orders that wait for one of the customers, and wakes the sweep at commit."""
    await tx.execute(_WAKE_WAITING, {"emails": list(emails)})
