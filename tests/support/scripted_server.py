"""A real HTTP server that plays a script of answers and writes down what it was asked."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class HangUp:
    """Close the connection without an answer, the request having been read."""


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def lines(self) -> list[Any]:
        return [msgspec.json.decode(line) for line in self.body.splitlines()]


Step = Reply | HangUp | Callable[[Asked], Reply]


def problem(status: int, title: str, headers: dict[str, str] | None = None, **rest: Any) -> Reply:
    kind = {"Content-Type": "application/problem+json"}
    return Reply(status, {"title": title, "status": status, **rest}, kind | (headers or {}))


class ScriptedServer:
    """Answers the n-th request with the n-th step of `script`, and by `routes` when the script is over."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[Asked] = []
        self.script: list[Step] = []
        self.routes: dict[tuple[str, str], Step] = {}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        asked = Asked(
            request.method, request.path, dict(request.query), dict(request.headers), await request.read()
        )
        self.asked.append(asked)
        step = self.script.pop(0) if self.script else self.routes[(asked.method, asked.path)]
        if isinstance(step, HangUp):
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        reply = step if isinstance(step, Reply) else step(asked)
        headers = {"Content-Type": "application/json"} | reply.headers
        body = reply.body if isinstance(reply.body, bytes) else msgspec.json.encode(reply.body)
        return web.Response(status=reply.status, body=body, headers=headers)


@asynccontextmanager
async def scripted_server() -> AsyncIterator[ScriptedServer]:
    server = ScriptedServer()
    app = web.Application(client_max_size=30_000_000)
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()
