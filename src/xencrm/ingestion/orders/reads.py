"""Reading the Master DB's orders."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from xencrm.ingestion.orders.schemas import Order
from xencrm.kernel.database import Tx

Cursor = tuple[datetime, str]

_LIST = """
    SELECT order_id, customer_id, order_amount, order_status, ordered_at, items, created_at, updated_at
    FROM orders WHERE customer_id = :customer_id {after}
    ORDER BY ordered_at DESC, order_id DESC LIMIT :limit
"""
_FIRST = text(_LIST.format(after=""))
_NEXT = text(_LIST.format(after="AND (ordered_at, order_id) < (:ordered_at, :order_id)"))


async def list_orders(tx: Tx, customer_id: UUID, *, after: Cursor | None, limit: int) -> list[Order]:
    """Newest first."""
    given: dict[str, Any] = {"customer_id": customer_id, "limit": limit}
    if after:
        given |= {"ordered_at": after[0], "order_id": after[1]}
    rows = await tx.execute(_NEXT if after else _FIRST, given)
    return [Order(**row) for row in rows.mappings()]
