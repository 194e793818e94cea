"""PostgreSQL: an engine, transactions, notifications, and what an error means."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import QueuePool

from xencrm.kernel.logging import get_logger

Tx = AsyncConnection
log = get_logger(__name__)

# connection, transaction rollback (deadlock, serialisation), resources, operator, system; 42: not migrated
_TRANSIENT_CLASSES = frozenset({"08", "40", "53", "55", "57", "58", "42"})
# A client whose machine is gone must not keep its locks: the server notices within a minute.
_SESSION = {
    "jit": "off",
    "tcp_keepalives_idle": "20",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "idle_in_transaction_session_timeout": "60s",
}
_SQLALCHEMY_SCHEME = "postgresql+asyncpg://"


class Overtaken(Exception):
    """Another transaction has changed meanwhile what this one was computed from: it is to be done again."""


class Database:
    """One database of one process. Every statement runs in a `transaction()`, whose end is the commit."""

    def __init__(self, url: str, *, pool_size: int = 8, application_name: str = "xencrm") -> None:
        self.url = url
        self.pool_size = pool_size
        self.engine = create_async_engine(
            _SQLALCHEMY_SCHEME + url.split("://", 1)[1],
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=5,
            json_deserializer=msgspec.json.decode,
            hide_parameters=True,  # errors are logged, and values may be anybody's data
            connect_args={
                "timeout": 5,
                "command_timeout": 120,
                "server_settings": {**_SESSION, "application_name": application_name},
            },
        )

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        async with self.engine.begin() as tx:
            yield tx

    async def ping(self) -> None:
        """Raises when the database cannot be asked."""
        async with self.transaction() as tx:
            await tx.execute(text("SELECT 1"))

    async def wait_until_ready(self, *, timeout_s: float = 60) -> None:
        deadline = asyncio.get_running_loop().time() + timeout_s
        while True:
            try:
                return await self.ping()
            except Exception as error:
                if not is_transient(error) or asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(0.1)

    def connections_in_use(self) -> int:
        pool = self.engine.pool
        return pool.checkedout() if isinstance(pool, QueuePool) else 0

    async def close(self) -> None:
        await self.engine.dispose()


def sqlstate_of(error: BaseException) -> str | None:
    """The server's five-character code for an error, if it has one."""
    origin: Any = error.orig if isinstance(error, DBAPIError) else error
    return getattr(origin, "sqlstate", None)


def described(error: BaseException) -> str:
    """An error for the log: PostgreSQL's lines after the first may have values of rows in them."""
    origin = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return f"{type(error).__name__}: {str(origin).partition(chr(10))[0][:500]}"


def is_transient(error: BaseException) -> bool:
    """Trouble of the moment (connection, deadlock, shutdown, disk), not of the data: try again."""
    state = sqlstate_of(error)
    if state is not None:
        return state[:2] in _TRANSIENT_CLASSES
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(error, InterfaceError) or _is_lost(error.orig)
    return _is_lost(error)


def _is_lost(error: BaseException | None) -> bool:
    if isinstance(error, msgspec.ValidationError):
        return False
    kinds = (
        Overtaken,
        OSError,
        TimeoutError,
        PoolTimeoutError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,
    )
    return isinstance(error, kinds)


class Listener:
    """A connection of its own that hears NOTIFY on one channel and may hold session advisory locks."""

    def __init__(self, database: Database, channel: str) -> None:
        self._url = database.url
        self._channel = channel

    @asynccontextmanager
    async def session(self, wake: Callable[[], None]) -> AsyncIterator["Session"]:
        """`wake` is called on every notification and when the connection is lost."""
        connection = await asyncpg.connect(self._url, timeout=5, command_timeout=30, server_settings=_SESSION)
        try:
            await connection.add_listener(self._channel, lambda *_: wake())
            connection.add_termination_listener(lambda *_: wake())
            yield Session(connection)
        finally:
            with suppress(Exception):
                await connection.close(timeout=1)


class Session:
    """What a Listener's connection can be asked while it lasts."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._connection = connection

    async def try_lock(self, key: int) -> bool:
        """Takes the advisory lock if nobody has it; it ends with the connection."""
        return bool(await self._connection.fetchval("SELECT pg_try_advisory_lock($1)", key))

    @property
    def alive(self) -> bool:
        return not self._connection.is_closed()
