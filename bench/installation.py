"""What a running installation was given: ports, settings, databases."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import asyncpg

from tests.support.product import Product

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@dataclass(frozen=True)
class Databases:
    """A connection to each."""

    master: Connection
    business: Connection


@asynccontextmanager
async def databases(product: Product) -> AsyncIterator[Databases]:
    master = await asyncpg.connect(setting(product, "XENCRM_MASTER_DB_URL"))
    business = await asyncpg.connect(setting(product, "XENCRM_BUSINESS_DB_URL"))
    try:
        yield Databases(master, business)
    finally:
        await master.close()
        await business.close()


def setting(product: Product, name: str) -> str:
    return str(json.loads((product.home / "run" / "env.json").read_text())[name])


def inner_port(product: Product, part: str) -> int:
    return int(json.loads((product.home / "ports.json").read_text())[part])


def peak_memory_mb(product: Product) -> dict[str, float]:
    """The most resident memory each part has had so far."""
    return {name: _peak_mb(pid) for name, pid in sorted(product.pids().items())}


def _peak_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
