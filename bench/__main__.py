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

from bench import limits, measures
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
            console.print("  limits")
            figures["limits"] = {
                "copy_per_s": await limits.copy_rate(product),
                "vendor_per_s": await limits.vendor_rate(product),
                **await limits.broker_rates(product),
            }
            return figures


def rows_of(found: dict[str, Any], bare: dict[str, Any]) -> list[tuple[str, float, float]]:
    """Name, figure and limit."""
    posts, alone = found["single_posts"], found["limits"]
    delivery, lag = found["delivery"], found["lag_ms"]
    return [
        ("single posts/s, 64 connections (limit: bare handler)", posts["direct"]["rate"], bare["rate"]),
        ("  through the port in front", posts["front"]["rate"], bare["rate"]),
        ("  p50 ms", posts["direct"]["p50_ms"], bare["p50_ms"]),
        ("  p99 ms", posts["direct"]["p99_ms"], bare["p99_ms"]),
        ("customers/s end to end (COPY of orders)", found["customers_per_s"], alone["copy_per_s"]),
        ("orders/s end to end (COPY of orders)", found["orders_per_s"], alone["copy_per_s"]),
        ("  (the broker's events/s)", found["orders_per_s"], alone["events_per_s"]),
        (
            "delivery messages/s, launch to COMPLETED (vendor)",
            delivery["messages_per_s"],
            alone["vendor_per_s"],
        ),
        ("  until 90 % are settled", delivery["first_90_percent_per_s"], alone["vendor_per_s"]),
        ("lag of one post, median ms (two broker hops)", lag["median"], 2 * alone["hop_ms"]),
        ("  p95 ms", lag["p95"], 2 * alone["hop_ms"]),
        *((f"peak memory of {part}, MB", peak, 250.0) for part, peak in found["peak_memory_mb"].items()),
    ]


def table_of(kind: str, found: dict[str, Any], bare: dict[str, Any]) -> Table:
    table = Table(title=f"XenCRM on one machine with {kind}, everything included")
    table.add_column("figure (its limit)")
    for title in ("measured", "limit", "ratio"):
        table.add_column(title, justify="right")
    for name, figure, limit in rows_of(found, bare):
        table.add_row(name, _shown(figure), _shown(limit), f"{figure / limit:.2f}")
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
    for kind, found in results["brokers"].items():
        console.print(table_of(kind, found, results["bare_posts"]))
    console.print(f"written to {path}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--broker", choices=BROKERS, action="append")
    uvloop.run(run(parser.parse_args().broker or list(BROKERS)))


if __name__ == "__main__":
    main()
