"""Campaigns as a process: it outlives its database and broker, and ends in order."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import psutil

from tests.support.ports import free_port
from tests.support.postgres import PostgresServer

NOWHERE = "postgresql://nobody@127.0.0.1:1/broker"


@asynccontextmanager
async def running(process: str, **environment: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    port = free_port()
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "xencrm.campaigns", process, "--port", str(port),
        env={**os.environ, "XENCRM_SECRET": "test-secret", **environment},
    )  # fmt: skip
    try:
        yield started, f"http://127.0.0.1:{port}"
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()


async def until(url: str, status: int) -> None:
    async with asyncio.timeout(30), aiohttp.ClientSession() as http:
        while True:
            try:
                async with http.get(url) as response:
                    if response.status == status:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)


async def migrate(url: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "xencrm.campaigns", "migrate",
        env={**os.environ, "XENCRM_BUSINESS_DB_URL": url},
    )  # fmt: skip
    assert await process.wait() == 0


async def test_it_waits_for_its_database_and_outlives_it() -> None:
    server = PostgresServer()
    await server.start()
    url = await server.create_database("business")
    await server.kill()
    try:
        async with running("all", XENCRM_BUSINESS_DB_URL=url, XENCRM_BROKER_URL=NOWHERE) as (
            process,
            address,
        ):
            await until(f"{address}/healthz", 200)
            await until(f"{address}/readyz", 503)
            await server.start()
            await until(f"{address}/readyz", 503)
            await migrate(url)
            await until(f"{address}/readyz", 200)
            assert psutil.Process(process.pid).memory_info().rss < 150_000_000
            await server.kill()
            await until(f"{address}/readyz", 503)
            await until(f"{address}/api/v1/profiles", 401)
            await server.start()
            await until(f"{address}/readyz", 200)
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(30):
                assert await process.wait() == 0
    finally:
        await server.stop()


async def test_a_process_that_serves_no_api_says_how_it_is(postgres: PostgresServer) -> None:
    url = await postgres.create_database("campaigns_health")
    await migrate(url)
    environment = {"XENCRM_BUSINESS_DB_URL": url, "XENCRM_BROKER_URL": NOWHERE}
    async with running("project", **environment) as (_, address):
        await until(f"{address}/readyz", 200)
        await until(f"{address}/api/v1/profiles", 404)
