"""Why a rule matches a customer: `POST /segments/explain` says what a preview says, part by part."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.hostile_profiles import hostile_profiles
from tests.support.postgres import PostgresServer
from tests.support.rule_trees import rules
from tests.support.service import RunningService
from xencrm.campaigns.segments import service
from xencrm.campaigns.segments.explaining import Explained
from xencrm.campaigns.segments.rules import Combinator, Condition, Group, to_json
from xencrm.kernel.clock import utc_now

PROFILES = hostile_profiles(100)
IDS = [profile["customer_id"] for profile in PROFILES]


@pytest.fixture(scope="module")
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres) as running:
        snapshots = [{key: p[key] for key in p if key != "synced_at"} for p in PROFILES]
        await add_customers(running, [customer(**snapshot) for snapshot in snapshots])
        yield running


def parts_of(explained: Explained) -> Iterator[Explained]:
    yield explained
    for child in explained.parts:
        yield from parts_of(child)


async def matching(campaigns: RunningService, part: Condition | Group) -> set[Any]:
    """The customers that a preview of the part finds."""
    tree = to_json(part if isinstance(part, Group) else Group(Combinator.AND, (part,)))
    async with campaigns.database.transaction() as tx:
        preview = await service.preview(tx, tree, sample=1000)
    assert preview.count == len(preview.sample)
    return {profile.customer_id for profile in preview.sample} & set(IDS)


@settings(
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(tree=rules, customers=st.lists(st.sampled_from(IDS), min_size=3, max_size=3, unique=True))
async def test_every_part_has_the_verdict_of_a_preview(
    campaigns: RunningService, tree: Any, customers: list[Any]
) -> None:
    explanations = {}
    for customer_id in customers:
        async with campaigns.database.transaction() as tx:
            explanations[customer_id] = list(parts_of(await service.explain(tx, tree, customer_id)))
    for number, explained in enumerate(explanations[customers[0]]):
        found = await matching(campaigns, explained.part)
        said = {customer_id for customer_id in customers if explanations[customer_id][number].verdict}
        assert said == found & set(customers), (tree, explained.part)


async def test_the_answer_is_the_rule_with_values_and_verdicts(campaigns: RunningService) -> None:
    ordered = utc_now() - timedelta(days=40, hours=1)
    attributes = {"city": "Pune", "age": 30}
    asha = customer(name="Asha", total_spend="1234.50", last_order_at=ordered, attributes=attributes)
    await add_customers(campaigns, [asha])
    tree = {
        "combinator": "and",
        "rules": [
            {"field": "total_spend", "operator": ">", "value": "1000"},
            {
                "combinator": "or",
                "not": True,
                "rules": [
                    {"field": "attributes.city", "operator": "in", "value": ["Delhi", "Mumbai"]},
                    {"field": "attributes.plan", "operator": "!=", "value": "free"},
                ],
            },
            {"field": "days_since_last_order", "operator": "<", "value": 30},
            {"field": "phone", "operator": "null"},
        ],
    }
    body = {"rules": tree, "customer_id": str(asha.customer_id)}
    status, explained = await campaigns.post("/segments/explain", body, role="viewer")
    assert status == 200
    assert explained == {
        "verdict": False,
        "combinator": "and",
        "not": False,
        "rules": [
            {
                "verdict": True,
                "field": "total_spend",
                "operator": ">",
                "value": 1000,
                "actual": "1234.50",
            },
            {
                "verdict": True,
                "combinator": "or",
                "not": True,
                "rules": [
                    {
                        "verdict": False,
                        "field": "attributes.city",
                        "operator": "in",
                        "value": ["Delhi", "Mumbai"],
                        "actual": "Pune",
                    },
                    {
                        "verdict": False,
                        "field": "attributes.plan",
                        "operator": "!=",
                        "value": "free",
                        "actual": None,
                    },
                ],
            },
            {
                "verdict": False,
                "field": "days_since_last_order",
                "operator": "<",
                "value": 30,
                "actual": 40,
            },
            {"verdict": True, "field": "phone", "operator": "null", "value": None, "actual": None},
        ],
    }


async def test_a_rule_as_large_as_rules_may_be_is_explained(campaigns: RunningService) -> None:
    condition = {"field": "attributes.city", "operator": "notIn", "value": ["Pune", "Delhi"]}
    tree: dict[str, Any] = {"combinator": "and", "rules": [condition] * 200}
    for _ in range(7):
        tree = {"combinator": "or", "rules": [tree, *[{"combinator": "or", "rules": []}] * 100]}
    body = {"rules": tree, "customer_id": str(IDS[1])}
    status, explained = await campaigns.post("/segments/explain", body)
    assert (status, len(explained["rules"])) == (200, 101)


async def test_who_is_not_there_is_not_explained(campaigns: RunningService) -> None:
    body = {"rules": {"combinator": "and", "rules": []}, "customer_id": str(uuid4())}
    assert (await campaigns.post("/segments/explain", body))[0] == 404
    body["rules"] = {"combinator": "and", "rules": [{"field": "colour", "operator": "null"}]}
    status, problem = await campaigns.post("/segments/explain", body)
    assert (status, problem["errors"][0]["field"]) == (400, "rules[0].field")
