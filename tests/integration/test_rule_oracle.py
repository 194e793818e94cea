"""The compiler against an oracle: random rules over hostile profiles in a real PostgreSQL."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Label, and_, select

from tests.support.campaigns import customer
from tests.support.hostile_profiles import NOW, hostile_profiles
from tests.support.postgres import PostgresServer
from tests.support.rule_oracle import matches
from tests.support.rule_trees import narrowable_rules, rules
from xencrm.campaigns.profiles.service import project_customers
from xencrm.campaigns.profiles.tables import customers_mv
from xencrm.campaigns.profiles.texts import is_told
from xencrm.campaigns.readiness import MIGRATIONS
from xencrm.campaigns.segments.compiler import compile_rule
from xencrm.campaigns.segments.fields import FIELDS, Kind, find_field
from xencrm.campaigns.segments.narrowing import find_narrowing
from xencrm.campaigns.segments.parsing import parse_rule
from xencrm.campaigns.segments.rules import Operator, to_json
from xencrm.kernel.database import Database
from xencrm.kernel.migrations import migrate

PROFILES = hostile_profiles(300)
TREES_A_ROUND = 20
ROUNDS = 100


@pytest.fixture(scope="module")
async def database(postgres: PostgresServer) -> AsyncIterator[Database]:
    database = Database(await postgres.create_database("rule_oracle"))
    await migrate(database, MIGRATIONS)
    async with database.transaction() as tx:
        snapshots = [{key: p[key] for key in p if key != "synced_at"} for p in PROFILES]
        await project_customers(tx, [customer(**snapshot) for snapshot in snapshots])
    yield database
    await database.close()


async def verdicts(database: Database, trees: Sequence[Any]) -> list[tuple[bool, ...]]:
    """For each tree what PostgreSQL says of each profile, in one round trip."""
    columns = [compile_rule(parse_rule(tree), NOW).label(f"v{i}") for i, tree in enumerate(trees)]
    return await _ask(database, columns)


async def narrowed_verdicts(database: Database, trees: Sequence[Any]) -> list[tuple[bool, ...]]:
    """The same of the rules that say something of texts or attributes, with what narrows them."""
    parsed = [parse_rule(tree) for tree in trees]
    columns = [
        and_(compile_rule(rule, NOW), is_told(narrowing)).label(f"v{i}")
        for i, rule in enumerate(parsed)
        if (narrowing := find_narrowing(rule)) is not None
    ]
    return await _ask(database, columns)


async def _ask(database: Database, columns: Sequence[Label[bool]]) -> list[tuple[bool, ...]]:
    if not columns:
        return []
    query = select(*columns).select_from(customers_mv).order_by(customers_mv.c.customer_id)
    async with database.transaction() as tx:
        rows = (await tx.execute(query)).all()
    return [tuple(column) for column in zip(*rows, strict=True)]


def disagreements(tree: Any, verdict: Sequence[bool]) -> list[dict[str, Any]]:
    return [p for p, said in zip(PROFILES, verdict, strict=True) if said is not matches(tree, p, NOW)]


@settings(
    max_examples=ROUNDS,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(trees=st.lists(rules, min_size=TREES_A_ROUND, max_size=TREES_A_ROUND))
async def test_random_rules_match_the_profiles_that_the_oracle_says(
    database: Database, trees: list[Any]
) -> None:
    for tree, verdict in zip(trees, await verdicts(database, trees), strict=True):
        assert disagreements(tree, verdict) == [], tree
        assert parse_rule(to_json(parse_rule(tree))) == parse_rule(tree)


@settings(
    max_examples=ROUNDS // 5,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(trees=st.lists(narrowable_rules, min_size=TREES_A_ROUND, max_size=TREES_A_ROUND))
async def test_what_narrows_a_rule_to_texts_leaves_nobody_out(database: Database, trees: list[Any]) -> None:
    narrowed = [tree for tree in trees if find_narrowing(parse_rule(tree)) is not None]
    plain, with_texts = await verdicts(database, narrowed), await narrowed_verdicts(database, narrowed)
    for tree, one, other in zip(narrowed, plain, with_texts, strict=True):
        assert one == other, tree


LIKE = ["100%", "r_s", "_", "k\\s", "\\%"]
VALUES: dict[Kind, list[Any]] = {
    Kind.MONEY: ["0", 0.01, 99.99, "100.00", 1234.5, "9999999999.99"],
    Kind.COUNT: [0, 1, "2", 2.5, 7, 2147483647],
    Kind.DAYS: [-3, -1, 0, 1, "6.5", 7, 29, 30, 1_000_000],
    Kind.DATE: [NOW.isoformat(), "2026-11-22", "2026-11-16", "2024-02-29T12:00:00Z", "1970-01-01"],
    Kind.TEXT: ["ACTIVE", "Asha Rao", PROFILES[0]["email"], "+919876543210", "straße", "istanbul", *LIKE],
    Kind.ATTRIBUTE: ["Asha Rao", "straße", "istanbul", "1", ""],
}
LISTS = (Operator.IN, Operator.NOT_IN, Operator.BETWEEN, Operator.NOT_BETWEEN)


def every_condition() -> Iterator[dict[str, Any]]:
    """Each operator on each field, with values that profiles have."""
    for field in [*FIELDS.values(), *filter(None, [find_field("attributes.city")])]:
        for operator, value in product(field.operators, VALUES[field.kind]):
            operands = [[value, other] for other in VALUES[field.kind]] if operator in LISTS else [value]
            for operand in operands:
                yield {"field": field.name, "operator": operator.value, "value": operand}


async def test_every_operator_on_every_field_agrees_and_is_seen_both_true_and_false(
    database: Database,
) -> None:
    seen: dict[tuple[str, str], set[bool]] = defaultdict(set)
    conditions = list(every_condition())
    for start in range(0, len(conditions), 200):
        batch = conditions[start : start + 200]
        trees = [{"combinator": "and", "rules": [condition]} for condition in batch]
        for condition, tree, verdict in zip(batch, trees, await verdicts(database, trees), strict=True):
            assert disagreements(tree, verdict) == [], condition
            seen[condition["field"], condition["operator"]] |= set(verdict)
    one_sided = {pair for pair, verdict in seen.items() if verdict != {True, False}}
    never_missing = [field.name for field in FIELDS.values() if not field.nullable]
    assert one_sided == set(product(never_missing, ("null", "notNull")))


async def test_a_condition_is_never_null_so_that_not_is_plain_negation(database: Database) -> None:
    trees = [{"combinator": "and", "rules": [condition]} for condition in every_condition()][::7]
    negated = [tree | {"not": True} for tree in trees]
    plain, opposite = await verdicts(database, trees[:400]), await verdicts(database, negated[:400])
    assert opposite == [tuple(not said for said in verdict) for verdict in plain]
