"""The protocol by HTTP, which is loaded when somebody asks for the first time."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from xencrm.kernel.asgi import Receive, Scope, Send, bearer
from xencrm.mcp_server.desk import Desk, Desks

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager


@dataclass
class Endpoint:
    """An application and the role that it lives in. Nothing is kept between two requests: each has its key.

    The SDK takes most of a second to load, and some 30 MB, which who never asks should not have to wait for.
    """

    desks: Desks
    _wanted: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _loaded: "asyncio.Future[StreamableHTTPSessionManager]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future(), init=False
    )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._wanted.set()
        manager = await asyncio.shield(self._loaded)
        await manager.handle_request(scope, receive, send)

    async def run(self, stop: asyncio.Event) -> None:
        stopping, wanted = asyncio.create_task(stop.wait()), asyncio.create_task(self._wanted.wait())
        await asyncio.wait({stopping, wanted}, return_when=asyncio.FIRST_COMPLETED)
        wanted.cancel()
        if not stop.is_set():
            manager = await asyncio.to_thread(self._load)
            async with manager.run():
                self._loaded.set_result(manager)
                await stopping

    def _load(self) -> "StreamableHTTPSessionManager":
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager  # noqa: PLC0415

        from xencrm.mcp_server.server import build_server  # noqa: PLC0415

        server = build_server(self._desk_of)
        return StreamableHTTPSessionManager(server, json_response=True, stateless=True)

    def _desk_of(self, request: Any, *, anyway: bool) -> AbstractAsyncContextManager[Desk]:
        return self.desks.of(bearer(request.headers) or "", anyway=anyway)
