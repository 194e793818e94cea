"""Heads of requests and answers, and what a proxy has to change in them (RFC 9110, RFC 9112)."""

import http
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

Header = tuple[bytes, bytes]

HEAD_BYTES = 65_536
# Meant for one connection only; each side of the proxy has its own.
HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-connection proxy-authenticate proxy-authorization te trailer "
    b"transfer-encoding upgrade expect".split()
)
# Ours to say: what a client claims here is not passed on.
FORWARDED = frozenset(b"forwarded x-forwarded-for x-forwarded-proto x-forwarded-host".split())
REPLAYABLE = frozenset({b"GET", b"HEAD", b"OPTIONS", b"DELETE"})


@dataclass(slots=True)
class RequestHead:
    """A request up to its body; names of headers are in lower case."""

    method: bytes
    target: bytes
    version: str
    headers: list[Header]
    keep_alive: bool

    @property
    def path(self) -> str:
        return self.target.partition(b"?")[0].decode("ascii", "replace")

    def all(self, name: bytes) -> list[bytes]:
        return [value for key, value in self.headers if key == name]

    @property
    def is_chunked(self) -> bool:
        return any(key == b"transfer-encoding" for key, _ in self.headers)

    @property
    def has_body(self) -> bool:
        return any(
            key == b"transfer-encoding" or (key == b"content-length" and value.strip(b"0"))
            for key, value in self.headers
        )

    @property
    def awaits_continue(self) -> bool:
        return self.version == "1.1" and any(v.lower() == b"100-continue" for v in self.all(b"expect"))


@dataclass(slots=True)
class Answer:
    """A complete answer of our own."""

    status: int
    body: bytes
    content_type: str = "text/html; charset=utf-8"
    headers: Sequence[Header] = field(default_factory=tuple)

    def with_headers(self, headers: Sequence[Header]) -> "Answer":
        """Those of them added that it lacks."""
        there = {name.lower() for name, _ in self.headers}
        lacking = [header for header in headers if header[0].lower() not in there]
        return replace(self, headers=(*self.headers, *lacking))


def problem(status: int, detail: str, retry_after_s: int | None = None) -> Answer:
    """An RFC 9457 answer."""
    text = {
        "type": "about:blank",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    retry = ((b"Retry-After", b"%d" % retry_after_s),) if retry_after_s is not None else ()
    return Answer(status, json.dumps(text).encode(), "application/problem+json", retry)


def refusal(head: RequestHead) -> Answer | None:
    """Why a request must not be passed on: what two servers could read in two ways is refused.

    The parser has refused both lengths at once, repeated lengths and malformed lines before.
    """
    codings, hosts = head.all(b"transfer-encoding"), head.all(b"host")
    size = len(head.target) + sum(len(name) + len(value) for name, value in head.headers)
    checks = (
        (head.version not in ("1.0", "1.1"), 505, "HTTP/1.1 is spoken here"),
        (codings and head.version == "1.0", 400, "Transfer-Encoding is not known in HTTP/1.0"),
        (codings and head.all(b"content-length"), 400, "Content-Length and Transfer-Encoding contradict"),
        (codings and [c.lower() for c in codings] != [b"chunked"], 501, "only chunked is known here"),
        (len(hosts) > 1 or (not hosts and head.version == "1.1"), 400, "exactly one Host header is needed"),
        (size > HEAD_BYTES, 431, "the head of the request is too long"),
        (not head.target.startswith(b"/"), 400, "the request target has to be a path"),
    )
    return next((problem(status, detail) for wrong, status, detail in checks if wrong), None)


def request_bytes(head: RequestHead, client: bytes) -> bytes:
    """The head as the part behind gets it."""
    host = next(iter(head.all(b"host")), b"")
    lines = [b"%b %b HTTP/1.1\r\n" % (head.method, head.target)]
    dropped = _dropped(head.headers) | FORWARDED
    lines += [b"%b: %b\r\n" % header for header in head.headers if header[0] not in dropped]
    if head.is_chunked:
        lines.append(b"transfer-encoding: chunked\r\n")
    if not host:
        lines.append(b"host: localhost\r\n")
    lines.append(
        b"x-forwarded-for: %b\r\nx-forwarded-proto: http\r\nx-forwarded-host: %b\r\n\r\n" % (client, host)
    )
    return b"".join(lines)


def plain_request_bytes(head: RequestHead) -> bytes:
    """The head as the client sent it, but for the offer to change the protocol."""
    kept = [
        header for header in head.headers if header[0] not in (b"connection", b"upgrade", b"http2-settings")
    ]
    lines = [b"%b: %b\r\n" % header for header in kept]
    return b"%b %b HTTP/%b\r\n%b\r\n" % (head.method, head.target, head.version.encode(), b"".join(lines))


def response_bytes(status: int, reason: bytes, headers: list[Header], *, chunked: bool, close: bool) -> bytes:
    """The head as the client gets it."""
    dropped = _dropped(headers)
    lines = [b"HTTP/1.1 %d %b\r\n" % (status, reason)]
    lines += [b"%b: %b\r\n" % header for header in headers if header[0].lower() not in dropped]
    if chunked:
        lines.append(b"transfer-encoding: chunked\r\n")
    if close:
        lines.append(b"connection: close\r\n")
    lines.append(b"\r\n")
    return b"".join(lines)


def answer_bytes(answer: Answer, *, head_only: bool, close: bool) -> bytes:
    about_body = [
        (b"Content-Type", answer.content_type.encode()),
        (b"Content-Length", b"%d" % len(answer.body)),
    ]
    headers = [*(about_body if answer.status != 304 else []), *answer.headers]
    reason = http.HTTPStatus(answer.status).phrase.encode()
    head = response_bytes(answer.status, reason, headers, chunked=False, close=close)
    return head if head_only else head + answer.body


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _dropped(headers: list[Header]) -> frozenset[bytes]:
    """Hop-by-hop headers, also those that `Connection` names; lengths and Host are never among them."""
    named = b",".join(value for key, value in headers if key.lower() == b"connection")
    if not named:
        return HOP_BY_HOP
    names = {name.strip().lower() for name in named.split(b",")}
    return HOP_BY_HOP | (names - {b"content-length", b"host", b"authorization", b"cookie"})
