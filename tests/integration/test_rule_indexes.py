"""Rules are asked in a form that the indexes of the Business DB serve."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import ColumnElement, Select, func, select, text

from tests.support.crowd import fill_business_db
from tests.support.hostile_profiles import NOW
from tests.support.postgres import PostgresServer
from xencrm.campaigns.profiles.tables import customers_mv, profile_texts
from xencrm.campaigns.readiness import MIGRATIONS
from xencrm.campaigns.segments.compiler import compile_rule
from xencrm.campaigns.segments.narrowing import find_narrowing
from xencrm.campaigns.segments.parsing import parse_rule
from xencrm.kernel.database import Database
from xencrm.kernel.migrations import migrate


@pytest.fixture(scope="module")
async def database(postgres: PostgresServer) -> AsyncIterator[Database]:
    database = Database(await postgres.create_database("rule_indexes"))
    await migrate(database, MIGRATIONS)
    connection = await asyncpg.connect(database.url)
    await fill_business_db(connection, 5000)
    await connection.close()
    yield database
    await database.close()


def condition(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def group(combinator: str, *rules: dict[str, Any], **options: Any) -> dict[str, Any]:
    return {"combinator": combinator, "rules": list(rules), **options}


def narrowing_of(tree: dict[str, Any]) -> ColumnElement[bool] | None:
    return find_narrowing(parse_rule(tree))


async def plan_of(database: Database, query: Select[Any]) -> str:
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
        ("total_spend", "total_spend", ">", "100.50"),
        ("total_spend", "total_spend", "between", [1, 5]),
        ("numbers", "total_orders", "=", 3),
        ("numbers", "total_orders", "in", [3, 4]),
        ("numbers", "total_visits", ">=", 30),
        ("last_order_at", "last_order_at", "=", "2026-11-01"),
        ("last_order_at", "last_order_at", "null", None),
        ("last_order_at", "days_since_last_order", ">", 90),
        ("last_order_at", "days_since_last_order", "<=", 7.5),
        ("created_at", "created_at", "<", "2026-11-01"),
    ],
)
async def test_an_index_serves_a_condition_on_a_number_or_a_date(
    database: Database, index: str, field: str, operator: str, value: Any
) -> None:
    rule = parse_rule(group("and", condition(field, operator, value)))
    plan = await plan_of(database, select(customers_mv.c.customer_id).where(compile_rule(rule, NOW)))
    assert f"customers_mv_{index}" in plan
    assert "Index Cond" in plan


async def test_a_rule_without_texts_and_attributes_is_counted_in_one_index(database: Database) -> None:
    fields = ("total_spend", "total_orders", "total_visits", "days_since_last_order")
    numbers = [condition(field, "<", 100) for field in fields]
    others = [condition("status", "=", "ACTIVE"), condition("created_at", ">", "2026-01-01")]
    rule = parse_rule(group("or", *numbers, *others))
    query = select(func.count()).select_from(customers_mv).where(compile_rule(rule, NOW))
    assert "Index Only Scan using customers_mv_numbers" in await plan_of(database, query)


CITY = condition("attributes.city", "=", "Pune")
NAME = condition("name", "contains", "Zoé R")
RICH = condition("total_spend", ">", 100)


@pytest.mark.parametrize(
    "tree",
    [
        group("and", NAME),
        group("and", CITY),
        group("and", condition("email", "endsWith", "@shop.example")),
        group("and", condition("email", "in", ["a@shop.example", "b@shop.example"])),
        group("and", condition("phone", "=", "+919876543210")),
        group("and", condition("attributes.city", "in", ["Pune", "Delhi"])),
        group("and", RICH, group("and", group("or", NAME, CITY))),
        group("and", NAME, condition("status", "!=", "ACTIVE"), group("or", CITY, RICH)),
    ],
)
async def test_an_index_serves_what_narrows_a_rule_to_some_texts(
    database: Database, tree: dict[str, Any]
) -> None:
    narrowing = narrowing_of(tree)
    assert narrowing is not None
    plan = await plan_of(database, select(profile_texts.c.customer_id).where(narrowing))
    assert "profile_texts_search" in plan
    assert "Index Cond" in plan


@pytest.mark.parametrize(
    "tree",
    [
        group("and", RICH),
        group("and"),
        group("or", NAME, RICH),
        group("or", NAME, group("and")),
        group("and", NAME, **{"not": True}),
        group("and", condition("name", "doesNotContain", "Zoé")),
        group("and", condition("name", "!=", "Zoé")),
        group("and", condition("name", ">", "Zoé")),
        group("and", condition("name", "in", [])),
        group("and", condition("phone", "null")),
        group("and", condition("status", "=", "ACTIVE")),
        group("and", condition("attributes.city", "contains", "Pun")),
        group("and", condition("attributes.age", ">", 30)),
        group("and", condition("email", "in", [f"{number}@shop.example" for number in range(1000)])),
    ],
)
def test_other_rules_are_not_narrowed(tree: dict[str, Any]) -> None:
    assert narrowing_of(tree) is None
