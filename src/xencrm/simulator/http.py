"""The plain ASGI floor: reading a request, writing an answer, errors as RFC 9457 problems."""

import math
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from typing import Any, TypeVar

import msgspec

from xencrm.kernel.errors import FieldError, InvalidInput, TooManyRequests, Unavailable, XenError

MAX_BODY = 20_000_000

T = TypeVar("T")
_FIELD = re.compile(r"field `([^`]+)`$")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


class MethodNotAllowed(XenError):
    status = 405
    title = "Method not allowed"

    def __init__(self, allow: str) -> None:
        super().__init__(f"allowed: {allow}")
        self.allow = allow


class TooLarge(XenError):
    status = 413
    title = "Too large"


class Problem(msgspec.Struct, omit_defaults=True):
    """`taken`: 0 where the vendor says that it looked at nothing, so that all may be sent again later."""

    title: str
    status: int
    detail: str
    taken: int | None = None
    errors: list[FieldError] = []
    type: str = "about:blank"


@dataclass(frozen=True, slots=True)
class Response:
    body: bytes
    status: int = 200
    headers: Headers = field(default_factory=list)
    content_type: bytes = b"application/json"


def json(value: Any) -> Response:
    return Response(msgspec.json.encode(value))


def problem(error: XenError) -> Response:
    taken = 0 if isinstance(error, TooManyRequests | Unavailable) else None
    errors = error.errors if isinstance(error, InvalidInput) else []
    body = Problem(error.title, error.status, error.detail, taken, errors)
    return Response(msgspec.json.encode(body), error.status, _hints(error), b"application/problem+json")


def _hints(error: XenError) -> Headers:
    if isinstance(error, TooManyRequests | Unavailable):
        return [(b"retry-after", str(math.ceil(error.retry_after_s)).encode())]
    if isinstance(error, MethodNotAllowed):
        return [(b"allow", error.allow.encode())]
    return []


def decode(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """Raises InvalidInput that names the place in the body."""
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(errors=[_place(str(error))]) from error


def _place(text: str) -> FieldError:
    """msgspec's message, with the path and the field that it names as one path."""
    message, _, path = text.partition(" - at `$")
    named = _FIELD.search(message)
    steps = (path.rstrip("`").lstrip("."), named[1] if named else "")
    return FieldError(".".join(step for step in steps if step) or "body", message)


async def read_body(receive: Receive) -> bytes:
    """Raises TooLarge."""
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise ConnectionResetError("the caller went away")
        chunks.append(event.get("body", b""))
        size += len(chunks[-1])
        if size > MAX_BODY:
            raise TooLarge(f"a body has at most {MAX_BODY} bytes; nothing was taken")
        more = event.get("more_body", False)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def respond(send: Send, response: Response) -> None:
    headers: Headers = [
        (b"content-type", response.content_type),
        (b"content-length", str(len(response.body)).encode()),
        *response.headers,
    ]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


def is_loopback(scope: Scope) -> bool:
    client = scope.get("client")
    if not client:
        return False
    address = ip_address(client[0].partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback
