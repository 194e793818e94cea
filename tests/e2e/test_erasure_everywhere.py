"""Customers are erased while posts about them are on their way: nothing of them is left, the sums hold."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.support.mentions import files_with, tables_with
from tests.support.product import Product, running_product

PEOPLE = 40
ERASED = range(0, PEOPLE, 2)
ROUNDS = 6
DATABASES = ("XENCRM_MASTER_DB_URL", "XENCRM_BUSINESS_DB_URL")


@pytest.fixture
async def product(tmp_path: Path, broker_settings: dict[str, str]) -> AsyncIterator[Product]:
    async with running_product(tmp_path, **broker_settings) as running:
        yield running


def email_of(person: int) -> str:
    return f"person-{person:03}-zyx@shop.example"


def phone_of(person: int) -> str:
    return f"+91-98765-{person:05}-11"


def name_of(person: int) -> str:
    return f"Zubeida{person:03}Qorex"


def traces_of(person: int) -> list[str]:
    return [email_of(person), phone_of(person), name_of(person), f"former-{email_of(person)}"]


async def post_person(product: Product, person: int, **changes: Any) -> None:
    body = {
        "name": name_of(person),
        "email": email_of(person),
        "phone": phone_of(person),
        "attributes": {"nick": name_of(person)},
    }
    await product.ask("POST", "/customers", json={**body, **changes})


async def post_order(product: Product, owner: dict[str, str], amount: str) -> str | None:
    """The event's id; None when the customer was not known (any more)."""
    order = {**owner, "order_amount": amount, "items": [{"note": f"for {owner}"}]}
    try:
        return str((await product.ask("POST", "/orders", json=order))["event_id"])
    except aiohttp.ClientResponseError as error:
        if error.status != 404:
            raise
        return None


async def people_of(product: Product) -> dict[str, str]:
    """Customer ids by e-mail."""
    page = await product.ask("GET", "/customers?limit=1000")
    return {item["email"]: item["customer_id"] for item in page["items"]}


async def until_people(product: Product, count: int) -> None:
    async with asyncio.timeout(30):
        while len(await people_of(product)) < count:
            await asyncio.sleep(0.1)


async def settled(product: Product, events: list[str]) -> dict[str, str]:
    """What became of each event, once nothing of it is queued."""
    found: dict[str, str] = {}
    async with asyncio.timeout(60):
        for event_id in events:
            while (answer := await product.ask("GET", f"/events/{event_id}"))["status"] == "queued":
                await asyncio.sleep(0.05)
            found[event_id] = answer["status"]
    return found


async def erase(product: Product, customer_id: str) -> None:
    """Answered 204, or 202 and applied soon; 404 when it was done by another."""
    headers = {"Authorization": f"Bearer {product.credentials['api_key']}"}
    url = f"{product.url}/api/v1/customers/{customer_id}"
    async with aiohttp.ClientSession() as http, http.delete(url, headers=headers) as response:
        assert response.status in (202, 204), await response.text()
        if response.status == 202:
            await settled(product, [(await response.json())["event_id"]])


async def race(product: Product, person: int, customer_id: str) -> list[tuple[str, Decimal]]:
    """Orders, posts and the erasure of one person at once; returns the orders that were accepted."""
    chosen = random.Random(person)
    accepted: list[tuple[str, Decimal]] = []

    async def order() -> None:
        owner = chosen.choice([{"customer_email": email_of(person)}, {"customer_id": customer_id}])
        event_id = await post_order(product, owner, "3.50")
        if event_id:
            accepted.append((event_id, Decimal("3.50")))

    work = [order() for _ in range(ROUNDS)] + [
        post_person(product, person, status="INACTIVE") for _ in range(3)
    ]
    work.append(erase(product, customer_id))
    chosen.shuffle(work)
    await asyncio.gather(*work)
    return accepted


async def launch_and_complete(product: Product) -> None:
    """A campaign to everyone with an order, so that texts and addresses are in the ledger."""
    rules = {"combinator": "and", "rules": [{"field": "total_orders", "operator": ">=", "value": 0}]}
    segment = await product.ask("POST", "/segments", json={"name": "All", "rules": rules})
    campaign = await product.ask(
        "POST",
        "/campaigns",
        json={
            "name": "Hello",
            "segment_id": segment["segment_id"],
            "message_template": "Hi {{ name }}, {{ email }}",
        },
    )
    path = f"/campaigns/{campaign['campaign_id']}"
    await product.ask("POST", f"{path}/launch")
    async with asyncio.timeout(60):
        while (await product.ask("GET", path))["status"] != "COMPLETED":
            await asyncio.sleep(0.1)


def databases_of(product: Product) -> dict[str, str]:
    settings = json.loads((product.home / "run" / "env.json").read_text())
    names = [
        *DATABASES,
        *(["XENCRM_BROKER_URL"] if settings["XENCRM_BROKER_URL"].startswith("postgresql") else []),
    ]
    return {name: settings[name] for name in names}


async def value_of(product: Product, database: str, query: str) -> Any:
    connection = await asyncpg.connect(databases_of(product)[database])
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_nothing_of_an_erased_person_is_left_and_the_sums_hold(product: Product) -> None:
    await asyncio.gather(
        *(post_person(product, person, email=f"former-{email_of(person)}") for person in range(PEOPLE))
    )
    await until_people(product, PEOPLE)
    ids = {
        email.removeprefix("former-"): customer_id
        for email, customer_id in (await people_of(product)).items()
    }
    for email, customer_id in ids.items():
        changed = await product.ask("PATCH", f"/customers/{customer_id}", json={"email": email})
        if "event_id" in changed:
            await settled(product, [changed["event_id"]])
    first = [await post_order(product, {"customer_email": email}, "10.00") for email in ids]
    orders = {str(event_id): Decimal("10.00") for event_id in first}
    assert set((await settled(product, list(orders))).values()) == {"applied"}
    await launch_and_complete(product)
    talk = {"version": 1, "content": " ".join([ids[email_of(0)], *traces_of(0)])}
    await product.ask("PUT", "/conversation", json=talk)

    raced = await asyncio.gather(*(race(product, person, ids[email_of(person)]) for person in ERASED))
    orders |= {event_id: amount for accepted in raced for event_id, amount in accepted}
    standings = await settled(product, list(orders))
    # a post accepted after the erasure is about somebody new, who wants to be erased as well
    while left := {email: found for email, found in (await people_of(product)).items() if is_erased(email)}:
        await asyncio.gather(*(erase(product, customer_id) for customer_id in left.values()))
    standings = await settled(product, list(orders))

    await time_passes(product)
    standings = await settled(product, list(orders))

    expected = sum(amount for event_id, amount in orders.items() if standings[event_id] == "applied")
    await until_sums(product, expected)
    await until_profiles(product, PEOPLE - len(ERASED))
    assert await value_of(product, "XENCRM_MASTER_DB_URL", "SELECT count(*) FROM dead_letters") == 0
    await nothing_is_left(product)
    assert await tables_with(databases_of(product)["XENCRM_MASTER_DB_URL"], traces_of(1)), (
        "others are as before"
    )


async def time_passes(product: Product) -> None:
    """An order that was let in while the erasure was on its way waits for an hour for somebody to come."""
    age = "UPDATE waiting_orders SET waiting_since = now() - interval '2 hours'"
    await value_of(product, "XENCRM_MASTER_DB_URL", age)
    async with asyncio.timeout(30):
        while await value_of(product, "XENCRM_MASTER_DB_URL", "SELECT count(*) FROM waiting_orders"):
            await asyncio.sleep(0.2)


def is_erased(email: str) -> bool:
    return any(email == email_of(person) for person in ERASED)


async def until_sums(product: Product, expected: Decimal | int) -> None:
    """The orders of both databases make what was applied, the customers who stay have theirs."""
    total = "SELECT sum(order_amount) FROM {} WHERE order_status = 'COMPLETED'"
    assert await value_of(product, "XENCRM_MASTER_DB_URL", total.format("orders")) == expected
    async with asyncio.timeout(20):
        while await value_of(product, "XENCRM_BUSINESS_DB_URL", total.format("orders_mv")) != expected:
            await asyncio.sleep(0.1)
    wrong = """
        SELECT count(*) FROM customers
        WHERE orders_spend <> (SELECT coalesce(sum(order_amount), 0) FROM orders
                               WHERE orders.customer_id = customers.customer_id)
    """
    assert await value_of(product, "XENCRM_MASTER_DB_URL", wrong) == 0


async def until_profiles(product: Product, count: int) -> None:
    async with asyncio.timeout(20):
        while await value_of(product, "XENCRM_BUSINESS_DB_URL", "SELECT count(*) FROM customers_mv") != count:
            await asyncio.sleep(0.1)


async def nothing_is_left(product: Product) -> None:
    """Queues are drained by and by; PostgreSQL's own files hold dead rows until they are vacuumed."""
    traces = [trace for person in ERASED for trace in traces_of(person)]
    for name, url in databases_of(product).items():
        async with asyncio.timeout(30):
            while found := await tables_with(url, traces):
                assert found <= {"public.frame", "public.outbox"}, f"{name}: {found}"
                await asyncio.sleep(0.2)
    assert files_with(product.home, traces, but=product.cluster) == set()
