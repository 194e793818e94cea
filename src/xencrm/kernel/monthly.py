"""Tables divided by month: partitions are made ahead of need and dropped whole, without holding anyone up."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from xencrm.kernel.database import Database, Tx, sqlstate_of
from xencrm.kernel.logging import get_logger

MONTHS_AHEAD = 2
MOST_MOVED = 100_000  # rows of a month; with more in the default partition they stay there
_LOCK_TIMEOUT = "1s"  # everybody else waits behind us for as long
_STATEMENT_TIMEOUT = "10s"
_GIVEN_UP = {"55P03", "57014"}  # lock not available, query cancelled by its time-out
_PARTITIONS = text("""
    SELECT CAST(CAST(inhrelid AS regclass) AS text) FROM pg_inherits WHERE inhparent = to_regclass(:name)
""")
log = get_logger(__name__)


@dataclass(frozen=True)
class MonthlyTable:
    """A table partitioned by range of `column`, a date, with a partition `<name>_default`.

    `storage`: storage parameters of each month's partition.
    """

    name: str
    column: str
    storage: str = ""

    @property
    def default(self) -> str:
        return f"{self.name}_default"

    def partition(self, month: date) -> str:
        return f"{self.name}_{month:%Y%m}"


def month_after(day: date, months: int) -> date:
    """The first day of the month that is so many months after the day's; before it when negative."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


async def make_ahead(
    database: Database, table: MonthlyTable, today: date, *, most_moved: int = MOST_MOVED
) -> None:
    """Makes the partitions of this month and the next; one that cannot be made now waits for the next call.

    A month's rows that lie in the default partition move over, unless they are too many.
    """
    for ahead in range(MONTHS_AHEAD + 1):
        month = month_after(today, ahead)
        work = partial(_make, table=table, month=month, most_moved=most_moved)
        await _unless_busy(database, table.partition(month), work)


async def drop_before(database: Database, table: MonthlyTable, month: date) -> None:
    """Drops the partitions of earlier months; one that is in use is left for the next call."""
    async with database.transaction() as tx:
        names = await _partitions(tx, table)
    for name in sorted(names - {table.default}):
        if name < table.partition(month):
            await _unless_busy(database, name, partial(_drop, name=name))


async def purge_default(tx: Tx, table: MonthlyTable, month: date, *, most: int) -> int:
    """Deletes up to `most` rows of earlier months that lie in the default partition. Returns how many."""
    statement = text(f"""
        DELETE FROM {table.default} WHERE ctid = ANY(ARRAY(
            SELECT ctid FROM {table.default} WHERE {table.column} < CAST(:month AS date)
            LIMIT :most FOR UPDATE SKIP LOCKED
        ))
    """)
    return (await tx.execute(statement, {"month": month, "most": most})).rowcount


async def _unless_busy(database: Database, name: str, work: Callable[[Tx], Awaitable[None]]) -> None:
    try:
        async with database.transaction() as tx:
            await tx.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
            await tx.execute(text(f"SET LOCAL statement_timeout = '{_STATEMENT_TIMEOUT}'"))
            await work(tx)
    except DBAPIError as error:
        if sqlstate_of(error) not in _GIVEN_UP:
            raise
        log.warning("partition.busy", partition=name)


async def _make(tx: Tx, *, table: MonthlyTable, month: date, most_moved: int) -> None:
    """The default partition is locked, so that no row of the month can come to it meanwhile."""
    await tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('partitions of months'))"))
    name = table.partition(month)
    if name in await _partitions(tx, table):
        return
    if await _in_default(tx, table, month, more_than=most_moved):
        log.warning("partition.left_in_default", partition=name)
        return
    storage = f" WITH ({table.storage})" if table.storage else ""
    for statement in (
        f"LOCK TABLE {table.default} IN ACCESS EXCLUSIVE MODE",
        f"CREATE TABLE {name} (LIKE {table.name} INCLUDING ALL){storage}",
        f"WITH early AS (DELETE FROM {table.default} WHERE {table.column} = '{month}' RETURNING *)"
        f" INSERT INTO {name} SELECT * FROM early",
        f"ALTER TABLE {table.name} ATTACH PARTITION {name}"
        f" FOR VALUES FROM ('{month}') TO ('{month_after(month, 1)}')",
    ):
        await tx.execute(text(statement))


async def _in_default(tx: Tx, table: MonthlyTable, month: date, *, more_than: int) -> bool:
    """Whether more rows of the month than that lie in the default partition."""
    rows = f"SELECT 1 FROM {table.default} WHERE {table.column} = '{month}' OFFSET {more_than} LIMIT 1"
    return (await tx.execute(text(rows))).first() is not None


async def _drop(tx: Tx, *, name: str) -> None:
    await tx.execute(text(f"DROP TABLE IF EXISTS {name}"))


async def _partitions(tx: Tx, table: MonthlyTable) -> set[str]:
    return set((await tx.execute(_PARTITIONS, {"name": table.name})).scalars())
