"""What is measured on a running product. Every figure has its unit in its name."""

import asyncio
import json
import statistics
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec

from bench import bare
from bench.load import Load
from tests.support.ingestion import free_port
from tests.support.product import Product

CUSTOMERS = 40_000
ORDERS = 100_000
ROWS = 1000
POSTS_AT_ONCE = 4
LAG_POSTS = 100
VENDOR_LATENCY_MS = 50
TEXT = 'Hi {{ first_name | default: "there" }}, thank you for {{ total_orders }} orders.'


async def load(port: int, key: str, *, connections: int = 64, seconds: float = 5) -> Load:
    arguments = ["-m", "bench.load", str(port), key, str(connections), str(seconds)]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    return msgspec.json.decode(output, type=Load)


async def bare_posts() -> Load:
    """The limit: the lean handler alone."""
    port = free_port()
    server = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.bare", str(port))
    try:
        await _until_open(port)
        return await load(port, bare.KEY)
    finally:
        server.terminate()
        await server.wait()


async def _until_open(port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                return writer.close()


def inner_port(product: Product, part: str) -> int:
    return int(json.loads((product.home / "ports.json").read_text())[part])


async def single_posts(product: Product) -> dict[str, Any]:
    """Straight to Ingestion's own port, and through the port in front."""
    key = product.credentials["api_key"]
    direct = await load(inner_port(product, "ingestion"), key)
    front = await load(product.port, key)
    return {"direct": asdict(direct), "front": asdict(front)}


def setting(product: Product, name: str) -> str:
    """A setting that the parts of the installation were given."""
    return str(json.loads((product.home / "run" / "env.json").read_text())[name])


async def installation_db(product: Product, name: str) -> "asyncpg.Connection[asyncpg.Record]":
    return await asyncpg.connect(setting(product, name))


async def business_db(product: Product) -> "asyncpg.Connection[asyncpg.Record]":
    return await installation_db(product, "XENCRM_BUSINESS_DB_URL")


async def until_value(connection: "asyncpg.Connection[asyncpg.Record]", query: str, value: Any) -> None:
    async with asyncio.timeout(300):
        while await connection.fetchval(query) != value:
            await asyncio.sleep(0.1)


async def customers_end_to_end(product: Product) -> float:
    """Customers a second, posted in batches until all are in `customers_mv`."""
    bodies = [
        [{"name": f"Buyer {n}", "email": buyer(n), "attributes": {"city": "Pune"}} for n in part]
        for part in _parts(CUSTOMERS)
    ]
    return await _end_to_end(
        product,
        "/customers/batch",
        bodies,
        "SELECT count(*)::int FROM customers_mv WHERE email LIKE 'buyer%'",
        CUSTOMERS,
    )


async def orders_end_to_end(product: Product) -> float:
    """Orders a second, posted in batches until all are counted in `customers_mv`."""
    run = uuid4().hex[:8]
    bodies = [
        [
            {
                "customer_email": buyer(n * 7919 % CUSTOMERS),
                "order_amount": "12.50",
                "order_id": f"{run}-{n}",
            }
            for n in part
        ]
        for part in _parts(ORDERS)
    ]
    connection = await business_db(product)
    before = await connection.fetchval("SELECT coalesce(sum(total_orders), 0)::int FROM customers_mv")
    await connection.close()
    query = "SELECT sum(total_orders)::int FROM customers_mv"
    return await _end_to_end(product, "/orders/batch", bodies, query, before + ORDERS)


def buyer(number: int) -> str:
    return f"buyer{number}@bench.example"


def _parts(total: int) -> list[range]:
    return [range(start, min(start + ROWS, total)) for start in range(0, total, ROWS)]


async def _end_to_end(product: Product, path: str, bodies: list[Any], query: str, expected: int) -> float:
    encoded = [msgspec.json.encode(body) for body in bodies]
    room = asyncio.Semaphore(POSTS_AT_ONCE)

    async def post(body: bytes) -> None:
        async with room:
            await product.ask("POST", path, data=body, headers={"Content-Type": "application/json"})

    connection = await business_db(product)
    began = time.perf_counter()
    await asyncio.gather(*(post(body) for body in encoded))
    await until_value(connection, query, expected)
    elapsed = time.perf_counter() - began
    await connection.close()
    return sum(len(body) for body in bodies) / elapsed


async def lag_ms(product: Product) -> dict[str, float]:
    """From the start of one post to its customer in `customers_mv`, on an idle system."""
    connection = await business_db(product)
    lags = []
    for _ in range(LAG_POSTS):
        email = f"lag{uuid4().hex[:12]}@bench.example"
        began = time.perf_counter()
        await product.ask("POST", "/customers", json={"name": "Lag", "email": email})
        while not await connection.fetchval("SELECT true FROM customers_mv WHERE email = $1", email):
            await asyncio.sleep(0.001)
        lags.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.05)
    await connection.close()
    lags.sort()
    return {"median": statistics.median(lags), "p95": lags[len(lags) * 95 // 100]}


async def delivery(product: Product) -> dict[str, float]:
    """Messages a second from launch to COMPLETED, and of the preparing alone."""
    await product.simulator("/v1/dials", "PUT", json={"latency_ms": VENDOR_LATENCY_MS, "success_rate": 0.9})
    rules = {
        "combinator": "and",
        "rules": [{"field": "email", "operator": "beginsWith", "value": "buyer"}],
    }
    segment = await product.ask("POST", "/segments", json={"name": uuid4().hex, "rules": rules})
    campaign = await product.ask(
        "POST",
        "/campaigns",
        json={
            "name": "Bench",
            "segment_id": segment["segment_id"],
            "message_template": TEXT,
        },
    )
    path = f"/campaigns/{campaign['campaign_id']}"
    began = time.perf_counter()
    await product.ask("POST", f"{path}/launch")
    settled = 0.0
    async with asyncio.timeout(300):
        while (stats := await product.ask("GET", f"{path}/stats"))["status"] != "COMPLETED":
            if not settled and stats["delivered"] + stats["failed"] >= 0.9 * CUSTOMERS:
                settled = time.perf_counter() - began
            await asyncio.sleep(0.05)
    elapsed = time.perf_counter() - began
    return {
        "messages_per_s": stats["audience"] / elapsed,
        "first_90_percent_per_s": 0.9 * CUSTOMERS / settled if settled else stats["audience"] / elapsed,
        "audience": stats["audience"],
    }


def peak_memory_mb(product: Product) -> dict[str, float]:
    """The most resident memory each part has had so far."""
    return {name: _peak_mb(pid) for name, pid in sorted(product.pids().items())}


def _peak_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
