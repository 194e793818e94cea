"""An ASGI application as a role of a process: uvicorn, without signals of its own."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from xencrm.kernel.process import Role


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serving(app: Any, *, port: int, host: str = "127.0.0.1") -> Role:
    """A role that serves until it is asked to stop, then finishes the requests under way."""

    async def role(stop: asyncio.Event) -> None:
        server = _Server(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                access_log=False,
                log_level="warning",
                lifespan="off",
                timeout_keep_alive=75,
                timeout_graceful_shutdown=5,
                server_header=False,
                backlog=1024,
            )
        )
        serving = asyncio.create_task(server.serve())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        stopping.cancel()
        await serving

    return role
