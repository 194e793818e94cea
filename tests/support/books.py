"""What the databases hold, against what was said to the API and against each other (I4, I5)."""

import asyncio
import json
from collections import defaultdict
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from tests.support.product import Product
from tests.support.traffic import Row, Said
from tests.support.waiting import until
from xencrm.kernel.ids import EventIds

REST_S = 180.0
SHOWN = 5
UNREACHABLE = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)

_CUSTOMERS = """
    SELECT email, name, phone, status, opening_total_spend::text AS total_spend,
           opening_total_visits AS total_visits, attributes::text,
           orders_spend, orders_count
    FROM customers
"""
_ORDERS = """
    SELECT order_id, email AS customer_email, order_amount, order_status
    FROM orders LEFT JOIN customers USING (customer_id)
"""
# Everything that Campaigns is told, worked out anew from the customers' own values and all orders.
_PROFILES = """
    SELECT jsonb_build_object(
        'customer_id', c.customer_id, 'name', c.name, 'email', c.email, 'phone', c.phone,
        'status', c.status, 'total_spend', c.opening_total_spend + coalesce(o.spend, 0.00),
        'total_orders', coalesce(o.orders, 0),
        'total_visits', c.opening_total_visits + coalesce(o.orders, 0),
        'last_order_at', greatest(c.opening_last_order_at, o.last_at),
        'attributes', c.attributes, 'created_at', c.created_at, 'version', c.version)::text
    FROM customers AS c
    LEFT JOIN (
        SELECT customer_id, sum(order_amount) AS spend, count(*) AS orders, max(ordered_at) AS last_at
        FROM orders WHERE order_status = 'COMPLETED' GROUP BY customer_id
    ) AS o USING (customer_id)
"""
_ORDER_COPIES = """
    SELECT jsonb_build_object(
        'order_id', order_id, 'customer_id', customer_id, 'order_amount', order_amount,
        'order_status', order_status, 'ordered_at', ordered_at, 'version', version)::text
    FROM orders
"""
_COPIED = "SELECT (to_jsonb(copy) - 'synced_at')::text FROM {table} AS copy"
_LOSE = "DELETE FROM {table} WHERE random() < 0.1"
_UNDER_WAY = """
    SELECT (SELECT count(*) FROM waiting_orders) AS waiting,
           (SELECT count(*) FROM outbox WHERE settled_at IS NULL) AS unsettled,
           (SELECT count(*) FROM orders) AS orders, (SELECT count(*) FROM customers) AS customers,
           (SELECT count(*) FROM inbox) AS events
"""


class Books:
    """The Master DB and the Business DB of one installation, each asked through a fresh connection."""

    def __init__(self, product: Product) -> None:
        settings = json.loads((product.home / "run" / "env.json").read_text())
        self.master_url = settings["XENCRM_MASTER_DB_URL"]
        self.business_url = settings["XENCRM_BUSINESS_DB_URL"]
        self._ids = EventIds(settings["XENCRM_SECRET"])

    async def behind(self, orders: int) -> int | None:
        """How many of so many orders Campaigns does not have yet; None when it cannot be asked now."""
        try:
            async with asyncio.timeout(2):
                return (
                    orders - (await _read(self.business_url, "SELECT count(*) AS n FROM orders_mv"))[0]["n"]
                )
        except UNREACHABLE:
            return None

    async def under_way(self, said: Said) -> dict[str, int]:
        """What is not applied or not copied yet; all 0 when everything has come to rest."""
        await self._check_put_aside()
        [counts] = await _read(self.master_url, _UNDER_WAY)
        missing = {
            "waiting": counts["waiting"],
            "unsettled": counts["unsettled"],
            "orders": len(said.orders) - counts["orders"],
            "customers": len(said.customers) - counts["customers"],
            "events": max(0, said.rows + len(said.batches) - counts["events"]),
        }
        if any(missing.values()):
            return missing
        return await self.copies_astray()

    async def copies_astray(self) -> dict[str, int]:
        """How many rows differ between what the Master DB says and what Campaigns has (I5)."""
        orders, copied = await self._copies("orders_mv", _ORDER_COPIES)
        profiles, projected = await self._copies("customers_mv", _PROFILES)
        return {"orders_mv": len(orders ^ copied), "customers_mv": len(profiles ^ projected)}

    async def until_at_rest(self, said: Said) -> None:
        """Everything is applied and copied."""
        await until(lambda: self.under_way(said), lambda counts: not any(counts.values()), within_s=REST_S)

    async def check(self, said: Said) -> None:
        """Each order exactly once as it was said last, totals their sums, nothing put aside, copies equal."""
        await self._check_put_aside()
        orders = {row["order_id"]: dict(row) for row in await _read(self.master_url, _ORDERS)}
        _check_same("orders", orders, {key: _stored(row, said) for key, row in said.orders.items()})
        rows = await _read(self.master_url, _CUSTOMERS)
        customers = {row["email"]: {**row, "attributes": json.loads(row["attributes"])} for row in rows}
        _check_same("customers", customers, _with_totals(said))
        for table, query in (("orders_mv", _ORDER_COPIES), ("customers_mv", _PROFILES)):
            expected, copied = await self._copies(table, query)
            assert copied == expected, f"{table}: {len(copied ^ expected)} rows"
        await self._check_inbox(said)

    async def copied(self) -> tuple[set[str], set[str]]:
        """All of `customers_mv` and `orders_mv`, but when it was copied."""
        tables = [await self._copied(table) for table in ("customers_mv", "orders_mv")]
        return tables[0], tables[1]

    async def lose_copies(self) -> None:
        """Some of the rows of Campaigns go."""
        for table in ("customers_mv", "orders_mv"):
            await _read(self.business_url, _LOSE.format(table=table))

    async def _check_put_aside(self) -> None:
        for table in ("dead_letters", "rejected_events"):
            for url in (self.master_url, self.business_url):
                aside = [dict(row) for row in await _read(url, f"SELECT * FROM {table}")]
                assert not aside, f"{len(aside)} {table}: {aside[:SHOWN]}"

    async def _check_inbox(self, said: Said) -> None:
        rows = await _read(self.master_url, "SELECT event_id FROM inbox")
        noted = {str(row["event_id"]) for row in rows}
        assert len(noted) == len(rows), "no event is noted twice"
        assert self._events_of(said) <= noted

    def _events_of(self, said: Said) -> set[str]:
        """The ids of all events but those of corrections, which were answered with the customer."""
        of_rows = [self._ids.of_rows(UUID(key), range(rows)) for key, rows in said.batches.items()]
        return {*said.event_ids, *said.batches, *(str(row_id) for ids in of_rows for row_id in ids)}

    async def _copies(self, table: str, query: str) -> tuple[set[str], set[str]]:
        """The rows as they have to be, and as they are."""
        expected = await _read(self.master_url, query)
        return {row[0] for row in expected}, await self._copied(table)

    async def _copied(self, table: str) -> set[str]:
        return {row[0] for row in await _read(self.business_url, _COPIED.format(table=table))}


async def _read(url: str, query: str) -> list[Any]:
    connection = await asyncpg.connect(url, timeout=5, server_settings={"timezone": "UTC"})
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()


def _check_same(what: str, found: dict[str, Row], expected: dict[str, Row]) -> None:
    keys = found.keys() | expected.keys()
    astray = [(found.get(key), expected.get(key)) for key in keys if found.get(key) != expected.get(key)]
    assert not astray, f"{len(astray)} {what} are not as said: {astray[:SHOWN]}"


def _stored(row: Row, said: Said) -> Row:
    return row | {
        "order_amount": Decimal(row["order_amount"]),
        "customer_email": said.present(row["customer_email"]),
    }


def _with_totals(said: Said) -> dict[str, Row]:
    """The customers as said, with the sums of their COMPLETED orders."""
    spend: defaultdict[str, Decimal] = defaultdict(Decimal)
    count: defaultdict[str, int] = defaultdict(int)
    for order in said.orders.values():
        if order["order_status"] == "COMPLETED":
            email = said.present(order["customer_email"])
            if email is not None:
                spend[email] += Decimal(order["order_amount"])
                count[email] += 1
    return {
        email: row | {"orders_spend": spend[email], "orders_count": count[email]}
        for email, row in said.customers.items()
    }
