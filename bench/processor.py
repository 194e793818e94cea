"""Processor time by part: unlike a rate, it says what binds, and hardly depends on who else is at work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import psutil

from tests.support.product import Product


@asynccontextmanager
async def processor_us(product: Product, rows: int) -> AsyncIterator[dict[str, float]]:
    """Filled at the end: microseconds that each part took a row, children included."""
    used: dict[str, float] = {}
    parts = product.pids()
    before = {name: _seconds(pid) for name, pid in parts.items()}
    yield used
    used.update({name: (_seconds(pid) - before[name]) / rows * 1e6 for name, pid in sorted(parts.items())})


def _seconds(pid: int) -> float:
    process = psutil.Process(pid)
    ended = process.cpu_times()
    total = ended.children_user + ended.children_system
    for member in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            times = member.cpu_times()
            total += times.user + times.system
    return total
