"""Connections to the mail server, kept open from message to message."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import aiosmtplib

MOST_MESSAGES = 100
MOST_IDLE_S = 20.0
QUIT_S = 1.0


class Connection:
    """One message at a time.

    `in_mid_message`: the last one was refused, and the server waits for what becomes of it. `reliable`: false
    once the server says that it is going away, or something that makes no sense.
    """

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self.client = client
        self.messages = 0
        self.idle_since = 0.0
        self.in_mid_message = False
        self.reliable = True

    @property
    def reused(self) -> bool:
        return self.messages > 1

    async def ready(self) -> aiosmtplib.SMTP:
        """For the next message. Raises SMTPException."""
        if self.in_mid_message:
            await self.client.rset()
            self.in_mid_message = False
        return self.client

    def may_be_kept(self) -> bool:
        return self.reliable and self.client.is_connected and self.messages < MOST_MESSAGES

    def is_fresh(self, now: float) -> bool:
        return self.client.is_connected and now - self.idle_since < MOST_IDLE_S


class Pool:
    """At most `size` connections at once; who wants one more waits."""

    def __init__(self, new_client: Callable[[], aiosmtplib.SMTP], size: int) -> None:
        self._new_client = new_client
        self._free = asyncio.Semaphore(size)
        self._idle: list[Connection] = []

    @asynccontextmanager
    async def connection(self, *, new: bool = False) -> AsyncIterator[Connection]:
        """Goes back to the pool unless something was raised. Raises SMTPException, OSError, TimeoutError."""
        async with self._free:
            connection = (None if new else self._take_idle()) or await self._connect()
            connection.messages += 1
            try:
                yield connection
            except BaseException:
                connection.client.close()
                raise
            await self._give_back(connection)

    async def close(self) -> None:
        while self._idle:
            await _quit(self._idle.pop())

    def _take_idle(self) -> Connection | None:
        now = asyncio.get_running_loop().time()
        while self._idle:
            connection = self._idle.pop()
            if connection.is_fresh(now):
                return connection
            connection.client.close()
        return None

    async def _connect(self) -> Connection:
        client = self._new_client()
        await client.connect()
        return Connection(client)

    async def _give_back(self, connection: Connection) -> None:
        if connection.may_be_kept():
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.append(connection)
        elif connection.reliable:
            await _quit(connection)
        else:
            connection.client.close()


async def _quit(connection: Connection) -> None:
    """As the protocol wants it, but without waiting for long."""
    with suppress(aiosmtplib.SMTPException, OSError):
        await connection.client.quit(timeout=QUIT_S)
    connection.client.close()
