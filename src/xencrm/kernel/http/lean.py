"""A lean ASGI way in for hot posts, in front of the framework's application.

Only plain JSON posts of known length to the given paths; everything else goes to the application behind,
which answers the same.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from xencrm.kernel.errors import XenError
from xencrm.kernel.http import problems
from xencrm.kernel.http.headers import correlation_id, idempotency_key, request_id
from xencrm.kernel.http.inputs import media_type
from xencrm.kernel.http.principals import Access, Principal, Role, check_role, identify, identify_key
from xencrm.kernel.http.routes import BODY_BYTES, JSON
from xencrm.kernel.http.secured import protecting
from xencrm.kernel.logging import get_logger
from xencrm.kernel.telemetry.requests import RequestTimes

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LeanRequest:
    principal: Principal
    body: bytes
    idempotency_key: str | None
    correlation_id: str


LeanHandler = Callable[[LeanRequest], Awaitable[bytes]]


class LeanPosts:
    """Answers 202 with what a handler returns, or the problem that it raises."""

    def __init__(
        self,
        behind: Application,
        handlers: Mapping[str, LeanHandler],
        access: Access,
        allowed: frozenset[Role],
        times: RequestTimes,
        *,
        https: bool = False,
    ) -> None:
        self._behind = behind
        self._handlers = {
            path: (handler, times.series("POST", path, 202)) for path, handler in handlers.items()
        }
        self._access = access
        self._allowed = allowed
        self._times = times
        self._protecting = protecting(https=https)
        self._good = [(b"content-type", JSON.encode()), *self._protecting]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._handlers.get(scope.get("path", "")) if scope.get("method") == "POST" else None
        if found is None:
            return await self._behind(scope, receive, send)
        headers: dict[bytes, bytes] = dict(reversed(scope["headers"]))  # the first of a name, as behind
        if not _is_plain(headers):
            return await self._behind(scope, receive, send)
        handler, times = found
        began = perf_counter()
        path = scope["path_template"] = scope["path"]
        try:
            status, extra, body = 202, self._good, await self._answer(handler, headers, receive)
        except _Gone:
            return
        except Exception as error:
            status, fields, body = _problem(path, headers, error)
            extra = [(name.encode(), value.encode()) for name, value in fields.items()]
            extra += self._protecting
            times = self._times.series("POST", path, status)
        times.note(perf_counter() - began)
        length = (b"content-length", str(len(body)).encode())
        await send({"type": "http.response.start", "status": status, "headers": [*extra, length]})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, handler: LeanHandler, headers: dict[bytes, bytes], receive: Receive) -> bytes:
        authorization = headers.get(b"authorization")
        if authorization is None:
            principal = await identify(self._access, "POST", _Sent(headers))
        else:
            principal = await identify_key(self._access, authorization.decode("latin-1"))
        check_role(principal, self._allowed)
        key = headers.get(b"idempotency-key")
        return await handler(
            LeanRequest(
                principal,
                await _read(receive),
                None if key is None else idempotency_key(key.decode("latin-1")),
                request_id(_request_id(headers)),
            )
        )


def _request_id(headers: dict[bytes, bytes]) -> str:
    return headers.get(b"x-request-id", b"").decode("latin-1")


class _Gone(Exception):
    """The client went away in the middle of its body."""


class _Sent:
    """Headers as who asks is found out by them."""

    __slots__ = ("_headers",)

    def __init__(self, headers: dict[bytes, bytes]) -> None:
        self._headers = headers

    def get(self, name: str) -> str | None:
        value = self._headers.get(name.encode())
        return None if value is None else value.decode("latin-1")


def _is_plain(headers: dict[bytes, bytes]) -> bool:
    length = headers.get(b"content-length", b"")
    kind = media_type(headers.get(b"content-type", JSON.encode()).decode("latin-1"))
    return (
        length.isdigit() and int(length) <= BODY_BYTES and kind == JSON and b"content-encoding" not in headers
    )


async def _read(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    while message["type"] == "http.request" and message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
    if message["type"] != "http.request":
        raise _Gone
    return body


def _problem(path: str, headers: dict[bytes, bytes], error: Exception) -> tuple[int, dict[str, str], bytes]:
    known = problems.translated(error)
    if known is None:
        log.error(
            "http.failed",
            path=path,
            method="POST",
            correlation_id=correlation_id(_request_id(headers)),
            exc_info=error,
        )
        known = XenError("Something went wrong on our side; it has been logged.")
    return problems.of_error(known)
