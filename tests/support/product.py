"""The whole product as a person starts it: `xencrm up` in a home of its own."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.ports import free_port
from xencrm.local.postgres import EmbeddedPostgres

XENCRM = Path(sys.executable).parent / "xencrm"
READY_S = 90.0


@dataclass
class Product:
    """One installation; `ask` goes through the one port in front with the admin's key."""

    home: Path
    environment: dict[str, str]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    credentials: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def cluster(self) -> Path:
        """Where the embedded PostgreSQL has its data; not always below the home."""
        return EmbeddedPostgres(self.home / "postgres").location

    async def start(self) -> None:
        """Returns when the parts of this start are ready, also where a former start left some behind."""
        former = self.pids()
        environment = {
            **os.environ,
            **self.environment,
            "XENCRM_HOME": str(self.home),
            "XENCRM_PORT": str(self.port),
        }
        with (self.home.parent / "up.log").open("ab") as output:
            said = len(self.output())
            self.process = subprocess.Popen([XENCRM, "up"], env=environment, stdout=output, stderr=output)
        async with asyncio.timeout(READY_S):
            while self.pids().get("front") in (None, former.get("front")) or not await self.is_ready():
                assert self.process.poll() is None, self.output()
                await asyncio.sleep(0.1)
            while "(Ctrl-C stops everything)" not in self.output()[said:]:  # its last line
                await asyncio.sleep(0.02)
        self.credentials = json.loads((self.home / "credentials.json").read_text())

    async def is_ready(self) -> bool:
        try:
            async with aiohttp.ClientSession() as http, http.get(f"{self.url}/readyz") as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False

    async def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """The exit code of the supervisor."""
        assert self.process is not None
        self.process.send_signal(how)
        return await asyncio.to_thread(self.process.wait, 60)

    def output(self) -> str:
        """What the supervisor said, of all starts."""
        return (self.home.parent / "up.log").read_text()

    def logs(self) -> dict[str, str]:
        """What the parts logged, by part."""
        return {path.stem: path.read_text() for path in (self.home / "logs").glob("*.log")}

    def pids(self) -> dict[str, int]:
        """The running parts, by name."""
        found = {}
        for path in (self.home / "run").glob("*.pid"):
            with suppress(FileNotFoundError):  # it has just ended
                found[path.stem] = int(path.read_text())
        return found

    async def ask(self, method: str, path: str, **options: Any) -> Any:
        """The decoded answer, if it has a body. Raises ClientResponseError for an error."""
        headers = {"Authorization": f"Bearer {self.credentials['api_key']}", **options.pop("headers", {})}
        async with (
            aiohttp.ClientSession(raise_for_status=True) as http,
            http.request(method, f"{self.url}/api/v1{path}", headers=headers, **options) as response,
        ):
            return None if response.status == 204 else await response.json()

    async def ask_patiently(self, method: str, path: str, *, within_s: float = 60, **options: Any) -> Any:
        """As `ask`, but again while parts are away; the caller's request has to be safe to repeat."""
        deadline = asyncio.get_running_loop().time() + within_s
        while True:
            try:
                return await self.ask(method, path, timeout=aiohttp.ClientTimeout(total=10), **options)
            except (aiohttp.ClientError, TimeoutError) as error:
                status = getattr(error, "status", 503)
                if (status < 500 and status != 429) or asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(0.1)

    async def simulator(self, path: str, method: str = "GET", **options: Any) -> Any:
        url = self.credentials["simulator_url"] + path
        async with (
            aiohttp.ClientSession(raise_for_status=True) as http,
            http.request(method, url, **options) as response,
        ):
            return await response.json()


@asynccontextmanager
async def running_product(folder: Path, **environment: str) -> AsyncIterator[Product]:
    """Started, and stopped in the end; the logs stay for whoever looks, the data goes."""
    product = Product(folder / "home", environment)
    try:
        await product.start()
        yield product
    finally:
        if product.process is not None and product.process.poll() is None:
            await product.stop(signal.SIGTERM)
        shutil.rmtree(product.cluster, ignore_errors=True)
