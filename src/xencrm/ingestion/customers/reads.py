"""Reading the Master DB's customers."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import RowMapping, text

from xencrm.ingestion.customers.schemas import Customer
from xencrm.ingestion.customers.store import SNAPSHOT
from xencrm.kernel.database import Tx
from xencrm.kernel.errors import NotFound

_COLUMNS = f"{SNAPSHOT}, opening_total_spend, opening_total_visits, opening_last_order_at, updated_at"
_FIND = text(f"SELECT {_COLUMNS} FROM customers WHERE customer_id = :customer_id")
_EXISTS = text("SELECT EXISTS (SELECT FROM customers WHERE customer_id = :customer_id)")
_SEARCH = "lower(name || ' ' || email) LIKE :search"
_STATUS = "status = :status"
_AFTER = "customer_id < :after"


async def find_customer(tx: Tx, customer_id: UUID) -> Customer:
    """Raises NotFound."""
    row = (await tx.execute(_FIND, {"customer_id": customer_id})).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no customer {customer_id}.")
    return _customer(row)


async def check_exists(tx: Tx, customer_id: UUID) -> None:
    """Raises NotFound."""
    if not (await tx.execute(_EXISTS, {"customer_id": customer_id})).scalar_one():
        raise NotFound(f"There is no customer {customer_id}.")


async def list_customers(
    tx: Tx, *, search: str | None, status: str | None, after: UUID | None, limit: int
) -> list[Customer]:
    """Newest first (ids are in time order)."""
    given: dict[str, Any] = {}
    if search:
        given[_SEARCH] = ("search", f"%{_literal(search.lower())}%")
    if status:
        given[_STATUS] = ("status", status)
    if after:
        given[_AFTER] = ("after", after)
    where = f"WHERE {' AND '.join(given)}" if given else ""
    query = f"SELECT {_COLUMNS} FROM customers {where} ORDER BY customer_id DESC LIMIT :limit"
    rows = await tx.execute(text(query), {**dict(given.values()), "limit": limit})
    return [_customer(row) for row in rows.mappings()]


def _literal(value: str) -> str:
    return value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _customer(row: RowMapping) -> Customer:
    values = {**row, "attributes": msgspec.json.decode(row["attributes"])}
    del values["version"]
    return Customer(**values)
