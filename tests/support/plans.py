"""How PostgreSQL runs a statement whatever is bound to it: the plan that prepared statements end with."""

import asyncpg
from sqlalchemy import TextClause
from sqlalchemy.dialects.postgresql.asyncpg import dialect


async def generic_plan(connection: "asyncpg.Connection[asyncpg.Record]", statement: TextClause) -> str:
    compiled = statement.compile(dialect=dialect())
    nulls = ", ".join("NULL" for _ in set(compiled.positiontup or []))
    await connection.execute("SET plan_cache_mode = force_generic_plan")
    await connection.execute(f"PREPARE asked AS {compiled}")
    try:
        lines = await connection.fetch(
            f"EXPLAIN EXECUTE asked({nulls})" if nulls else "EXPLAIN EXECUTE asked"
        )
        return "\n".join(line[0] for line in lines)
    finally:
        await connection.execute("DEALLOCATE asked")


async def tables_read_whole(
    connection: "asyncpg.Connection[asyncpg.Record]", statement: TextClause
) -> set[str]:
    """Those that the statement would read from their first row to the last."""
    plan = await generic_plan(connection, statement)
    return {line.split("Seq Scan on ")[1].split()[0] for line in plan.splitlines() if "Seq Scan on " in line}
