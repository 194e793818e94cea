"""Connections to the embedded broker's database, and what their errors mean."""

from contextlib import AbstractContextManager
from typing import TypeAlias

import asyncpg

from xencrm.kernel.messaging.link import OPEN_TIMEOUT_S, raised_as_unavailable
from xencrm.kernel.messaging.postgres_schema import create_schema

# Text, since these classes take parameters for the type checker only.
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

POOL_SIZE = 5
CLOSE_TIMEOUT_S = 2.0
# The server finds out that a client's machine is gone, and frees what that client had locked.
KEEPALIVE = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
PUBLISHING = KEEPALIVE | {"application_name": "xencrm broker publish", "synchronous_commit": "on"}
# A crash of the server may take back a count or an acknowledgement of the last moment, and frames are
# given out again, as RabbitMQ does. The plan is always the primary key, whatever the statistics say:
# they are taken when the table is empty as well as when it is full.
CONSUMING = KEEPALIVE | {
    "application_name": "xencrm broker consume",
    "synchronous_commit": "off",
    "jit": "off",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_sort": "off",
}


def lost_is_unavailable() -> AbstractContextManager[None]:
    """A server that dies in mid query can look like a fault of the client (InternalClientError)."""
    return raised_as_unavailable(
        asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError
    )


async def open_pool(url: str) -> Pool:
    """For publishing; the schema is there afterwards. Raises BrokerUnavailable."""
    pool = asyncpg.create_pool(
        url,
        min_size=0,
        max_size=POOL_SIZE,
        timeout=OPEN_TIMEOUT_S,
        reset=_keep,
        server_settings=PUBLISHING,
    )
    with lost_is_unavailable():
        await pool
        try:
            async with pool.acquire() as connection:
                await create_schema(connection)
        except BaseException:
            pool.terminate()
            raise
    return pool


async def close_pool(pool: Pool) -> None:
    try:
        with lost_is_unavailable():
            await pool.close()
    finally:
        pool.terminate()


async def open_consumer(url: str) -> Connection:
    """Raises BrokerUnavailable."""
    with lost_is_unavailable():
        return await asyncpg.connect(url, timeout=OPEN_TIMEOUT_S, server_settings=CONSUMING)


async def _keep(_: object) -> None:
    """Instead of the pool's reset, a round trip for each publish: nothing is ever left on a connection."""
