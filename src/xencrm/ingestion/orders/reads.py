"""Reading the Master DB's orders."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text

from xencrm.ingestion.orders.schemas import Order, WaitingOrder
from xencrm.kernel.database import Tx

Cursor = tuple[datetime, str]
WaitingCursor = tuple[datetime, UUID]
MOST_COUNTED = 10_000
NO_EMAIL = "no customer has this e-mail address yet"
NO_ID = "there is no customer with this id yet"

_LIST = """
    SELECT order_id, customer_id, order_amount, order_status, ordered_at, items, created_at, updated_at
    FROM orders WHERE customer_id = :customer_id {after}
    ORDER BY ordered_at DESC, order_id DESC LIMIT :limit
"""
_FIRST = text(_LIST.format(after=""))
_NEXT = text(_LIST.format(after="AND (ordered_at, order_id) < (:ordered_at, :order_id)"))


_WAITING = """
    SELECT event_id, order_id, customer_email, customer_id, accepted_at, waiting_since
    FROM waiting_orders
    WHERE NOT ready AND (CAST(:email AS text) IS NULL OR customer_email = :email) {after}
    ORDER BY waiting_since, event_id LIMIT :limit
"""
_FIRST_WAITING = text(_WAITING.format(after=""))
_NEXT_WAITING = text(
    _WAITING.format(after="AND waiting_since >= :since AND (waiting_since, event_id) > (:since, :event_id)")
)
_COUNT_WAITING = text(f"""
    WITH waiting AS (SELECT FROM waiting_orders WHERE NOT ready LIMIT {MOST_COUNTED})
    SELECT (SELECT count(*) FROM waiting),
           (SELECT coalesce(extract(epoch FROM now() - min(waiting_since)), 0)
            FROM waiting_orders WHERE NOT ready)
""")


async def list_waiting(
    tx: Tx, *, email: str | None, after: WaitingCursor | None, limit: int
) -> list[WaitingOrder]:
    """Those whose customer has not come, the longest waiting first."""
    given: dict[str, Any] = {"email": email, "limit": limit}
    if after:
        given |= {"since": after[0], "event_id": after[1]}
    rows = await tx.execute(_NEXT_WAITING if after else _FIRST_WAITING, given)
    return [WaitingOrder(**row, reason=_reason(row)) for row in rows.mappings()]


def _reason(row: RowMapping) -> str:
    return NO_ID if row["customer_email"] is None else NO_EMAIL


async def count_waiting(tx: Tx) -> tuple[int, float]:
    """How many wait, at most MOST_COUNTED, and for how many seconds the oldest does."""
    count, oldest_s = (await tx.execute(_COUNT_WAITING)).one()
    return int(count), round(float(oldest_s), 3)


async def list_orders(tx: Tx, customer_id: UUID, *, after: Cursor | None, limit: int) -> list[Order]:
    """Newest first."""
    given: dict[str, Any] = {"customer_id": customer_id, "limit": limit}
    if after:
        given |= {"ordered_at": after[0], "order_id": after[1]}
    rows = await tx.execute(_NEXT if after else _FIRST, given)
    return [Order(**row) for row in rows.mappings()]
