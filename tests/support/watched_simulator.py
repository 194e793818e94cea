"""A real simulator behind a door that notes when each call comes in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web

from tests.support import simulator
from tests.support.ports import free_port
from tests.support.simulator import SimulatorProcess


class Door:
    """`times`: of the event loop, when each call began."""

    def __init__(self, behind: SimulatorProcess) -> None:
        self.simulator = behind
        self.times: list[float] = []
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    async def calls(self) -> int:
        return len(self.times)

    async def pass_on(self, request: web.Request) -> web.Response:
        self.times.append(asyncio.get_running_loop().time())
        headers = {"Content-Type": "application/json"}
        async with aiohttp.request(
            "POST", self.simulator.url + request.path, data=await request.read(), headers=headers
        ) as answer:
            retry = {name: answer.headers[name] for name in ("Retry-After",) if name in answer.headers}
            body = await answer.read()
            return web.Response(
                status=answer.status, body=body, headers=retry, content_type="application/json"
            )


@asynccontextmanager
async def watched_simulator(data: Path) -> AsyncIterator[Door]:
    async with simulator.running(data) as behind:
        door = Door(behind)
        app = web.Application(client_max_size=20_000_000)
        app.router.add_post("/{path:.*}", door.pass_on)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", door.port).start()
        try:
            yield door
        finally:
            await runner.cleanup()
