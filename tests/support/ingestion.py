"""A running Ingestion in this process: real database, real broker, its API on a real port."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
from sqlalchemy import text

import xencrm.ingestion
from xencrm.contracts.topology import ALL_QUEUES
from xencrm.ingestion.__main__ import roles_of
from xencrm.kernel.database import Database
from xencrm.kernel.http.principals import split_key
from xencrm.kernel.messaging.broker import Broker
from xencrm.kernel.messaging.open import open_broker
from xencrm.kernel.migrations import migrate
from xencrm.kernel.settings import Settings

MIGRATIONS = Path(xencrm.ingestion.__file__).parent / "migrations"
ROLES = ("admin", "marketer", "viewer", "ingest")


def key_of(role: str) -> str:
    return f"xk_{ROLES.index(role):012x}_{role:x<32}"


@dataclass
class RunningIngestion:
    """`post` and `get` answer (status, decoded body)."""

    url: str
    database: Database
    broker: Broker
    http: aiohttp.ClientSession

    async def ask(
        self, method: str, path: str, *, role: str | None = "admin", **options: Any
    ) -> tuple[int, Any]:
        headers = dict(options.pop("headers", {}))
        if role:
            headers["Authorization"] = f"Bearer {key_of(role)}"
        url = f"{self.url}/api/v1{path}"
        async with self.http.request(method, url, headers=headers, **options) as response:
            return response.status, await response.json(content_type=None)

    async def post(self, path: str, body: Any, **options: Any) -> tuple[int, Any]:
        return await self.ask("POST", path, json=body, **options)

    async def get(self, path: str, **options: Any) -> tuple[int, Any]:
        return await self.ask("GET", path, **options)

    async def rows(self, query: str, **given: Any) -> list[Any]:
        async with self.database.transaction() as tx:
            return list(await tx.execute(text(query), given))

    async def until(self, query: str, expected: Any, *, within_s: float = 15, **given: Any) -> None:
        """Waits until a query's single value is as expected."""
        deadline = asyncio.get_running_loop().time() + within_s
        while True:
            value = (await self.rows(query, **given))[0][0]
            if value == expected:
                return
            assert asyncio.get_running_loop().time() < deadline, f"{query}: {value!r}, not {expected!r}"
            await asyncio.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def migrated(url: str) -> Database:
    database = Database(url)
    await migrate(database, MIGRATIONS)
    async with database.transaction() as tx:
        for role in ROLES:
            key_id, secret_hash = split_key(key_of(role)) or ("", b"")
            await tx.execute(
                text(
                    "INSERT INTO principals (key_id, principal_id, name, role, secret_hash, version)"
                    " VALUES (:key_id, :id, :role, :role, :hash, 1)"
                ),
                {"key_id": key_id, "id": uuid4(), "role": role, "hash": secret_hash},
            )
    return database


@asynccontextmanager
async def running_ingestion(
    database_url: str, broker_url: str, *, without: tuple[str, ...] = (), **overrides: Any
) -> AsyncIterator[RunningIngestion]:
    """All roles but those named in `without`."""
    database = await migrated(database_url)
    broker = await open_broker(broker_url, ALL_QUEUES, max_bytes=100_000_000)
    settings = Settings(master_db_url=database_url, broker_url=broker_url, secret="test-secret", **overrides)
    port = free_port()
    stop = asyncio.Event()
    roles = roles_of("all", settings, database, broker, port)
    tasks = [asyncio.create_task(role(stop)) for name, role in roles.items() if name not in without]
    async with aiohttp.ClientSession() as http:
        running = RunningIngestion(f"http://127.0.0.1:{port}", database, broker, http)
        await _until_ready(running)
        try:
            yield running
        finally:
            stop.set()
            await asyncio.gather(*tasks)
            await broker.close()
            await database.close()


async def _until_ready(running: RunningIngestion) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                async with running.http.get(f"{running.url}/readyz") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.02)
