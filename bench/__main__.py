"""`make bench`: starts its own parts, measures, prints a table and writes JSON.

Load generator, databases, broker and the product share this machine.
"""

import argparse
import json
import os
import platform
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console
from rich.table import Table

from bench import batches, campaigns, isolation, limits, measures, screens
from bench.installation import peak_memory_mb
from bench.million import among_a_million
from bench.processor import processor_us
from tests.support.product import Product, running_product
from tests.support.rabbitmq import RabbitServer

RESULTS = Path(__file__).parent / "results"
BROKERS = ("rabbitmq", "embedded")
PREFIX = "buyer"
WARM_UP_ORDERS = 50_000
console = Console()


@asynccontextmanager
async def broker_settings(kind: str) -> AsyncIterator[dict[str, str]]:
    """What a product is given for a broker that runs as long."""
    if kind == "embedded":
        yield {}
        return
    server = RabbitServer()
    await server.start()
    try:
        yield {"XENCRM_BROKER_URL": await server.fresh_vhost()}
    finally:
        await server.stop()


async def measure_product(environment: dict[str, str], *, million: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir=Path.home(), prefix=".xencrm-bench-") as folder:
        async with running_product(Path(folder), XENCRM_LOG_LEVEL="WARNING", **environment) as product:
            return await figures_of(product, million=million)


async def figures_of(product: Product, *, million: bool) -> dict[str, Any]:
    console.print("  lag")
    figures: dict[str, Any] = {"lag_ms": await measures.lag_ms(product)}
    console.print("  batches")
    emails = batches.customer_emails(PREFIX)
    async with processor_us(product, batches.CUSTOMERS) as figures["processor_us_per_customer"]:
        figures["customers_per_s"] = await batches.customers_per_s(product, PREFIX)
    # After a checkpoint the first writes pay for full pages.
    await batches.orders_per_s(product, emails, WARM_UP_ORDERS)
    async with processor_us(product, batches.ORDERS) as figures["processor_us_per_order"]:
        figures["orders_per_s"] = await batches.orders_per_s(product, emails)
    console.print("  delivery")
    figures["delivery"] = await measures.delivery(product, PREFIX)
    console.print("  single posts")
    figures["single_posts"] = await measures.single_posts(product)
    figures["peak_memory_mb"] = peak_memory_mb(product)
    console.print("  limits")
    figures["limits"] = {
        "copy_per_s": await limits.copy_rate(product),
        "vendor_per_s": await limits.vendor_rate(product),
        **await limits.broker_rates(product),
    }
    if million:
        console.print("  a million customers")
        figures["among_a_million"] = await among_a_million(product)
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
        *processor_rows_of("customer", found["processor_us_per_customer"]),
        *processor_rows_of("order", found["processor_us_per_order"]),
        *million_rows_of(found),
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


def processor_rows_of(what: str, used: dict[str, float]) -> Iterator[tuple[str, float, float]]:
    for part, microseconds in used.items():
        if microseconds >= 1:
            yield f"processor time, {what}, {part}, µs (all parts)", microseconds, sum(used.values())


def million_rows_of(found: dict[str, Any]) -> Iterator[tuple[str, float, float]]:
    many = found.get("among_a_million", {})
    for what in ("customer", "order") if many else ():
        rate, processor = f"{what}s_per_s", f"processor_us_per_{what}"
        yield f"{what}s/s with a million there (without)", many[rate], found[rate]
        yield "  processor time, µs", sum(many[processor].values()), sum(found[processor].values())


def table_of(kind: str, rows: Iterable[tuple[str, float, float]]) -> Table:
    table = Table(title=f"XenCRM on one machine with {kind}, everything included")
    table.add_column("figure (its limit)")
    for title in ("measured", "limit", "ratio"):
        table.add_column(title, justify="right")
    for name, figure, limit in rows:
        table.add_row(name, _shown(figure), _shown(limit), f"{figure / limit:.2f}")
    return table


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.2f}"


async def measure_all(brokers: list[str], results: dict[str, Any], *, million: bool) -> list[Table]:
    console.print("bare handler")
    bare = results["bare_posts"] = asdict(await measures.bare_posts())
    for kind in brokers:
        console.print(kind)
        async with broker_settings(kind) as environment:
            results["brokers"][kind] = await measure_product(environment, million=million)
    return [table_of(kind, rows_of(found, bare)) for kind, found in results["brokers"].items()]


async def measure_campaigns(
    brokers: list[str], results: dict[str, Any], *, million: bool, ten_million: bool
) -> list[Table]:
    for kind in brokers:
        console.print(kind)
        async with broker_settings(kind) as environment:
            found = results["brokers"][kind] = {}
            if million:
                found.update(await campaigns.measure_campaigns(environment))
            if ten_million:
                found.update(await campaigns.measure_ten_million(environment))
    return [table_of(kind, campaigns.rows_of(found)) for kind, found in results["brokers"].items()]


async def measure_isolation(brokers: list[str], results: dict[str, Any]) -> list[Table]:
    for kind in brokers:
        console.print(kind)
        async with broker_settings(kind) as environment:
            results["brokers"][kind] = await isolation.measure(environment)
    return [table_of(kind, isolation.rows_of(found)) for kind, found in results["brokers"].items()]


async def measure_screens(brokers: list[str], results: dict[str, Any]) -> list[Table]:
    for kind in brokers:
        console.print(kind)
        async with broker_settings(kind) as environment:
            results["brokers"][kind] = await screens.measure(environment)
    return [table_of(kind, screens.rows_of(found)) for kind, found in results["brokers"].items()]


async def run(options: argparse.Namespace) -> None:
    results: dict[str, Any] = {
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "system": platform.platform(),
        },
        "brokers": {},
    }
    if options.campaigns or options.ten_million:
        name, brokers = "campaigns", options.broker or ["embedded"]
        many = {"million": options.campaigns, "ten_million": options.ten_million}
        tables = await measure_campaigns(brokers, results, **many)
    elif options.isolation:
        name, brokers = "isolation", options.broker or list(BROKERS)
        tables = await measure_isolation(brokers, results)
    elif options.ui:
        name, brokers = "ui", options.broker or ["embedded"]
        tables = await measure_screens(brokers, results)
    else:
        name, brokers = "latest", options.broker or list(BROKERS)
        tables = await measure_all(brokers, results, million=options.million)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(results, indent=2) + "\n")
    for table in tables:
        console.print(table)
    console.print(f"written to {path}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--broker", choices=BROKERS, action="append")
    parser.add_argument("--million", action="store_true", help="also with a million customers there already")
    parser.add_argument("--campaigns", action="store_true", help="instead: segments, campaigns and delivery")
    parser.add_argument(
        "--ten-million", action="store_true", help="instead, or besides: previews of ten million"
    )
    parser.add_argument("--isolation", action="store_true", help="instead: delivery while Ingestion is busy")
    parser.add_argument("--ui", action="store_true", help="instead: what people at a screen wait for")
    uvloop.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
