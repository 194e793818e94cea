"""What the planner thinks of a query."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ClauseElement, Executable, Select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from xencrm.kernel.database import Tx


class _Explain(Executable, ClauseElement):
    inherit_cache = False

    def __init__(self, query: Select[Any]) -> None:
        self.query = query


@compiles(_Explain)
def _explain(element: _Explain, compiler: SQLCompiler, **options: Any) -> str:
    return f"EXPLAIN (FORMAT JSON) {compiler.process(element.query, **options)}"


async def cheapest(tx: Tx, queries: Sequence[Select[Any]]) -> Select[Any]:
    """Of queries that mean the same, the one that the planner finds cheapest with the values they have."""
    if len(queries) == 1:
        return queries[0]
    costs = [await _cost(tx, query) for query in queries]
    return queries[costs.index(min(costs))]


async def _cost(tx: Tx, query: Select[Any]) -> float:
    plan: Any = (await tx.execute(_Explain(query))).scalar_one()
    return float(plan[0]["Plan"]["Total Cost"])
