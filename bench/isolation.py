"""What ingestion under full load leaves of a campaign's delivery, on one machine."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import msgspec

from bench import batches
from bench.installation import databases
from bench.launching import is_completed, launch, until
from bench.measures import VENDOR_LATENCY_MS
from bench.processor import processor_us
from tests.support.product import Product, running_product

PREFIX: Final = "isolated"
LEAD_S: Final = 3.0
MOST_BEHIND: Final = 40_000
COUNT_ORDERS: Final = "SELECT count(*)::int FROM orders"
ALL_BUYERS: Final = {
    "combinator": "and",
    "rules": [{"field": "email", "operator": "beginsWith", "value": f"{PREFIX}."}],
}


class Load:
    """Batches of orders from several clients, as fast as Ingestion applies them: `applied` so far."""

    def __init__(self, product: Product) -> None:
        self.applied = 0
        self._product = product
        self._posted = 0
        self._run = uuid4().hex[:8]
        self._numbers = count()
        self._emails = batches.customer_emails(PREFIX)

    async def run(self) -> None:
        """For ever; Ingestion always has more than it can do."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch())
            for _ in range(batches.POSTS_AT_ONCE):
                tasks.create_task(self._post())

    async def _watch(self) -> None:
        async with databases(self._product) as dbs:
            before = await dbs.master.fetchval(COUNT_ORDERS)
            while True:
                self.applied = await dbs.master.fetchval(COUNT_ORDERS) - before
                await asyncio.sleep(0.2)

    async def _post(self) -> None:
        while True:
            if self._posted - self.applied > MOST_BEHIND:
                await asyncio.sleep(0.02)
                continue
            self._posted += batches.ROWS
            body = msgspec.json.encode([self._order(next(self._numbers)) for _ in range(batches.ROWS)])
            headers = {"Content-Type": "application/json"}
            await self._product.ask("POST", "/orders/batch", data=body, headers=headers)

    def _order(self, number: int) -> batches.Body:
        email = self._emails[number * batches.STEP % len(self._emails)]
        return {"customer_email": email, "order_amount": "12.50", "order_id": f"{self._run}-{number}"}


@asynccontextmanager
async def full_load(product: Product) -> AsyncIterator[Load]:
    load = Load(product)
    running = asyncio.create_task(load.run())
    await asyncio.sleep(LEAD_S)
    try:
        yield load
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def measure(environment: dict[str, str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir=Path.home(), prefix=".xencrm-bench-") as folder:
        async with running_product(Path(folder), XENCRM_LOG_LEVEL="WARNING", **environment) as product:
            return await figures_of(product)


async def figures_of(product: Product) -> dict[str, Any]:
    """A campaign to 50,000 alone, under load, and alone again; orders meanwhile and without a campaign."""
    await batches.customers_per_s(product, PREFIX)
    dials = {"latency_ms": VENDOR_LATENCY_MS, "success_rate": 1.0}
    await product.simulator("/v1/dials", "PUT", json=dials)
    await _messages_per_s(product)  # warm-up
    found: dict[str, Any] = {"messages_alone_per_s": [await _messages_per_s(product)]}
    async with full_load(product) as load:
        found["orders_alone_per_s"] = await _orders_per_s(load, 8.0)
        began, before = time.perf_counter(), load.applied
        async with processor_us(product, batches.CUSTOMERS) as found["processor_us_per_message"]:
            found["messages_under_load_per_s"] = await _messages_per_s(product)
        found["orders_meanwhile_per_s"] = (load.applied - before) / (time.perf_counter() - began)
    found["messages_alone_per_s"].append(await _messages_per_s(product))
    return found


def rows_of(found: dict[str, Any]) -> Iterator[tuple[str, float, float]]:
    """Name, figure and what it is compared with."""
    alone = sum(found["messages_alone_per_s"]) / len(found["messages_alone_per_s"])
    yield "messages/s under full ingestion (alone)", found["messages_under_load_per_s"], alone
    yield (
        "orders/s meanwhile (without a campaign)",
        found["orders_meanwhile_per_s"],
        found["orders_alone_per_s"],
    )


async def _messages_per_s(product: Product) -> float:
    launched = await launch(product, ALL_BUYERS)
    stats, took = await until(product, launched, is_completed)
    return float(stats["audience"] / took)


async def _orders_per_s(load: Load, seconds: float) -> float:
    began, before = time.perf_counter(), load.applied
    await asyncio.sleep(seconds)
    return (load.applied - before) / (time.perf_counter() - began)
