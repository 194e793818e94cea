"""Parts are killed at random while a campaign is sent: everybody gets it once, and the numbers add up."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.killing import part_of
from tests.support.product import Product, running_product
from tests.support.waiting import until

KILLS = 10
PARTS = ("postgres", "simulator", "campaigns", "ingestion", "front")
CUSTOMERS = 2000
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


async def kill_parts(product: Product) -> None:
    """SIGKILLs a random part again and again."""
    for _ in range(KILLS):
        await asyncio.sleep(random.uniform(0.3, 1.2))
        target = part_of(product, random.choice(PARTS))
        await target.until_up()
        await target.kill()


async def post_customers(product: Product) -> None:
    rows = [{"name": f"Person {n}", "email": f"person{n}@shop.example"} for n in range(CUSTOMERS)]
    await product.ask("POST", "/customers/batch", json=rows)

    async def customers() -> int:
        return int((await product.ask_patiently("GET", "/dashboard"))["totals"]["customers"])

    await until(customers, lambda count: count == CUSTOMERS, within_s=60)


async def test_a_campaign_survives_random_kills(product: Product) -> None:
    await post_customers(product)
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
    killing = asyncio.create_task(kill_parts(product))
    stats = await watched(product, path)
    assert killing.done(), "the campaign has to last longer than the kills"
    await killing
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
