"""Making a range of `customers_mv` or `orders_mv` what a list says: the listed rows and no others."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text

from xencrm.campaigns.profiles.moves import CUSTOMER_CHANGE, ORDER_CHANGE, customer_moves, order_moves
from xencrm.campaigns.profiles.store import (
    SEARCHED,
    customer_values,
    order_values,
    writing_customers,
    writing_orders,
)
from xencrm.contracts.customers import CustomerChanged, CustomersRebuilt
from xencrm.contracts.orders import OrderChanged, OrdersRebuilt
from xencrm.kernel.database import Tx

# A version that is too high is wrong too, once nothing on its way can have written it.
_REPAIR_CUSTOMERS = writing_customers("""
    (customers_mv.version <= excluded.version OR customers_mv.synced_at < :surely_before)
      AND (customers_mv.name, customers_mv.email, customers_mv.phone, customers_mv.status,
           customers_mv.total_spend, customers_mv.total_orders, customers_mv.total_visits,
           customers_mv.last_order_at, customers_mv.attributes, customers_mv.created_at,
           customers_mv.version)
          IS DISTINCT FROM
          (excluded.name, excluded.email, excluded.phone, excluded.status, excluded.total_spend,
           excluded.total_orders, excluded.total_visits, excluded.last_order_at, excluded.attributes,
           excluded.created_at, excluded.version)
""")
_REPAIR_ORDERS = writing_orders("""
    (orders_mv.version <= excluded.version OR orders_mv.synced_at < :surely_before)
      AND (orders_mv.customer_id, orders_mv.order_amount, orders_mv.order_status, orders_mv.ordered_at,
           orders_mv.version)
          IS DISTINCT FROM
          (excluded.customer_id, excluded.order_amount, excluded.order_status, excluded.ordered_at,
           excluded.version)
""")
# An open end is the highest id there is, so that a range is found by index whatever its bounds.
_IN_RANGE: Final = """
    customer_id > coalesce(CAST(:after AS uuid), '00000000-0000-0000-0000-000000000000')
    AND customer_id <= coalesce(CAST(:until AS uuid), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    AND crc32(convert_to(customer_id::text, 'UTF8')) % :partitions = :partition
"""
_DELETE_CUSTOMERS = text(f"""
    WITH gone AS (
        DELETE FROM customers_mv AS stray
        WHERE {_IN_RANGE} AND synced_at < :listed_at
          AND NOT EXISTS (SELECT FROM unnest(CAST(:ids AS uuid[])) AS listed (id)
                          WHERE listed.id = stray.customer_id)
        RETURNING {CUSTOMER_CHANGE}
    ), moved AS ({customer_moves("gone")})
    SELECT count(*) FROM gone
""")
_REPAIR_TEXTS = text(f"""
    WITH due AS (
        SELECT customer_id, {SEARCHED} AS searched, attributes FROM customers_mv WHERE {_IN_RANGE}
    ), gone AS (
        DELETE FROM profile_texts AS told
        WHERE {_IN_RANGE} AND NOT EXISTS (SELECT FROM due WHERE due.customer_id = told.customer_id)
    )
    INSERT INTO profile_texts (customer_id, searched, attributes)
    SELECT customer_id, due.searched, due.attributes
    FROM due LEFT JOIN profile_texts AS told USING (customer_id)
    WHERE (told.searched, told.attributes) IS DISTINCT FROM (due.searched, due.attributes)
    ON CONFLICT (customer_id) DO UPDATE
    SET searched = excluded.searched, attributes = excluded.attributes
""")
_DELETE_ORDERS = text(f"""
    WITH gone AS (
        DELETE FROM orders_mv AS stray
        WHERE order_id > coalesce(CAST(:after AS text), '')
          AND order_id <= coalesce(CAST(:until AS text), (SELECT max(order_id) FROM orders_mv))
          AND crc32(convert_to(customer_id::text, 'UTF8')) % :partitions = :partition
          AND synced_at < :listed_at
          AND NOT EXISTS (SELECT FROM unnest(CAST(:ids AS text[])) AS listed (id)
                          WHERE listed.id = stray.order_id)
        RETURNING {ORDER_CHANGE}
    ), moved AS ({order_moves("gone")})
    SELECT count(*) FROM gone
""")


async def repair_customers(tx: Tx, customers: Sequence[CustomerChanged], *, surely_before: datetime) -> None:
    """Sorted by id. A row that is as listed is not written."""
    await tx.execute(_REPAIR_CUSTOMERS, {**customer_values(customers), "surely_before": surely_before})


async def repair_orders(tx: Tx, orders: Sequence[OrderChanged], *, surely_before: datetime) -> None:
    """Sorted by id. A row that is as listed is not written."""
    await tx.execute(_REPAIR_ORDERS, {**order_values(orders), "surely_before": surely_before})


async def delete_unlisted_customers(tx: Tx, rebuilt: CustomersRebuilt, *, listed_at: datetime) -> int:
    """Those of the range and partition that were there at the time of the list and are not on it."""
    ids = [item.customer_id for item in rebuilt.customers]
    given = {**_range(rebuilt), "ids": ids, "listed_at": listed_at}
    return int((await tx.execute(_DELETE_CUSTOMERS, given)).scalar_one())


async def delete_unlisted_orders(tx: Tx, rebuilt: OrdersRebuilt, *, listed_at: datetime) -> int:
    """As of customers; an order is in the partition of its customer."""
    ids = [item.order_id for item in rebuilt.orders]
    given = {**_range(rebuilt), "ids": ids, "listed_at": listed_at}
    return int((await tx.execute(_DELETE_ORDERS, given)).scalar_one())


async def repair_texts(tx: Tx, rebuilt: CustomersRebuilt) -> None:
    """The texts of the range's profiles become what the profiles say."""
    await tx.execute(_REPAIR_TEXTS, _range(rebuilt))


def _range(rebuilt: CustomersRebuilt | OrdersRebuilt) -> dict[str, Any]:
    return {
        "after": rebuilt.after,
        "until": rebuilt.until,
        "partition": rebuilt.partition,
        "partitions": rebuilt.partitions,
    }
