"""Campaigns by e-mail, to a sink in a process of its own."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from bench import sink
from bench.launching import is_completed, launch, of_the_first, until
from bench.measures import until_open
from bench.processor import processor_us
from tests.support.product import Product

MAILS: Final = 10_000
LETTERS: Final = 10_000


def mail_settings(port: int) -> dict[str, str]:
    return {
        "XENCRM_SMTP_HOST": "127.0.0.1",
        "XENCRM_SMTP_PORT": str(port),
        "XENCRM_SMTP_TLS": "none",
        "XENCRM_SMTP_FROM": "Bench <bench@bench.example>",
        "XENCRM_SMTP_CONNECTIONS": str(sink.CONNECTIONS),
    }


@asynccontextmanager
async def running_sink(port: int) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.sink", str(port))
    try:
        await until_open(port)
        yield
    finally:
        process.terminate()
        await process.wait()


async def mail(product: Product, port: int) -> dict[str, Any]:
    """From launch to COMPLETED; the sink's own rate beside it."""
    found: dict[str, Any] = {}
    async with processor_us(product, MAILS) as found["processor_us_per_mail"]:
        launched = await launch(product, of_the_first(MAILS), vendor="smtp", subject="Hi {{ first_name }}")
        stats, took = await until(product, launched, is_completed)
    assert (stats["sent"], stats["unconfirmed"]) == (MAILS, 0)
    return {"mails_per_s": MAILS / took, "sink_per_s": await sink.letters_per_s(port, LETTERS), **found}
