"""The side of the proxy towards clients: one request at a time, passed on as it comes in."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import cast

import httptools

from xencrm.kernel.logging import get_logger
from xencrm.local.proxy.heads import (
    HEAD_BYTES,
    REPLAYABLE,
    Answer,
    Header,
    RequestHead,
    answer_bytes,
    chunk,
    plain_request_bytes,
    problem,
    refusal,
    request_bytes,
    response_bytes,
)
from xencrm.local.proxy.upstream import Upstream, UpstreamConnection

log = get_logger(__name__)
# How long a client may take to read our last answer before we hang up on what it still sends.
LINGER_S = 2.0

Handler = Callable[[RequestHead], Awaitable[Answer]]
Route = Callable[[str], Upstream | Handler]


class ClientConnection(asyncio.Protocol):
    """A client's connection.

    A request that is sent before the last one was answered is dropped, and the connection is closed
    after that answer. Answers that are not passed on have the headers `protecting` too.
    """

    _transport: asyncio.Transport

    def __init__(
        self, route: Route, connections: "set[ClientConnection]", protecting: Sequence[Header] = ()
    ) -> None:
        self._route = route
        self._connections = connections
        self._protecting = protecting
        self._parser = httptools.HttpRequestParser(self)
        self._unaccounted = 0
        self._is_deaf = False
        self._task: asyncio.Task[None] | None = None
        self._link: UpstreamConnection | None = None
        self._reset()

    def _reset(self) -> None:
        self.is_busy = False
        self.last_active = time.monotonic()
        self._target = b""
        self._headers: list[Header] = []
        self._head: RequestHead | None = None
        self._to: Upstream | Handler | None = None
        self._waiting: list[bytes] = []
        self._replay: bytes | None = None
        self._request_is_whole = False
        self._response_began = False
        self._response_is_chunked = False
        self._close_after = False

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self._client = str(peer[0]).encode() if peer else b"unknown"
        self._connections.add(self)

    def data_received(self, data: bytes) -> None:
        if not self._is_deaf:
            self._unaccounted += len(data)
            self._parse(data)

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._without_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            self._misunderstood(error)
        if self._unaccounted > HEAD_BYTES:
            self._refuse(problem(431, "the head of the request is too long"))

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_deaf = True
        self._connections.discard(self)
        self._drop_link()

    def pause_writing(self) -> None:
        if self._link is not None:
            self._link.pause_reading()

    def resume_writing(self) -> None:
        if self._link is not None:
            self._link.resume_reading()

    def close(self) -> None:
        self._transport.abort()

    # httptools

    def on_message_begin(self) -> None:
        if self.is_busy:
            self._is_deaf = True
        elif not self._is_deaf:
            self._reset()

    def on_url(self, part: bytes) -> None:
        if not self._is_deaf:
            self._target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._is_deaf and self._head is None:
            self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self._unaccounted = 0
        if self._is_deaf:
            return
        parser = self._parser
        version, keep_alive = parser.get_http_version(), parser.should_keep_alive()
        self._head = RequestHead(parser.get_method(), self._target, version, self._headers, keep_alive)
        if not parser.should_upgrade():
            self._accept(self._head)

    def on_body(self, data: bytes) -> None:
        self._unaccounted = 0
        if not self._is_deaf and self._head is not None and isinstance(self._to, Upstream):
            self._pass_on(chunk(data) if self._head.is_chunked else data)

    def on_message_complete(self) -> None:
        self._unaccounted = 0
        if self._is_deaf or self._head is None or self._to is None:
            return
        self._request_is_whole = True
        if not isinstance(self._to, Upstream):
            self._task = asyncio.create_task(self._handle(self._to, self._head))
            return
        if self._head.is_chunked:
            self._pass_on(b"0\r\n\r\n")
        if self._link is not None:
            self._link.request_sent()

    # The request

    def _without_upgrade(self, rest: bytes) -> None:
        """No other protocol is spoken here; the request is read again as if it had not offered one."""
        head = self._head
        if self._is_deaf or self._request_is_whole or head is None:
            self._is_deaf = True
        elif head.method == b"CONNECT":
            self._refuse(problem(405, "this is no tunnel"))
        else:
            self._parser = httptools.HttpRequestParser(self)
            self._parse(plain_request_bytes(head) + rest)

    def _misunderstood(self, error: Exception) -> None:
        if self._request_is_whole:  # what follows a request that is being answered
            self._is_deaf = True
        else:
            self._refuse(problem(400, f"not a sound HTTP request: {error}"))

    def _accept(self, head: RequestHead) -> None:
        refused = refusal(head)
        if refused is not None:
            self._refuse(refused)
            return
        self.is_busy = True
        self._to = self._route(head.path)
        if isinstance(self._to, Upstream):
            self._forward(self._to, head)
        if head.awaits_continue and head.has_body:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _forward(self, upstream: Upstream, head: RequestHead) -> None:
        data = request_bytes(head, self._client)
        link = upstream.take_idle()
        if link is None:
            self._task = asyncio.create_task(self._connect(upstream, data))
        else:
            self._replay = data if head.method in REPLAYABLE and not head.has_body else None
            self._attach(link, data)

    async def _connect(self, upstream: Upstream, data: bytes) -> None:
        """A new connection; what comes from the client meanwhile waits."""
        self.pause_reading()
        try:
            link = await upstream.connect()
        except OSError:
            self._answer(problem(503, f"{upstream.name} is away; try again", retry_after_s=1))
            return
        self.resume_reading()
        self._attach(link, b"".join([data, *self._waiting]))

    def _attach(self, link: UpstreamConnection, data: bytes) -> None:
        link.begin(self, head_only=self._is_head_only())
        self._link = link
        link.send(data)
        if self._request_is_whole:
            link.request_sent()

    def _pass_on(self, data: bytes) -> None:
        if self._link is not None:
            self._link.send(data)
        else:
            self._waiting.append(data)

    async def _handle(self, handler: Handler, head: RequestHead) -> None:
        try:
            answer = await handler(head)
        except Exception:
            log.exception("front.failed", path=head.path)
            answer = problem(500, "this is a fault of ours; the log of the front has more")
        self._answer(answer)

    # The answer (upstream.Receiver)

    def response_head(self, status: int, reason: bytes, headers: list[Header], has_length: bool) -> None:
        bodiless = self._is_head_only() or status in (204, 304)
        is_1_1 = self._head is not None and self._head.version == "1.1"
        self._response_began = True
        self._response_is_chunked = is_1_1 and not bodiless and not has_length
        has_end = bodiless or has_length or self._response_is_chunked
        self._close_after = self._must_close() or not has_end
        self._transport.write(
            response_bytes(
                status, reason, headers, chunked=self._response_is_chunked, close=self._close_after
            )
        )

    def response_body(self, data: bytes) -> None:
        self._transport.write(chunk(data) if self._response_is_chunked else data)

    def response_end(self) -> None:
        if self._response_is_chunked:
            self._transport.write(b"0\r\n\r\n")
        self._link = None
        self._end_exchange()

    def response_lost(self) -> None:
        """A request that may be asked twice is asked again, once, if its connection was not a fresh one."""
        self._link = None
        replay, self._replay = self._replay, None
        if self._response_began:
            self._transport.abort()
        elif replay is not None and isinstance(self._to, Upstream):
            self._task = asyncio.create_task(self._connect(self._to, replay))
        else:
            self._answer(problem(503, "the part behind went away before it answered", retry_after_s=1))

    def pause_reading(self) -> None:
        if not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def _is_head_only(self) -> bool:
        return self._head is not None and self._head.method == b"HEAD"

    def _must_close(self) -> bool:
        head = self._head
        lasts = head is not None and head.keep_alive and head.version == "1.1"
        return self._is_deaf or not self._request_is_whole or not lasts

    def _answer(self, answer: Answer) -> None:
        self._close_after = self._must_close()
        whole = answer.with_headers(self._protecting)
        self._transport.write(answer_bytes(whole, head_only=self._is_head_only(), close=self._close_after))
        self._end_exchange()

    def _refuse(self, answer: Answer) -> None:
        """The rest of what the client sends cannot be understood, or is not wanted."""
        if self._is_deaf:
            return
        self._is_deaf = True
        self._drop_link()
        if self._response_began:
            self._transport.abort()
        else:
            self._answer(answer)

    def _end_exchange(self) -> None:
        if self._close_after or self._is_deaf:
            self._hang_up()
        else:
            self._reset()
            self.resume_reading()

    def _hang_up(self) -> None:
        """Closing while the client still sends would reset the connection before it read the answer."""
        self._is_deaf, self.is_busy = True, False
        if self._transport.is_closing():
            return
        if self._request_is_whole or not self._transport.can_write_eof():
            self._transport.close()
        else:
            self._transport.write_eof()
            self._transport.resume_reading()
            asyncio.get_running_loop().call_later(LINGER_S, self._transport.close)

    def _drop_link(self) -> None:
        if self._task is not None:
            self._task.cancel()
        if self._link is not None:
            self._link.abort()
            self._link = None
