"""Campaigns through the simulator: in batches and one by one, with one sender and with two."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any, Final

from bench.launching import is_completed, launch, of_the_first, settled, until
from bench.measures import VENDOR_LATENCY_MS
from bench.processor import processor_us
from tests.support.ports import free_port
from tests.support.product import Product

MESSAGES: Final = 200_000
ONE_BY_ONE: Final = 20_000
CALLS_AT_ONCE: Final = 200
SINGLE_CALLS: Final = {"XENCRM_SEND_BATCH": "1", "XENCRM_SEND_CONCURRENCY": str(CALLS_AT_ONCE)}


async def deliver(product: Product, messages: int, *, senders: int = 1, **fields: Any) -> dict[str, Any]:
    """From launch to COMPLETED, where refused messages wait for their next attempt; and until nine of ten are
    settled."""
    await product.simulator("/v1/dials", "PUT", json={"latency_ms": VENDOR_LATENCY_MS, "success_rate": 0.9})
    async with _another_sender(product) if senders > 1 else nullcontext():
        found: dict[str, Any] = {}
        async with processor_us(product, messages) as found["processor_us_per_message"]:
            launched = await launch(product, of_the_first(messages), **fields)
            _, most = await until(product, launched, lambda stats: settled(stats) >= 0.9 * messages)
            stats, took = await until(product, launched, is_completed)
    assert stats["audience"] == messages
    return {"messages_per_s": messages / took, "first_90_percent_per_s": 0.9 * messages / most, **found}


@asynccontextmanager
async def _another_sender(product: Product) -> AsyncIterator[None]:
    """In a process of its own; its processor time is in no figure."""
    environment = json.loads((product.home / "run" / "env.json").read_text())
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "xencrm.campaigns",
        "send",
        "--port",
        str(free_port()),
        env={**environment, "XENCRM_LOG_LEVEL": "WARNING"},
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()
