"""`python -m bench --campaigns`: previews, audiences and delivery among a million profiles."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from bench import audiences, deliveries, limits, mails, previews
from bench.installation import databases, peak_memory_mb
from tests.support.crowd import fill_business_db
from tests.support.ports import free_port
from tests.support.product import Product, running_product

PROFILES: Final = 1_000_000
TEN_MILLION: Final = 10_000_000
MOST_MB: Final = 250.0
MOST_P95_MS: Final = 100.0
WARM_UP_MESSAGES: Final = 20_000
Row = tuple[str, float, float]
console = Console()


async def measure_campaigns(environment: dict[str, str]) -> dict[str, Any]:
    port = free_port()
    settings = {**mails.mail_settings(port), **environment}
    async with new_product(settings) as product, mails.running_sink(port):
        return await _among_a_million(product, port)


async def measure_ten_million(environment: dict[str, str]) -> dict[str, Any]:
    async with new_product(environment) as product:
        return {"previews_10m": await _previews(product, TEN_MILLION)}


@asynccontextmanager
async def new_product(settings: dict[str, str]) -> AsyncIterator[Product]:
    with tempfile.TemporaryDirectory(dir=Path.home(), prefix=".xencrm-bench-") as folder:
        async with running_product(Path(folder), XENCRM_LOG_LEVEL="WARNING", **settings) as product:
            yield product


async def fill(product: Product, profiles: int) -> None:
    console.print(f"  {profiles:,} profiles")
    async with databases(product) as dbs:
        await dbs.business.execute("SET maintenance_work_mem = '1GB'")  # for the indexes
        await dbs.business.execute("SET synchronous_commit = off")
        await fill_business_db(dbs.business, profiles)


async def _previews(product: Product, profiles: int) -> dict[str, Any]:
    await fill(product, profiles)
    console.print("  previews")
    found = {name: asdict(preview) for name, preview in (await previews.previews(product)).items()}
    return {"rules": found, "scan_ms": await previews.scan_ms(product)}


async def _among_a_million(product: Product, port: int) -> dict[str, Any]:
    figures: dict[str, Any] = {"previews": await _previews(product, PROFILES)}
    console.print("  delivery in batches")
    # After a checkpoint the first writes pay for full pages.
    await deliveries.deliver(product, WARM_UP_MESSAGES)
    figures["in_batches"] = await deliveries.deliver(product, deliveries.MESSAGES)
    console.print("  delivery with two senders")
    figures["two_senders"] = await deliveries.deliver(product, deliveries.MESSAGES, senders=2)
    console.print("  mail")
    figures["mail"] = await mails.mail(product, port)
    figures["vendor_per_s"] = await limits.vendor_rate(product)
    console.print("  an audience of a million")
    figures["everybody"] = await audiences.prepare_everybody(product)
    figures["bare_rows_per_s"] = await audiences.bare_rows_per_s(product)
    figures["peak_memory_mb"] = peak_memory_mb(product)
    console.print("  delivery one by one")
    figures["one_by_one"] = await _one_by_one(product)
    return figures


async def _one_by_one(product: Product) -> dict[str, Any]:
    """Calls of one message each, as many at once as there have to be with answers of 50 ms."""
    await product.stop()
    product.environment.update(deliveries.SINGLE_CALLS)
    await product.start()
    return await deliveries.deliver(product, deliveries.ONE_BY_ONE)


def rows_of(found: dict[str, Any]) -> Iterator[Row]:
    """Name, figure and limit, of what was measured."""
    if "previews" in found:
        yield from _rows_of_previews(found["previews"], "1M")
        yield from _rows_of_campaigns(found)
    if "previews_10m" in found:
        yield from _rows_of_previews(found["previews_10m"], "10M")


def _rows_of_campaigns(found: dict[str, Any]) -> Iterator[Row]:
    everybody, bare = found["everybody"], found["bare_rows_per_s"]
    yield "prepared messages/s (one INSERT, all indexes)", everybody["prepared_per_s"], bare["all_indexes"]
    yield "  (one INSERT, keys only)", everybody["prepared_per_s"], bare["keys_only"]
    for path, ms in everybody["p95_ms"].items():
        yield f"  GET {path} meanwhile, p95 ms (wanted)", ms, MOST_P95_MS
    vendor, single = found["vendor_per_s"], deliveries.CALLS_AT_ONCE * 1000 / limits.VENDOR_LATENCY_MS
    yield from _rows_of_delivery("batches of 500, one sender", found["in_batches"], vendor)
    yield from _rows_of_delivery("batches of 500, two senders", found["two_senders"], vendor)
    yield from _rows_of_delivery("one by one, 200 calls at once", found["one_by_one"], single)
    yield "mails/s, launch to COMPLETED (the sink)", found["mail"]["mails_per_s"], found["mail"]["sink_per_s"]
    yield from _rows_of_processor("mail", found["mail"]["processor_us_per_mail"])
    for part, peak in found["peak_memory_mb"].items():
        yield f"peak memory of {part}, MB", peak, MOST_MB


def _rows_of_previews(found: dict[str, Any], profiles: str) -> Iterator[Row]:
    for name, preview in found["rules"].items():
        title = f"preview at {profiles}, {name}: {preview['count']:,}, ms (counting all by a scan)"
        yield title, preview["ms"], found["scan_ms"]


def _rows_of_delivery(how: str, found: dict[str, Any], limit: float) -> Iterator[Row]:
    yield f"messages/s, {how}, launch to COMPLETED (vendor)", found["messages_per_s"], limit
    yield "  until 90 % are settled", found["first_90_percent_per_s"], limit
    yield from _rows_of_processor("message", found["processor_us_per_message"])


def _rows_of_processor(what: str, used: dict[str, float]) -> Iterator[Row]:
    for part, microseconds in used.items():
        if microseconds >= 1:
            yield f"  processor time, {what}, {part}, µs (all parts)", microseconds, sum(used.values())
