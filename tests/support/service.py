"""A service that runs in this process: real database, real broker, its API on a real port."""

import asyncio
from dataclasses import dataclass
from typing import Any

import aiohttp
from sqlalchemy import text

from xencrm.kernel.database import Database
from xencrm.kernel.messaging.broker import Broker

ROLES = ("admin", "marketer", "viewer", "ingest")


def key_of(role: str) -> str:
    return f"xk_{ROLES.index(role):012x}_{role:x<32}"


@dataclass
class RunningService:
    """`post` and `get` answer (status, decoded body); tables for spreadsheets as they are."""

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
            is_table = response.content_type == "text/csv"
            return response.status, await (response.text() if is_table else response.json(content_type=None))

    async def post(self, path: str, body: Any, **options: Any) -> tuple[int, Any]:
        return await self.ask("POST", path, json=body, **options)

    async def get(self, path: str, **options: Any) -> tuple[int, Any]:
        return await self.ask("GET", path, **options)

    async def rows(self, query: str, **given: Any) -> list[Any]:
        async with self.database.transaction() as tx:
            return list(await tx.execute(text(query), given))

    async def until(self, query: str, expected: Any, *, within_s: float = 60, **given: Any) -> None:
        """Waits until a query's single value is as expected."""
        deadline = asyncio.get_running_loop().time() + within_s
        while True:
            value = (await self.rows(query, **given))[0][0]
            if value == expected:
                return
            assert asyncio.get_running_loop().time() < deadline, f"{query}: {value!r}, not {expected!r}"
            await asyncio.sleep(0.02)


async def until_ready(running: RunningService) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                async with running.http.get(f"{running.url}/readyz") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.02)
