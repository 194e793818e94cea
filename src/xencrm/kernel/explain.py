"""What the planner thinks of a query."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ClauseElement, Executable, Select, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from xencrm.kernel.database import Tx

_FOR_VALUES = text("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")


class _Explain(Executable, ClauseElement):
    inherit_cache = False

    def __init__(self, query: Select[Any]) -> None:
        self.query = query


@compiles(_Explain)
def _explain(element: _Explain, compiler: SQLCompiler, **options: Any) -> str:
    return f"EXPLAIN (FORMAT JSON) {compiler.process(element.query, **options)}"


async def plan_for_values(tx: Tx) -> None:
    """For the rest of a transaction: every statement is planned for the values that it has.

    A plan for any values takes a word that everybody has in the name for a rare one.
    """
    await tx.execute(_FOR_VALUES)


async def cheapest(tx: Tx, queries: Sequence[Select[Any]]) -> Select[Any]:
    """Of queries that mean the same, the one that the planner finds cheapest with the values they have."""
    if len(queries) == 1:
        return queries[0]
    costs = [await _cost(tx, query) for query in queries]
    return queries[costs.index(min(costs))]


async def _cost(tx: Tx, query: Select[Any]) -> float:
    plan: Any = (await tx.execute(_Explain(query))).scalar_one()
    return float(plan[0]["Plan"]["Total Cost"])
