"""ASGI for programs that need no framework (https://asgi.readthedocs.io/en/latest/specs/www.html)."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]

HEALTH: Final = ("/healthz", "/readyz")


def headers_of(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def bearer(headers: Mapping[str, str]) -> str | None:
    """The key in `authorization`."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() or None if scheme.lower() == "bearer" else None


async def until_left(receive: Receive) -> None:
    """Returns when whoever asked does not listen any more."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def answer(send: Send, status: int, body: Any, headers: Sequence[Header] = ()) -> None:
    """`body` as JSON; None is an empty one."""
    kind = b"application/json" if status < 400 else b"application/problem+json"
    about = [(b"content-type", kind), (b"x-content-type-options", b"nosniff"), *headers]
    await send({"type": "http.response.start", "status": status, "headers": about})
    await send({"type": "http.response.body", "body": b"" if body is None else msgspec.json.encode(body)})


async def refuse(send: Send, status: int, detail: str, headers: Sequence[Header] = ()) -> None:
    """A problem (RFC 9457)."""
    body = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    await answer(send, status, body, headers)
