"""Parts are killed at random while work goes on: nothing acknowledged is lost, nothing is sent twice."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.product import Product, running_product

KILLS = 10
CUSTOMERS = 2000
ORDERS = 5000
CLIENTS = 4
PACE = {
    "XENCRM_SEND_LEASE_S": "6",
    "XENCRM_SEND_BATCH": "50",
    "XENCRM_RETRY_BASE_S": "0.2",
    "XENCRM_LOG_LEVEL": "WARNING",
}


@pytest.fixture(params=["rabbitmq", "embedded"])
def environment(request: pytest.FixtureRequest) -> dict[str, str]:
    """The product uses its own broker unless it is given another."""
    if request.param == "embedded":
        return PACE
    return {**PACE, "XENCRM_BROKER_URL": request.getfixturevalue("rabbitmq_url")}


@pytest.fixture
async def product(tmp_path: Path, environment: dict[str, str]) -> AsyncIterator[Product]:
    async with running_product(tmp_path, **environment) as running:
        yield running


class Killer:
    """SIGKILLs a random part again and again, until it has done so often enough."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self.killed: list[str] = []

    async def run(self) -> None:
        while len(self.killed) < KILLS:
            await asyncio.sleep(random.uniform(0.3, 1.2))
            name, pid = random.choice(sorted(self._product.pids().items()))
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self.killed.append(name)


def address(number: int) -> str:
    return f"person{number}@shop.example"


async def post_customers(product: Product) -> None:
    rows = [{"name": f"Person {number}", "email": address(number)} for number in range(CUSTOMERS)]
    await product.ask("POST", "/customers/batch", json=rows)
    await until_totals(product, {"customers": CUSTOMERS})


async def until_totals(product: Product, expected: dict[str, Any], *, within_s: float = 60) -> None:
    """Waits until the dashboard's totals are as expected."""
    deadline = asyncio.get_running_loop().time() + within_s
    while True:
        totals = (await product.ask_patiently("GET", "/dashboard"))["totals"]
        if {name: totals[name] for name in expected} == expected:
            return
        assert asyncio.get_running_loop().time() < deadline, f"{totals}, not {expected}"
        await asyncio.sleep(0.2)


async def post_orders(product: Product, client: int, killer: Killer) -> dict[str, Decimal]:
    """Posts a client's share with keys, each until it is acknowledged; returns what was spent by whom."""
    chosen = random.Random(client)
    spent: dict[str, Decimal] = {}
    for index in range(ORDERS // CLIENTS):
        email, amount = address(chosen.randrange(CUSTOMERS)), Decimal(chosen.randrange(100_00)) / 100
        body = {"customer_email": email, "order_amount": str(amount)}
        key = {"Idempotency-Key": f"{client}-{index}"}
        await product.ask_patiently("POST", "/orders", json=body, headers=key)
        spent[email] = spent.get(email, Decimal(0)) + amount
        if len(killer.killed) < KILLS:  # the work has to last as long as the kills do
            await asyncio.sleep(0.005)
    return spent


async def all_profiles(product: Product) -> dict[str, Any]:
    profiles: dict[str, Any] = {}
    cursor = ""
    while True:
        page = await product.ask_patiently("GET", f"/profiles?limit=1000&cursor={cursor}")
        profiles |= {item["email"]: item for item in page["items"]}
        cursor = page["next_cursor"]
        if cursor is None:
            return profiles


async def test_orders_and_a_campaign_survive_random_kills(product: Product) -> None:
    await post_customers(product)
    await orders_survive(product)
    await a_campaign_survives(product)


async def orders_survive(product: Product) -> None:
    killer = Killer(product)
    shares, _ = await asyncio.gather(
        asyncio.gather(*(post_orders(product, client, killer) for client in range(CLIENTS))), killer.run()
    )
    spent: dict[str, Decimal] = {}
    for share in shares:
        for email, amount in share.items():
            spent[email] = spent.get(email, Decimal(0)) + amount
    assert len(killer.killed) == KILLS
    revenue = str(sum(spent.values()))
    await until_totals(product, {"orders": ORDERS, "revenue": revenue})
    profiles = await all_profiles(product)
    assert {email: Decimal(item["total_spend"]) for email, item in profiles.items()} == {
        address(number): spent.get(address(number), Decimal(0)) for number in range(CUSTOMERS)
    }
    assert (await product.ask_patiently("GET", "/operations"))["dead_letters"] == 0


async def a_campaign_survives(product: Product) -> None:
    await product.simulator("/v1/dials", "PUT", json={"latency_ms": 900, "latency_jitter_ms": 200})
    rules = {"combinator": "and", "rules": [{"field": "total_orders", "operator": ">=", "value": 0}]}
    segment = await product.ask("POST", "/segments", json={"name": uuid4().hex, "rules": rules})
    campaign = await product.ask(
        "POST",
        "/campaigns",
        json={
            "name": "Kills",
            "segment_id": segment["segment_id"],
            "message_template": "Hi {{ first_name }}, thank you for {{ total_orders }} orders.",
        },
    )
    path = f"/campaigns/{campaign['campaign_id']}"
    await product.ask("POST", f"{path}/launch")
    killer = Killer(product)
    killing = asyncio.create_task(killer.run())
    stats = await watched(product, path)
    assert killing.done(), "the campaign has to last longer than the kills"
    accepted = await product.simulator("/v1/stats")
    assert stats["audience"] == CUSTOMERS
    assert stats["delivered"] + stats["failed"] == CUSTOMERS
    assert accepted["accepted"] == accepted["unique_accepted"], "each message accepted at most once"
    assert accepted["delivered"] == stats["delivered"]


async def watched(product: Product, path: str) -> dict[str, Any]:
    """The stats at completion; I1 is held to in every answer on the way."""
    async with asyncio.timeout(180):
        while True:
            stats = await product.ask_patiently("GET", f"{path}/stats")
            names = (
                "pending",
                "sending",
                "sent",
                "delivered",
                "failed",
                "skipped",
                "cancelled",
                "unconfirmed",
            )
            assert sum(stats[name] for name in names) == stats["audience"]
            if stats["status"] == "COMPLETED":
                return dict(stats)
            await asyncio.sleep(0.2)
