"""Reading `customers` and `orders` page by page while nobody writes to them, and who was erased."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, text

from xencrm.ingestion.customers.store import SNAPSHOT
from xencrm.kernel.database import Tx

PAGE_ROWS = 500
PAGE_BYTES = 600_000

_LIMIT_WAIT = text("SELECT set_config('lock_timeout', CAST(CAST(:milliseconds AS integer) AS text), true)")
_LOCK_CUSTOMERS = text("LOCK TABLE customers IN SHARE MODE")
_LOCK_ORDERS = text("LOCK TABLE orders IN SHARE MODE")
# The first rows up to so many bytes, or one if it alone is larger; each says how many rows the page had.
_PAGE: Final = """
    SELECT * FROM (
        SELECT found.*, sum(octet_length(found::text)) OVER place AS bytes, row_number() OVER place AS number,
               count(*) OVER () AS page_rows
        FROM ({rows} LIMIT :most) AS found
        WINDOW place AS (ORDER BY {key} ROWS UNBOUNDED PRECEDING)
    ) AS page
    WHERE bytes <= :most_bytes OR number = 1
    ORDER BY number
"""
_CUSTOMERS = text(
    _PAGE.format(
        key="customer_id",
        rows=f"""
            SELECT {SNAPSHOT} FROM customers
            WHERE customer_id > coalesce(CAST(:after AS uuid), '00000000-0000-0000-0000-000000000000')
            ORDER BY customer_id
        """,
    )
)
_ORDERS = text(
    _PAGE.format(
        key="order_id",
        rows="""
            SELECT order_id, customer_id, order_amount, order_status, ordered_at, version FROM orders
            WHERE order_id > coalesce(CAST(:after AS text), '')
            ORDER BY order_id
        """,
    )
)
_ERASED = text("""
    SELECT customer_id, max(erased_at) AS erased_at FROM tombstones
    WHERE customer_id > coalesce(CAST(:after AS uuid), '00000000-0000-0000-0000-000000000000')
    GROUP BY customer_id ORDER BY customer_id LIMIT :most
""")


class Page(Struct, frozen=True):
    """Rows in the order of their key. `is_last`: there are none behind them."""

    rows: Sequence[Row[Any]]
    is_last: bool


async def lock_customers(tx: Tx, *, wait_s: float) -> None:
    """Waits for all who write customers; others wait until the end of the transaction."""
    await tx.execute(_LIMIT_WAIT, {"milliseconds": int(wait_s * 1000)})
    await tx.execute(_LOCK_CUSTOMERS)


async def lock_orders(tx: Tx, *, wait_s: float) -> None:
    """As of customers."""
    await tx.execute(_LIMIT_WAIT, {"milliseconds": int(wait_s * 1000)})
    await tx.execute(_LOCK_ORDERS)


async def list_customers(tx: Tx, after: UUID | None) -> Page:
    """Snapshots of the customers behind an id."""
    return _page(await tx.execute(_CUSTOMERS, _given(after)))


async def list_orders(tx: Tx, after: str | None) -> Page:
    """The orders behind an id, which are compared bytewise."""
    return _page(await tx.execute(_ORDERS, _given(after)))


async def list_erased(tx: Tx, after: UUID | None, most: int) -> Sequence[Row[Any]]:
    """Ids of customers who were erased, behind an id, and when."""
    return (await tx.execute(_ERASED, {"after": after, "most": most})).all()


def _given(after: UUID | str | None) -> dict[str, Any]:
    return {"after": after, "most": PAGE_ROWS, "most_bytes": PAGE_BYTES}


def _page(found: Any) -> Page:
    rows = found.all()
    return Page(rows, not rows or len(rows) == rows[0].page_rows < PAGE_ROWS)
