"""Writing `customers_mv` and `orders_mv`: the newest snapshot of a row wins, in whatever order they come.

A customer who was erased is never written again. What is searched by text lies in `profile_texts`, and is
written only where it changed: totals change with each order, texts seldom do.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import TextClause, text

from xencrm.campaigns.profiles.model import Buried
from xencrm.campaigns.profiles.moves import CUSTOMER_CHANGE, ORDER_CHANGE, customer_moves, order_moves
from xencrm.contracts.customers import CustomerChanged, CustomerErased
from xencrm.contracts.orders import OrderChanged
from xencrm.kernel.database import Tx

_UPSERT_CUSTOMERS: Final = """
    INSERT INTO customers_mv (customer_id, name, email, phone, status, total_spend, total_orders,
                              total_visits, last_order_at, attributes, created_at, version)
    SELECT customer_id, name, email, phone, status, total_spend, total_orders,
           total_visits, last_order_at, CAST(attributes AS jsonb), created_at, version
    FROM unnest(
        CAST(:customer_ids AS uuid[]), CAST(:names AS text[]), CAST(:emails AS text[]),
        CAST(:phones AS text[]), CAST(:statuses AS text[]), CAST(:total_spends AS numeric[]),
        CAST(:total_orders AS integer[]), CAST(:total_visits AS integer[]),
        CAST(:last_order_ats AS timestamptz[]), CAST(:attributes AS text[]),
        CAST(:created_ats AS timestamptz[]), CAST(:versions AS bigint[])
    ) AS new (customer_id, name, email, phone, status, total_spend, total_orders,
              total_visits, last_order_at, attributes, created_at, version)
    WHERE NOT EXISTS (SELECT FROM tombstones WHERE tombstones.customer_id = new.customer_id)
    ORDER BY customer_id
    ON CONFLICT (customer_id) DO UPDATE
    SET name = excluded.name, email = excluded.email, phone = excluded.phone, status = excluded.status,
        total_spend = excluded.total_spend, total_orders = excluded.total_orders,
        total_visits = excluded.total_visits, last_order_at = excluded.last_order_at,
        attributes = excluded.attributes, created_at = excluded.created_at,
        version = excluded.version, synced_at = excluded.synced_at
"""
_UPSERT_ORDERS: Final = """
    INSERT INTO orders_mv (order_id, customer_id, order_amount, order_status, ordered_at, version)
    SELECT * FROM unnest(
        CAST(:order_ids AS text[]), CAST(:customer_ids AS uuid[]), CAST(:amounts AS numeric[]),
        CAST(:statuses AS text[]), CAST(:ordered_ats AS timestamptz[]), CAST(:versions AS bigint[])
    )
    ON CONFLICT (order_id) DO UPDATE
    SET customer_id = excluded.customer_id, order_amount = excluded.order_amount,
        order_status = excluded.order_status, ordered_at = excluded.ordered_at,
        version = excluded.version, synced_at = excluded.synced_at
"""
# As `profile_texts.searched` has it.
SEARCHED: Final = """lower(concat_ws(E'\n', name, email, phone) COLLATE "pg_c_utf8")"""


def writing_customers(condition: str) -> TextClause:
    """The upsert of profiles and their texts, with what has to hold for a row that is there."""
    return text(f"""
        WITH written AS (
            {_UPSERT_CUSTOMERS} WHERE {condition}
            RETURNING new.customer_id, new.name, new.email, new.phone, new.attributes,
                      (old.name, old.email, old.phone, old.attributes)
                      IS DISTINCT FROM (new.name, new.email, new.phone, new.attributes) AS retold,
                      {CUSTOMER_CHANGE}
        ), moved AS ({customer_moves("written")})
        INSERT INTO profile_texts (customer_id, searched, attributes)
        SELECT customer_id, {SEARCHED}, attributes FROM written WHERE retold
        ON CONFLICT (customer_id) DO UPDATE
        SET searched = excluded.searched, attributes = excluded.attributes
    """)


def writing_orders(condition: str) -> TextClause:
    """The upsert of orders, with what has to hold for a row that is there."""
    return text(f"""
        WITH written AS ({_UPSERT_ORDERS} WHERE {condition} RETURNING {ORDER_CHANGE})
        {order_moves("written")}
    """)


_NEWER_CUSTOMERS = writing_customers("customers_mv.version < excluded.version")
_NEWER_ORDERS = writing_orders("orders_mv.version < excluded.version")
_BURY = text(f"""
    WITH buried AS (
        INSERT INTO tombstones (customer_id, erased_at)
        SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:erased_ats AS timestamptz[]))
        ON CONFLICT DO NOTHING
    ), texts AS (
        DELETE FROM profile_texts WHERE customer_id = ANY(CAST(:ids AS uuid[]))
    ), gone AS (
        DELETE FROM customers_mv WHERE customer_id = ANY(CAST(:ids AS uuid[]))
        RETURNING customer_id, email, name, phone, {CUSTOMER_CHANGE}
    ), moved AS ({customer_moves("gone")})
    SELECT customer_id, email, name, phone FROM gone
""")
_FIND_ERASED = text("SELECT customer_id FROM tombstones WHERE customer_id = ANY(CAST(:ids AS uuid[]))")


async def upsert_customers(tx: Tx, customers: Sequence[CustomerChanged]) -> None:
    """At most one snapshot a customer, sorted by id."""
    await tx.execute(_NEWER_CUSTOMERS, customer_values(customers))


async def upsert_orders(tx: Tx, orders: Sequence[OrderChanged]) -> None:
    """At most one snapshot an order, sorted by id."""
    await tx.execute(_NEWER_ORDERS, order_values(orders))


async def bury(tx: Tx, customers: Sequence[CustomerErased]) -> list[Buried]:
    """Deletes the profiles for good; returns who they were of."""
    given = {
        "ids": [item.customer_id for item in customers],
        "erased_ats": [item.erased_at for item in customers],
    }
    return [Buried(*row) for row in await tx.execute(_BURY, given)]


async def find_erased(tx: Tx, ids: Sequence[UUID]) -> set[UUID]:
    return set((await tx.execute(_FIND_ERASED, {"ids": list(ids)})).scalars())


def customer_values(customers: Sequence[CustomerChanged]) -> dict[str, list[Any]]:
    """What `writing_customers` binds."""
    return {
        "customer_ids": [item.customer_id for item in customers],
        "names": [item.name for item in customers],
        "emails": [item.email for item in customers],
        "phones": [item.phone for item in customers],
        "statuses": [item.status for item in customers],
        "total_spends": [item.total_spend for item in customers],
        "total_orders": [item.total_orders for item in customers],
        "total_visits": [item.total_visits for item in customers],
        "last_order_ats": [item.last_order_at for item in customers],
        "attributes": [bytes(item.attributes).decode() for item in customers],
        "created_ats": [item.created_at for item in customers],
        "versions": [item.version for item in customers],
    }


def order_values(orders: Sequence[OrderChanged]) -> dict[str, list[Any]]:
    """What `writing_orders` binds."""
    return {
        "order_ids": [item.order_id for item in orders],
        "customer_ids": [item.customer_id for item in orders],
        "amounts": [item.order_amount for item in orders],
        "statuses": [item.order_status for item in orders],
        "ordered_ats": [item.ordered_at for item in orders],
        "versions": [item.version for item in orders],
    }
