"""Campaigns as the benches make them: launched, waited for, and their numbers."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from bench.measures import TEXT
from tests.support.product import Product

POLL_S = 0.1
WITHIN_S = 600

Stats = dict[str, Any]


@dataclass(frozen=True)
class Launched:
    """`began`: of the launch, on the clock of time.perf_counter."""

    path: str
    began: float


async def launch(product: Product, rules: dict[str, Any], **fields: Any) -> Launched:
    segment = await product.ask("POST", "/segments", json={"name": uuid4().hex, "rules": rules})
    body = {"name": "Bench", "segment_id": segment["segment_id"], "message_template": TEXT, **fields}
    campaign = await product.ask("POST", "/campaigns", json=body)
    path = f"/campaigns/{campaign['campaign_id']}"
    began = time.perf_counter()
    await product.ask("POST", f"{path}/launch")
    return Launched(path, began)


async def until(
    product: Product, launched: Launched, reached: Callable[[Stats], bool]
) -> tuple[Stats, float]:
    """The campaign's numbers when they have come so far, and the seconds since the launch."""
    async with asyncio.timeout(WITHIN_S):
        while not reached(stats := await product.ask("GET", f"{launched.path}/stats")):
            await asyncio.sleep(POLL_S)
    return stats, time.perf_counter() - launched.began


def settled(stats: Stats) -> int:
    """Messages of which the vendor's last word is there; SENT is the last one of a mail server."""
    return int(stats["delivered"] + stats["failed"] + stats["sent"])


def is_completed(stats: Stats) -> bool:
    return bool(stats["status"] == "COMPLETED")


def of_the_first(customers: int) -> dict[str, Any]:
    """A rule for the first of the million in tests/support/crowd.py, one of whom came a minute; as it asks
    about the status, nobody is left out."""
    before = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=customers, seconds=30)
    return {
        "combinator": "and",
        "rules": [
            {"field": "created_at", "operator": "<=", "value": before.isoformat()},
            {"field": "status", "operator": "in", "value": ["ACTIVE", "INACTIVE"]},
        ],
    }


EVERYBODY: dict[str, Any] = {
    "combinator": "and",
    "rules": [{"field": "status", "operator": "in", "value": ["ACTIVE", "INACTIVE"]}],
}
