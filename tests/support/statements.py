"""What statements a piece of code runs, and how PostgreSQL would run them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event, text

from xencrm.kernel.database import Database, Tx

# What a plan for certain values costs to make, as PostgreSQL reckons for a few tables.
PLANNING_COST = 25.0


@dataclass(frozen=True)
class Statement:
    """As it went to the driver, with its values."""

    text: str
    values: Any

    def __str__(self) -> str:
        return " ".join(self.text.split())[:90]


@contextmanager
def captured(database: Database) -> Iterator[list[Statement]]:
    """Every statement on the database while it lasts; those that begin and end transactions are not among
    them."""
    statements: list[Statement] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        statements.append(Statement(statement, values))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def plans_of(database: Database, statement: Statement) -> list[str]:
    """The plan for the values at hand; and that for any values, where PostgreSQL would come to prefer it."""
    async with database.transaction() as tx:
        await tx.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
        present = await _explain(tx, f"EXPLAIN {statement.text}", statement.values)
        await tx.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
        await tx.exec_driver_sql(f"PREPARE hot AS {statement.text}")
        places = re.findall(r"\$(\d+)", statement.text)
        nulls = ", ".join(["NULL"] * max(map(int, places), default=0))
        generic = await _explain(tx, f"EXPLAIN EXECUTE hot{f' ({nulls})' if nulls else ''}", ())
        await tx.exec_driver_sql("DEALLOCATE hot")
    return [present, generic] if _cost(generic) < _cost(present) + PLANNING_COST else [present]


def _cost(plan: str) -> float:
    return float(re.findall(r"cost=[\d.]+\.\.([\d.]+)", plan)[0])


async def _explain(tx: Tx, statement: str, values: Any) -> str:
    rows = await tx.exec_driver_sql(statement, values)
    return "\n".join(str(row[0]) for row in rows)


def scanned(plan: str) -> set[str]:
    """The tables that a plan reads from one end to the other."""
    return set(re.findall(r"Seq Scan on (\w+)", plan))


def indexes_used(plan: str) -> set[str]:
    by_index = re.findall(r"(?:Index|Index Only) Scan (?:Backward )?using (\w+)", plan)
    return {*by_index, *re.findall(r"Bitmap Index Scan on (\w+)", plan)}
