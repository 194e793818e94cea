"""What is seen of requests: the time, the span, in the log the correlation id."""

from collections.abc import Callable
from time import perf_counter
from typing import Any

import structlog

from xencrm.kernel.http.headers import correlation_id
from xencrm.kernel.http.lean import Application, Receive, Scope, Send
from xencrm.kernel.telemetry import tracing
from xencrm.kernel.telemetry.requests import RequestTimes


class Timed:
    """An application that tells the route by `path_template` in the scope, as Litestar does."""

    def __init__(self, app: Application, times: RequestTimes) -> None:
        self._app = app
        self._times = times

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        structlog.contextvars.bind_contextvars(correlation_id=correlation_id(_sent_id(scope)))
        began = perf_counter()

        def note(status: int) -> None:
            took_s = perf_counter() - began
            self._times.note(scope["method"], scope.get("path_template", ""), status, took_s)

        await self._app(scope, receive, _telling(send, note))


class Traced:
    """The same application, a span around each of its requests."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        def note(status: int) -> None:
            tracing.active.answered(scope.get("path_template", ""), status)

        with tracing.active.request(scope):
            await self._app(scope, receive, _telling(send, note))


def traced(app: Application) -> Application:
    """Costs nothing where nothing is recorded: that is decided when the process starts."""
    return Traced(app) if tracing.active.on else app


def _telling(send: Send, note: Callable[[int], None]) -> Send:
    """Tells the status when an answer begins."""

    def telling(message: dict[str, Any]) -> Any:
        if message["type"] == "http.response.start":
            note(message["status"])
        return send(message)

    return telling


def _sent_id(scope: Scope) -> str:
    sent: bytes = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    return sent.decode("latin-1")
