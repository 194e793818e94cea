"""An ASGI application as a role of a process: uvicorn, without signals of its own."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn

from xencrm.kernel.http.headers import ASKED_HEAD
from xencrm.kernel.http.lean import Application, Receive, Scope, Send
from xencrm.kernel.process import Role

# How long a client may take to send the rest of a body that is refused, and how long it may pause.
LINGER_S = 5.0
IDLE_S = 0.5


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def answering_head(app: Application) -> Application:
    """HEAD is answered as GET; the server leaves the body out. The scope has ASKED_HEAD then."""

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        as_get = {**scope, "method": "GET", ASKED_HEAD: True} if scope.get("method") == "HEAD" else scope
        await app(as_get, receive, send)

    return answering


def hearing_out(app: Application) -> Application:
    """Before the last answer on a connection, what is still sent of the body is taken.

    To hang up on a client that sends would reset the connection before the client has read the answer.
    """

    async def hearing(scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_last(scope):
            return await app(scope, receive, send)
        is_whole = False

        async def noted() -> dict[str, Any]:
            nonlocal is_whole
            message = await receive()
            is_whole = not message.get("more_body")
            return message

        async def after_the_body(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                with suppress(TimeoutError):
                    async with asyncio.timeout(LINGER_S):
                        while not is_whole:
                            await asyncio.wait_for(noted(), IDLE_S)
            await send(message)

        return await app(scope, noted, after_the_body)

    return hearing


def _is_last(scope: Scope) -> bool:
    """Whether the client wants to be hung up on, and does not wait for leave to send its body."""
    if scope["type"] != "http":
        return False
    headers = scope["headers"]
    closes = scope["http_version"] == "1.0" or (b"connection", b"close") in headers
    return closes and not any(name == b"expect" for name, _ in headers)


def serve(app: Application, *, port: int, host: str = "127.0.0.1") -> Role:
    """A role that serves until it is asked to stop, then finishes the requests under way."""

    async def role(stop: asyncio.Event) -> None:
        server = _Server(
            uvicorn.Config(
                hearing_out(answering_head(app)),
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
