"""The side of the proxy towards one part: pooled connections that carry one exchange at a time."""

import asyncio
import time
from typing import Protocol, cast

import httptools

from xencrm.local.proxy.heads import Header

CONNECT_S = 1.5
# Less than the parts keep an idle connection, so that we are the ones who close it.
IDLE_S = 30.0
MOST_IDLE = 64


class Receiver(Protocol):
    """Who gets the answer."""

    def response_head(self, status: int, reason: bytes, headers: list[Header], has_length: bool) -> None: ...

    def response_body(self, data: bytes) -> None: ...

    def response_end(self) -> None: ...

    def response_lost(self) -> None:
        """The connection ended before the answer did."""

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class Upstream:
    """A part by its address, with the connections to it that are free now."""

    def __init__(self, name: str, host: str, port: int) -> None:
        self.name = name
        self._address = (host, port)
        self._idle: list[UpstreamConnection] = []

    def take_idle(self) -> "UpstreamConnection | None":
        """A connection that was used before, the freshest first; the part may have closed it a moment ago."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_stale():
                return connection
            connection.abort()
        return None

    async def connect(self) -> "UpstreamConnection":
        """Raises OSError (TimeoutError is one) when the part is away."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(CONNECT_S):
            _, connection = await loop.create_connection(lambda: UpstreamConnection(self), *self._address)
        return connection

    def give_back(self, connection: "UpstreamConnection") -> None:
        if len(self._idle) < MOST_IDLE:
            self._idle.append(connection)
        else:
            connection.abort()

    def forget(self, connection: "UpstreamConnection") -> None:
        if connection in self._idle:
            self._idle.remove(connection)


class UpstreamConnection(asyncio.Protocol):
    """One connection to a part; between exchanges it has no receiver."""

    _transport: asyncio.Transport

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._receiver: Receiver | None = None
        self._last_used = time.monotonic()
        self._ends_with_connection = False

    def begin(self, receiver: Receiver, *, head_only: bool) -> None:
        """From now on what arrives is the answer to the receiver's request; `head_only`: it asked by HEAD."""
        self._receiver = receiver
        self._head_only = head_only
        self._request_is_sent = False
        self._ends_with_connection = False
        self._parser = httptools.HttpResponseParser(self)

    def send(self, data: bytes) -> None:
        self._transport.write(data)

    def request_sent(self) -> None:
        """The whole request was handed over: the connection may carry another one after the answer."""
        self._request_is_sent = True

    def abort(self) -> None:
        """Ends the connection, which tells the part that nobody waits for its answer."""
        self._receiver = None
        self._transport.abort()

    def is_stale(self) -> bool:
        return self._transport.is_closing() or time.monotonic() - self._last_used > IDLE_S

    def pause_reading(self) -> None:
        if not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._receiver is None:
            self._transport.abort()
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._lose()

    def connection_lost(self, exc: Exception | None) -> None:
        self._upstream.forget(self)
        if self._receiver is not None and self._ends_with_connection and exc is None:
            self._finish(reusable=False)
        else:
            self._lose()

    def pause_writing(self) -> None:
        if self._receiver is not None:
            self._receiver.pause_reading()

    def resume_writing(self) -> None:
        if self._receiver is not None:
            self._receiver.resume_reading()

    # httptools

    def on_message_begin(self) -> None:
        self._reason = b""
        self._headers: list[Header] = []
        self._in_head = True

    def on_status(self, reason: bytes) -> None:
        self._reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._in_head = False
        status = self._parser.get_status_code()
        if self._receiver is None or status < 200:
            return
        names = {name.lower() for name, _ in self._headers}
        has_length = b"content-length" in names
        bodiless = self._head_only or status in (204, 304)
        self._ends_with_connection = not (has_length or bodiless or b"transfer-encoding" in names)
        self._receiver.response_head(status, self._reason, self._headers, has_length)
        if self._head_only:
            self._finish(reusable=self._parser.should_keep_alive())

    def on_body(self, data: bytes) -> None:
        if self._receiver is not None:
            self._receiver.response_body(data)

    def on_message_complete(self) -> None:
        if self._receiver is not None and self._parser.get_status_code() >= 200:
            self._finish(reusable=self._parser.should_keep_alive())

    def _finish(self, *, reusable: bool) -> None:
        """The answer is whole."""
        receiver, self._receiver = self._receiver, None
        self._last_used = time.monotonic()
        if reusable and self._request_is_sent and not self._transport.is_closing():
            self._transport.resume_reading()
            self._upstream.give_back(self)
        else:
            self._transport.abort()
        if receiver is not None:
            receiver.response_end()

    def _lose(self) -> None:
        receiver, self._receiver = self._receiver, None
        self._transport.abort()
        if receiver is not None:
            receiver.response_lost()
