"""One SQLite file: what is committed survives kill -9 and a power cut. One thread writes, another reads."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA cache_size = -32768",
    "PRAGMA wal_autocheckpoint = 4000",
    "PRAGMA busy_timeout = 5000",
)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    return connection


class Storage:
    """Opens or creates the file and brings its tables up. A torn tail is rolled back by SQLite."""

    def __init__(self, path: Path, schema: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writing = _connect(path)
        self._writing.executescript(schema)
        self._reading = _connect(path)
        self._writer = ThreadPoolExecutor(1, "writer")
        self._reader = ThreadPoolExecutor(1, "reader")

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """One transaction, on disk when this returns. Raises sqlite3.Error: then nothing of it was kept."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, _transact, self._writing, work)

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What is committed, as one snapshot per statement."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reader, work, self._reading)

    def close(self) -> None:
        """Finishes what was begun."""
        self._writer.shutdown()
        self._reader.shutdown()
        self._reading.close()
        self._writing.close()


def _transact(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result
