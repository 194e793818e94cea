"""Batches until everything is in the Business DB: customers and orders a second."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

import msgspec

from bench.installation import Databases, databases
from tests.support.product import Product

Body = dict[str, Any]
Check = Callable[[], Awaitable[bool]]

CUSTOMERS = 50_000
ORDERS = 200_000
ROWS = 1000
POSTS_AT_ONCE = 4
POLL_S = 0.02
# A prime: neighbours in a batch are no neighbours in the tables.
STEP = 7919
HOST = "bench.example"
FIRST = ("Asha", "Ravi", "Priya", "Arjun", "Zoé", "Omar", "Sofia", "Emma", "Yuki", "Kofi", "Camila")
LAST = (
    "Rao",
    "Sharma",
    "Patel",
    "Gupta",
    "Iyer",
    "Khan",
    "Silva",
    "Weber",
    "Rossi",
    "Sato",
    "Brown",
    "Mensah",
)
CITIES = ("Pune", "Mumbai", "Delhi", "Berlin", "Lagos", "Quito", "Osaka")
COUNT_PROFILES = "SELECT count(*)::int FROM customers_mv"
COUNT_ORDERS = "SELECT coalesce(sum(total_orders), 0)::int FROM customers_mv"


async def customers_per_s(product: Product, prefix: str) -> float:
    """New customers, whose e-mails begin with `prefix`."""
    last = {"name": "Last", "email": f"last-{uuid4().hex[:12]}@{HOST}"}
    async with databases(product) as dbs:
        expected = await dbs.business.fetchval(COUNT_PROFILES) + CUSTOMERS + 1

        async def last_is_there() -> bool:
            return await _find_profile(dbs, last["email"]) is not None

        async def all_are_there() -> bool:
            return bool(await dbs.business.fetchval(COUNT_PROFILES) == expected)

        rows = [_customer(prefix, number) for number in range(CUSTOMERS)]
        return await _rate(product, "/customers", rows, last, last_is_there, all_are_there)


def customer_emails(prefix: str) -> list[str]:
    return [str(_customer(prefix, number)["email"]) for number in range(CUSTOMERS)]


def _customer(prefix: str, number: int) -> Body:
    first, last = FIRST[number % len(FIRST)], LAST[number % len(LAST)]
    email = f"{prefix}.{last.lower()}{number}@{HOST}"
    return {"name": f"{first} {last}", "email": email, "attributes": {"city": CITIES[number % len(CITIES)]}}


async def orders_per_s(product: Product, emails: Sequence[str], count: int = ORDERS) -> float:
    """New orders of the customers in turn."""
    run = uuid4().hex[:8]
    async with databases(product) as dbs:
        owner = await _new_customer(product, dbs)
        expected = await dbs.business.fetchval(COUNT_ORDERS) + count + 1

        async def last_is_there() -> bool:
            query = "SELECT total_orders FROM customers_mv WHERE customer_id = $1"
            return bool(await dbs.business.fetchval(query, owner))

        async def all_are_counted() -> bool:
            return bool(await dbs.business.fetchval(COUNT_ORDERS) == expected)

        rows = [_order(run, number, emails[number * STEP % len(emails)]) for number in range(count)]
        last = {"customer_id": str(owner), "order_amount": "1.00"}
        return await _rate(product, "/orders", rows, last, last_is_there, all_are_counted)


def _order(run: str, number: int, email: str) -> Body:
    return {"customer_email": email, "order_amount": "12.50", "order_id": f"{run}-{number}"}


async def _new_customer(product: Product, dbs: Databases) -> UUID:
    email = f"last-{uuid4().hex[:12]}@{HOST}"
    await product.ask("POST", "/customers", json={"name": "Last", "email": email})
    async with asyncio.timeout(60):
        while (customer_id := await _find_profile(dbs, email)) is None:
            await asyncio.sleep(POLL_S)
    return customer_id


async def _find_profile(dbs: Databases, email: str) -> UUID | None:
    """By keys only, however many profiles there are."""
    customer_id = await dbs.master.fetchval("SELECT customer_id FROM customers WHERE email = $1", email)
    query = "SELECT customer_id FROM customers_mv WHERE customer_id = $1"
    found: UUID | None = customer_id and await dbs.business.fetchval(query, customer_id)
    return found


async def _rate(product: Product, path: str, rows: Sequence[Body], last: Body, *checks: Check) -> float:
    """Posts the rows in batches, then the last by itself, until one check after the other holds.

    So a million rows are not counted while others are written.
    """
    parts = [rows[start : start + ROWS] for start in range(0, len(rows), ROWS)]
    encoded = [msgspec.json.encode(part) for part in parts]
    room = asyncio.Semaphore(POSTS_AT_ONCE)

    async def post(body: bytes) -> None:
        async with room:
            headers = {"Content-Type": "application/json"}
            await product.ask("POST", f"{path}/batch", data=body, headers=headers)

    began = time.perf_counter()
    await asyncio.gather(*(post(body) for body in encoded))
    await product.ask("POST", path, json=last)
    async with asyncio.timeout(300):
        for check in checks:
            while not await check():
                await asyncio.sleep(POLL_S)
    return len(rows) / (time.perf_counter() - began)
