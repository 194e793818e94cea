"""A running Ingestion in this process: real database, real broker, its API on a real port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
from sqlalchemy import text

import xencrm.ingestion
from tests.support.ports import free_port
from tests.support.service import ROLES, RunningService, key_of, until_ready
from xencrm.contracts.topology import all_queues, division
from xencrm.ingestion.__main__ import roles_of
from xencrm.kernel.database import Database
from xencrm.kernel.http.principals import split_key
from xencrm.kernel.messaging.broker import Broker, BrokerUnavailable, Topic
from xencrm.kernel.messaging.open import open_broker
from xencrm.kernel.messaging.partitions import partitioned
from xencrm.kernel.migrations import migrate
from xencrm.kernel.settings import Settings

__all__ = ("RunningIngestion", "key_of", "running_ingestion")

RunningIngestion = RunningService
NOBODYS = Topic("data_ingestion", "nobody")
MIGRATIONS = Path(xencrm.ingestion.__file__).parent / "migrations"


async def migrated(url: str) -> Database:
    database = Database(url)
    await migrate(database, MIGRATIONS)
    async with database.transaction() as tx:
        for role in ROLES:
            key_id, secret_hash = split_key(key_of(role)) or ("", b"")
            await tx.execute(
                text(
                    "INSERT INTO principals (key_id, principal_id, name, role, secret_hash, version)"
                    " VALUES (:key_id, :id, :role, :role, :hash, 1) ON CONFLICT DO NOTHING"
                ),
                {"key_id": key_id, "id": uuid4(), "role": role, "hash": secret_hash},
            )
    return database


async def _connect(broker: Broker) -> None:
    """RabbitMQ refuses a letter to nobody once it knows all queues, which takes as long as it takes."""
    with suppress(BrokerUnavailable):
        await broker.publish(NOBODYS, b"", timeout_s=20)


@asynccontextmanager
async def running_ingestion(
    database_url: str, broker_url: str, *, without: tuple[str, ...] = (), **overrides: Any
) -> AsyncIterator[RunningIngestion]:
    """All roles but those named in `without`."""
    database = await migrated(database_url)
    settings = Settings(master_db_url=database_url, broker_url=broker_url, secret="test-secret", **overrides)
    plain = await open_broker(broker_url, all_queues(settings.partitions), max_bytes=100_000_000)
    broker = partitioned(plain, division(settings.partitions))
    port = free_port()
    stop = asyncio.Event()
    roles = roles_of("all", settings, database, broker, port)
    tasks = [asyncio.create_task(role(stop)) for name, role in roles.items() if name not in without]
    async with aiohttp.ClientSession() as http:
        running = RunningIngestion(f"http://127.0.0.1:{port}", database, broker, http)
        await until_ready(running)
        if broker_url.startswith("amqp"):
            await _connect(plain)
        try:
            yield running
        finally:
            stop.set()
            await asyncio.gather(*tasks)
            await broker.close()
            await database.close()
