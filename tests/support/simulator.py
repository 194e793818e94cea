"""A real vendor simulator in a process of its own, and a real receiver for its webhook."""

import asyncio
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import aiohttp
from aiohttp import web

from tests.support.ports import free_port
from xencrm.campaigns.vendors.signed_receipts import SignedReceipts
from xencrm.contracts.receipts import ReceiptReceived

SECRET = "the simulator's webhook secret"
NO_ONE = {"to": "asha@example.com", "subject": "Hello", "text": "Hello Asha"}


def message(key: str, **fields: Any) -> dict[str, Any]:
    return {"idempotency_key": key, **NO_ONE, **fields}


def new_keys(count: int, attempt: int = 1) -> list[str]:
    return [f"{uuid4()}:{attempt}" for _ in range(count)]


async def until(condition: Callable[[], bool], timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.02)


class SimulatorProcess:
    """Keeps its port and its data across starts."""

    def __init__(self, data: Path, *arguments: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.http: aiohttp.ClientSession
        self._arguments = ["--data", str(data), *arguments]
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        await self.spawn()
        self.http = aiohttp.ClientSession(self.url)
        async with asyncio.timeout(60):
            while not await self._ready():
                assert self._process is not None
                assert self._process.returncode is None, "the simulator ended"
                await asyncio.sleep(0.05)

    async def spawn(self) -> asyncio.subprocess.Process:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "xencrm.simulator", "--port", str(self.port), *self._arguments
        )
        return self._process

    async def _ready(self) -> bool:
        try:
            async with self.http.get("/readyz") as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False

    async def stop(self) -> int:
        """By SIGTERM; calls under way go on."""
        return await self._end(signal.SIGTERM)

    async def kill(self) -> int:
        return await self._end(signal.SIGKILL)

    async def _end(self, by: signal.Signals) -> int:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(by)
        code = await self._process.wait()
        await self.http.close()
        return code

    async def get(self, path: str) -> Any:
        async with self.http.get(path) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def ask(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        async with self.http.request(method, path, json=body) as response:
            return response.status, await response.json(content_type=None)

    async def turn(self, **dials: Any) -> dict[str, Any]:
        status, body = await self.ask("PUT", "/v1/dials", dials)
        assert status == 200, body
        turned: dict[str, Any] = body
        return turned

    async def send(self, keys: Iterable[str]) -> list[dict[str, Any]]:
        batch = {"messages": [message(key) for key in keys]}
        status, body = await self.ask("POST", "/v1/messages/batch", batch)
        assert status == 200, body
        answers: list[dict[str, Any]] = body["answers"]
        return answers

    async def accepted(self, limit: int = 1000) -> dict[str, int]:
        """Every page of /v1/accepted."""
        counts: dict[str, int] = {}
        cursor: str | None = ""
        while cursor is not None:
            page = await self.get(f"/v1/accepted?limit={limit}&cursor={cursor}")
            assert len(page["items"]) <= limit
            assert not counts.keys() & {item["message_id"] for item in page["items"]}
            counts |= {item["message_id"]: item["accepted"] for item in page["items"]}
            cursor = page["next_cursor"]
        return counts


@asynccontextmanager
async def running(data: Path, *arguments: str) -> AsyncIterator[SimulatorProcess]:
    simulator = SimulatorProcess(data, *arguments)
    await simulator.start()
    try:
        yield simulator
    finally:
        await simulator.kill()


class Told(NamedTuple):
    """A receipt as it was read."""

    message_id: UUID
    attempt: int
    outcome: str
    reason: str | None
    vendor_receipt_id: str

    @classmethod
    def of(cls, own_id: str, read: ReceiptReceived) -> "Told":
        return cls(read.message_id, read.attempt, read.outcome.lower(), read.reason or None, own_id)


class Receiver:
    """Takes receipts as a service would: verifies, parses, answers `status`."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/receipts"
        self.status = 204
        self.posts: list[list[Told]] = []
        self.times: list[float] = []
        self.refused = 0
        self._reader = SignedReceipts("simulator", SECRET)

    @property
    def receipts(self) -> list[Told]:
        return [receipt for post in self.posts for receipt in post]

    @property
    def message_ids(self) -> list[UUID]:
        return [receipt.message_id for receipt in self.receipts]

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        read = self._reader.read(request.headers, body, time.time())
        if self.status != 204:
            self.refused += 1
        else:
            self.posts.append([Told.of(own_id, receipt) for own_id, receipt in read])
            self.times.append(time.time())
        return web.Response(status=self.status)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/receipts", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", receiver.port).start()
    try:
        yield receiver
    finally:
        await runner.cleanup()


def with_webhook(receiver: Receiver) -> tuple[str, ...]:
    return ("--receipts-url", receiver.url, "--receipts-secret", SECRET)


def own_address() -> str | None:
    """This machine's address on a network, if it has one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address: str = probe.getsockname()[0]
        return None if address.startswith("127.") else address
