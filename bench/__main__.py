"""`make bench`: starts its own parts, measures, prints a table and writes JSON.

Load generator, databases, broker and the product share this machine.
"""

import argparse
import json
import os
import platform
import tempfile
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console
from rich.table import Table

from bench import measures
from tests.support.product import running_product
from tests.support.rabbitmq import RabbitServer

RESULTS = Path(__file__).parent / "results"
BROKERS = ("rabbitmq", "embedded")
console = Console()


async def measure_broker(kind: str) -> dict[str, Any]:
    if kind == "embedded":
        return await measure_product({})
    server = RabbitServer()
    await server.start()
    try:
        return await measure_product({"XENCRM_BROKER_URL": await server.fresh_vhost()})
    finally:
        await server.stop()


async def measure_product(environment: dict[str, str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir=Path.home(), prefix=".xencrm-bench-") as folder:
        async with running_product(Path(folder), XENCRM_LOG_LEVEL="WARNING", **environment) as product:
            console.print("  lag")
            figures: dict[str, Any] = {"lag_ms": await measures.lag_ms(product)}
            console.print("  batches")
            figures["customers_per_s"] = await measures.customers_end_to_end(product)
            await measures.orders_end_to_end(product)  # after a checkpoint the first run pays for full pages
            figures["orders_per_s"] = await measures.orders_end_to_end(product)
            console.print("  delivery")
            figures["delivery"] = await measures.delivery(product)
            console.print("  single posts")
            figures["single_posts"] = await measures.single_posts(product)
            figures["peak_memory_mb"] = measures.peak_memory_mb(product)
            return figures


def table_of(results: dict[str, Any]) -> Table:
    table = Table(title="XenCRM on one machine, everything included")
    for title in ("figure", *results["brokers"], "limit"):
        table.add_column(title, justify="left" if title == "figure" else "right")
    bare_rate = results["bare_posts"]["rate"]
    rows = {
        "single posts/s, 64 connections": (lambda f: f["single_posts"]["direct"]["rate"], bare_rate),
        "  as a share of the bare handler": (
            lambda f: f["single_posts"]["direct"]["rate"] / bare_rate,
            1.0,
        ),
        "  p50 ms": (lambda f: f["single_posts"]["direct"]["p50_ms"], results["bare_posts"]["p50_ms"]),
        "  through the port in front": (lambda f: f["single_posts"]["front"]["rate"], bare_rate),
        "customers/s end to end": (lambda f: f["customers_per_s"], None),
        "orders/s end to end": (lambda f: f["orders_per_s"], None),
        "delivery messages/s": (lambda f: f["delivery"]["messages_per_s"], None),
        "  until 90 % are settled": (lambda f: f["delivery"]["first_90_percent_per_s"], None),
        "lag of one post, median ms": (lambda f: f["lag_ms"]["median"], None),
        "lag of one post, p95 ms": (lambda f: f["lag_ms"]["p95"], None),
    }
    for name, (figure, limit) in rows.items():
        values = [_shown(figure(found)) for found in results["brokers"].values()]
        table.add_row(name, *values, "" if limit is None else _shown(limit))
    for part in sorted({part for found in results["brokers"].values() for part in found["peak_memory_mb"]}):
        values = [_shown(found["peak_memory_mb"].get(part, 0)) for found in results["brokers"].values()]
        table.add_row(f"peak memory of {part}, MB", *values, "")
    return table


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.2f}"


async def run(brokers: list[str]) -> None:
    results: dict[str, Any] = {
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "system": platform.platform(),
        }
    }
    console.print("bare handler")
    results["bare_posts"] = measures.asdict(await measures.bare_posts())
    results["brokers"] = {}
    for kind in brokers:
        console.print(kind)
        results["brokers"][kind] = await measure_broker(kind)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / "latest.json"
    path.write_text(json.dumps(results, indent=2) + "\n")
    console.print(table_of(results))
    console.print(f"written to {path}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--broker", choices=BROKERS, action="append")
    uvloop.run(run(parser.parse_args().broker or list(BROKERS)))


if __name__ == "__main__":
    main()
