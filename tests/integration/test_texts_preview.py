"""Texts are shown as they would be before anything is kept."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.postgres import PostgresServer
from tests.support.service import RunningService

PEOPLE = (
    {"name": "Asha Rao", "attributes": {"city": "Pune", "tier": "gold"}},
    {"name": "Ravi Iyer", "attributes": {"city": "Pune"}, "phone": "+91 1"},
    {"name": "Meera Nair", "attributes": {"city": "Pune"}, "status": "INACTIVE"},
    {"name": "Arjun Das", "attributes": {"city": "Kochi"}},
)


@pytest.fixture(scope="module")
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres) as running:
        await add_customers(running, [customer(**dict(fields)) for fields in PEOPLE])
        yield running


def in_city(city: str) -> dict[str, Any]:
    return {"combinator": "and", "rules": [{"field": "attributes.city", "operator": "=", "value": city}]}


async def preview(campaigns: RunningService, body: dict[str, Any]) -> tuple[int, Any]:
    return await campaigns.post("/templates/preview", body, role="viewer")


async def test_texts_are_rendered_for_those_whom_a_rule_matches_and_blanks_are_counted(
    campaigns: RunningService,
) -> None:
    body = {
        "message_template": "Dear {{ first_name }}, {{ attributes.tier }} {{ unsubscribe_url }}",
        "subject": "For {{ name }}",
        "html_template": "<p>{{ phone }}</p>",
        "rules": in_city("Pune"),
        "samples": 10,
    }
    status, shown = await preview(campaigns, body)
    assert status == 200, shown
    assert (shown["count"], shown["inactive"], shown["suppressed"]) == (3, 1, 0)
    assert shown["blank"] == {
        "attributes.tier": 2,
        "first_name": 0,
        "name": 0,
        "phone": 2,
        "unsubscribe_url": 0,
    }
    asha, ravi = sorted(shown["samples"], key=lambda sample: sample["name"])
    assert asha["text"].startswith("Dear Asha, gold http")
    assert (asha["subject"], asha["blank"]) == ("For Asha Rao", ["phone"])
    assert (ravi["html"], ravi["blank"]) == ("<p>+91 1</p>", ["attributes.tier"])
    assert (await campaigns.get("/campaigns"))[1]["items"] == []


async def test_a_segment_is_taken_as_its_rule(campaigns: RunningService) -> None:
    _, segment = await campaigns.post("/segments", {"name": uuid4().hex, "rules": in_city("Kochi")})
    given = {"message_template": "Hi {{ name }}", "segment_id": segment["segment_id"]}
    status, shown = await preview(campaigns, given)
    assert (status, shown["count"], [sample["text"] for sample in shown["samples"]]) == (
        200,
        1,
        ["Hi Arjun Das"],
    )
    status, problem = await preview(campaigns, {**given, "segment_id": str(uuid4())})
    assert (status, [error["field"] for error in problem["errors"]]) == (400, ["segment_id"])


async def test_everyone_may_be_asked_about_and_suppressed_customers_are_counted(
    campaigns: RunningService,
) -> None:
    address = f"{uuid4().hex}@shop.example"
    await add_customers(campaigns, [customer(email=address, attributes={"city": "Surat"})])
    await campaigns.post("/suppressions", {"email": address})
    body = {"message_template": "Hi", "rules": {"combinator": "and", "rules": []}, "samples": 0}
    status, shown = await preview(campaigns, body)
    assert (status, shown["suppressed"], shown["samples"]) == (200, 1, [])
    assert shown["count"] == len(PEOPLE) + 1


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({"message_template": "Hi {{ nmae }}"}, "message_template", "unknown variable 'nmae'"),
        ({"subject": "{% if %}"}, "subject", ""),
        ({"html_template": "line\n{{ name | shout }}"}, "html_template", "line 2: unknown filter 'shout'"),
        ({"message_template": " "}, "message_template", "empty"),
        ({"rules": {"combinator": "and", "rules": [{"field": "no", "operator": "="}]}}, "rules", ""),
        ({"segment_id": str(uuid4())}, "segment_id", "either"),
    ],
)
async def test_what_is_wrong_is_told_with_its_field(
    campaigns: RunningService, given: dict[str, Any], field: str, message: str
) -> None:
    body = {"message_template": "Hi", "rules": in_city("Pune"), **given}
    status, problem = await preview(campaigns, body)
    assert status == 400
    assert problem["errors"][0]["field"].startswith(field)
    assert message in problem["errors"][0]["message"]
