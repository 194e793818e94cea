"""Conditions on plain columns are asked in a form that their indexes serve."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select, text

from tests.support.hostile_profiles import NOW
from tests.support.postgres import PostgresServer
from xencrm.campaigns.profiles.tables import customers_mv, metadata
from xencrm.campaigns.segments.compiler import compile_rule
from xencrm.campaigns.segments.parsing import parse_rule
from xencrm.kernel.database import Database

INDEXES = (
    "CREATE EXTENSION pg_trgm",
    "CREATE INDEX by_spend ON customers_mv (total_spend)",
    "CREATE INDEX by_orders ON customers_mv (total_orders)",
    "CREATE INDEX by_last_order ON customers_mv (last_order_at)",
    "CREATE INDEX by_email ON customers_mv (email)",
    'CREATE INDEX by_name ON customers_mv USING gin (name COLLATE "pg_c_utf8" gin_trgm_ops)',
    "CREATE INDEX by_attributes ON customers_mv USING gin (attributes jsonb_path_ops)",
)


@pytest.fixture(scope="module")
async def database(postgres: PostgresServer) -> AsyncIterator[Database]:
    database = Database(await postgres.create_database("rule_indexes"))
    async with database.transaction() as tx:
        await tx.run_sync(metadata.create_all, tables=[customers_mv])
        for statement in INDEXES:
            await tx.execute(text(statement))
    yield database
    await database.close()


async def plan_of(database: Database, condition: dict[str, Any]) -> str:
    rule = parse_rule({"combinator": "and", "rules": [condition]})
    query = select(customers_mv.c.customer_id).where(compile_rule(rule, NOW))
    async with database.transaction() as tx:
        await tx.execute(text("SET LOCAL enable_seqscan = off"))
        statement = query.compile(dialect=tx.dialect)
        names = statement.positiontup or []
        values = tuple(statement.params[name] for name in names)
        lines = await tx.exec_driver_sql(f"EXPLAIN {statement}", values)
        return "\n".join(str(line[0]) for line in lines)


@pytest.mark.parametrize(
    ("index", "field", "operator", "value"),
    [
        ("by_spend", "total_spend", ">", "100.50"),
        ("by_spend", "total_spend", "between", [1, 5]),
        ("by_orders", "total_orders", "=", 3),
        ("by_orders", "total_orders", "in", [3, 4]),
        ("by_last_order", "last_order_at", "=", "2026-11-01"),
        ("by_last_order", "last_order_at", "null", None),
        ("by_last_order", "days_since_last_order", ">", 90),
        ("by_last_order", "days_since_last_order", "<=", 7.5),
        ("by_email", "email", "in", ["a@example.com", "b@example.com"]),
        ("by_name", "name", "contains", "Zoé R"),
        ("by_attributes", "attributes.city", "=", "Pune"),
    ],
)
async def test_an_index_serves_the_condition(
    database: Database, index: str, field: str, operator: str, value: Any
) -> None:
    plan = await plan_of(database, {"field": field, "operator": operator, "value": value})
    assert index in plan
    assert "Index Cond" in plan
