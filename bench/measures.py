"""What is measured on a running product. Every figure has its unit in its name."""

import asyncio
import statistics
import sys
import time
from dataclasses import asdict
from typing import Any
from uuid import uuid4

import msgspec

from bench import bare
from bench.batches import CUSTOMERS, HOST
from bench.installation import databases, inner_port
from bench.load import Load
from tests.support.ports import free_port
from tests.support.product import Product

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
        await until_open(port)
        return await load(port, bare.KEY)
    finally:
        server.terminate()
        await server.wait()


async def until_open(port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                return writer.close()


async def single_posts(product: Product) -> dict[str, Any]:
    """Straight to Ingestion's own port, and through the port in front."""
    key = product.credentials["api_key"]
    direct = await load(inner_port(product, "ingestion"), key)
    front = await load(product.port, key)
    return {"direct": asdict(direct), "front": asdict(front)}


async def lag_ms(product: Product) -> dict[str, float]:
    """From the start of one post to its customer in `customers_mv`, on an idle system."""
    lags = []
    async with databases(product) as dbs:
        for _ in range(LAG_POSTS):
            email = f"lag{uuid4().hex[:12]}@{HOST}"
            began = time.perf_counter()
            await product.ask("POST", "/customers", json={"name": "Lag", "email": email})
            while not await dbs.business.fetchval("SELECT true FROM customers_mv WHERE email = $1", email):
                await asyncio.sleep(0.001)
            lags.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(0.05)
    lags.sort()
    return {"median": statistics.median(lags), "p95": lags[len(lags) * 95 // 100]}


async def delivery(product: Product, prefix: str) -> dict[str, float]:
    """Messages a second from launch to COMPLETED, to the customers whose e-mails begin with `prefix`."""
    await product.simulator("/v1/dials", "PUT", json={"latency_ms": VENDOR_LATENCY_MS, "success_rate": 0.9})
    rules = {
        "combinator": "and",
        "rules": [{"field": "email", "operator": "beginsWith", "value": f"{prefix}."}],
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
