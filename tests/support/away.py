"""Parts of a product that answer nobody for a while, and that nobody starts again meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import psutil

from tests.support.product import Product
from tests.support.waiting import until


@contextmanager
def standing_still(product: Product, part: str) -> Iterator[None]:
    """SIGSTOP: the part is there and answers nobody, so that nobody starts it again."""
    process = psutil.Process(product.pids()[part])
    process.suspend()
    try:
        yield
    finally:
        with suppress(psutil.NoSuchProcess):
            process.resume()


@asynccontextmanager
async def away(product: Product, part: str) -> AsyncIterator[None]:
    """Killed, and its successor kept from getting as far as to listen: connections are refused.

    In the end everything is ready again.
    """
    former = product.pids()[part]
    psutil.Process(former).kill()
    async with asyncio.timeout(60):
        while product.pids().get(part) in (None, former):
            await asyncio.sleep(0.001)
    with standing_still(product, part):
        assert not psutil.Process(product.pids()[part]).net_connections("inet")
        yield
    await until(product.is_ready, bool)
