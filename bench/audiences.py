"""Writing down an audience of a million, what one is answered meanwhile, and the same rows written bare."""

import asyncio
import time
from typing import Any, Final
from uuid import uuid4

from bench.installation import Connection, databases
from bench.launching import EVERYBODY, Launched, launch, until
from tests.support.product import Product

READ: Final = (
    "/campaigns",
    "/segments",
    "/campaignStats",
    "/dashboard",
    "/customers?limit=50",
    "/operations",
)
PAUSE_S: Final = 0.05
GOING_ON_S: Final = 5.0
_COLUMNS: Final = "campaign_month, campaign_id, customer_id, state"
_ROWS: Final = """
    SELECT date_trunc('month', now())::date, $1::uuid, customer_id, 'PENDING' FROM customers_mv
    ORDER BY customer_id
"""


async def prepare_everybody(product: Product) -> dict[str, Any]:
    """Rows a second from the launch until the audience stands, and how long what is read meanwhile, and for
    some seconds of sending, takes (95th percentile). The campaign is cancelled."""
    launched = await launch(product, EVERYBODY)
    times: dict[str, list[float]] = {path: [] for path in (*READ, "/stats")}
    over = asyncio.Event()
    readers = [asyncio.create_task(_read(product, launched, path, times[path], over)) for path in times]
    stats, took = await until(product, launched, lambda stats: stats["status"] != "PREPARING")
    await asyncio.sleep(GOING_ON_S)
    over.set()
    await asyncio.gather(*readers)
    await product.ask("POST", f"{launched.path}/cancel")
    cancelled, _ = await until(product, launched, lambda stats: not stats["pending"] and not stats["sending"])
    return {
        "audience": stats["audience"],
        "prepared_per_s": stats["audience"] / took,
        "sent_meanwhile": cancelled["audience"] - cancelled["cancelled"],
        "p95_ms": {path: _p95(found) for path, found in times.items()},
    }


async def _read(
    product: Product, launched: Launched, path: str, times: list[float], over: asyncio.Event
) -> None:
    while not over.is_set():
        began = time.perf_counter()
        await product.ask("GET", f"{launched.path}/stats" if path == "/stats" else path)
        times.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(PAUSE_S)


def _p95(times: list[float]) -> float:
    return sorted(times)[len(times) * 95 // 100]


async def bare_rows_per_s(product: Product) -> dict[str, float]:
    """One INSERT ... SELECT of a million rows into a table as the ledger is: with all its indexes, and with
    those that keep its rows apart only."""
    async with databases(product) as dbs:
        return {
            "all_indexes": await _insert(dbs.business, "INCLUDING ALL"),
            "keys_only": await _insert(dbs.business, "INCLUDING DEFAULTS", keys=True),
        }


async def _insert(connection: Connection, likeness: str, *, keys: bool = False) -> float:
    await connection.execute(f"CREATE TABLE bench_log (LIKE communication_log {likeness})")
    if keys:
        await connection.execute("ALTER TABLE bench_log ADD PRIMARY KEY (message_id, campaign_month)")
        await connection.execute(
            "ALTER TABLE bench_log ADD UNIQUE (campaign_id, customer_id, campaign_month)"
        )
    began = time.perf_counter()
    answer = await connection.execute(f"INSERT INTO bench_log ({_COLUMNS}) {_ROWS}", uuid4())
    elapsed = time.perf_counter() - began
    await connection.execute("DROP TABLE bench_log")
    return int(answer.split()[-1]) / elapsed
