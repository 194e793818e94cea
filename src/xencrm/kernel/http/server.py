"""A service's application as a role of a process: HEAD is answered, and clients are heard out."""

import asyncio
from contextlib import suppress
from typing import Any

from xencrm.kernel.http.headers import ASKED_HEAD
from xencrm.kernel.http.lean import Application, Receive, Scope, Send
from xencrm.kernel.process import Role
from xencrm.kernel.serving import serving

# How long a client may take to send the rest of a body that is refused, and how long it may pause.
LINGER_S = 5.0
IDLE_S = 0.5


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
    return serving(hearing_out(answering_head(app)), port=port, host=host)
