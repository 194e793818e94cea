"""Segments over HTTP: kept, previewed, in use."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from tests.support.campaigns import add_customers, customer, running_campaigns, walk
from tests.support.postgres import PostgresServer
from tests.support.service import RunningService
from xencrm.campaigns.segments import service
from xencrm.campaigns.segments.model import PreviewTooSlow

SPENDERS = {"combinator": "and", "rules": [{"field": "total_spend", "operator": ">", "value": 100}]}


@pytest.fixture(scope="module")
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres) as running:
        yield running


def in_city(city: str) -> dict[str, Any]:
    return {"combinator": "and", "rules": [{"field": "attributes.city", "operator": "=", "value": city}]}


async def make_segment(campaigns: RunningService, name: str, rules: Any = SPENDERS) -> dict[str, Any]:
    status, segment = await campaigns.post("/segments", {"name": name, "rules": rules}, role="marketer")
    assert status == 201, segment
    return dict(segment)


async def test_a_segment_is_made_read_replaced_and_deleted(campaigns: RunningService) -> None:
    made = await make_segment(campaigns, "  Spenders ")
    path = f"/segments/{made['segment_id']}"
    assert (made["name"], made["rules"], made["created_by"]) == ("Spenders", SPENDERS, "marketer")
    assert made["words"] == "Customers who have spent more than ₹100."
    assert (await campaigns.get(path, role="viewer")) == (200, made)
    body = {"name": "In Pune", "rules": in_city("Pune"), "description": "all of them"}
    status, replaced = await campaigns.ask("PUT", path, json=body)
    assert (status, replaced["rules"], replaced["description"]) == (200, in_city("Pune"), "all of them")
    before, after = (datetime.fromisoformat(each["updated_at"]) for each in (made, replaced))
    assert after > before
    assert (await campaigns.ask("DELETE", path, role="marketer"))[0] == 204
    for method in ("GET", "DELETE"):
        assert (await campaigns.ask(method, path))[0] == 404
    assert (await campaigns.ask("PUT", path, json=body))[0] == 404


async def test_the_other_form_of_a_rule_is_kept_in_the_one_form(campaigns: RunningService) -> None:
    older = [
        {"operator": "AND", "rules": [{"field": "name", "operator": "starts_with", "value": "A"}]},
        {"operator": "OR", "rules": [{"field": "total_visits", "operator": ">=", "value": "3"}]},
    ]
    made = await make_segment(campaigns, "older form", older)
    assert made["rules"] == {
        "combinator": "or",
        "rules": [
            {"combinator": "and", "rules": [{"field": "name", "operator": "beginsWith", "value": "A"}]},
            {"combinator": "or", "rules": [{"field": "total_visits", "operator": ">=", "value": 3}]},
        ],
    }


async def test_a_name_is_used_once(campaigns: RunningService) -> None:
    await make_segment(campaigns, "taken")
    other = await make_segment(campaigns, "not yet taken")
    body = {"name": "taken", "rules": SPENDERS}
    assert (await campaigns.post("/segments", body))[0] == 409
    assert (await campaigns.ask("PUT", f"/segments/{other['segment_id']}", json=body))[0] == 409


async def test_a_segment_that_a_campaign_uses_is_not_deleted(campaigns: RunningService) -> None:
    made = await make_segment(campaigns, "in use")
    campaign = {"name": "c", "segment_id": made["segment_id"], "message_template": "Hello"}
    assert (await campaigns.post("/campaigns", campaign))[0] == 201
    status, problem = await campaigns.ask("DELETE", f"/segments/{made['segment_id']}")
    assert (status, problem["title"]) == (409, "Conflict")


async def test_a_list_of_segments_is_paged_newest_first(campaigns: RunningService) -> None:
    made = [await make_segment(campaigns, f"paged {number}") for number in range(5)]
    ids = [item["segment_id"] for item in await walk(campaigns, "/segments", limit=2)]
    assert len(ids) == len(set(ids))
    assert ids[:5] == [item["segment_id"] for item in reversed(made)]


async def test_a_preview_counts_and_shows_some(campaigns: RunningService) -> None:
    city = uuid4().hex
    await add_customers(campaigns, [customer(attributes={"city": city}) for _ in range(12)])
    for sample, shown in ((None, 10), (3, 3), (0, 0), (100, 12)):
        body = {"rules": in_city(city)} | ({} if sample is None else {"sample": sample})
        status, preview = await campaigns.post("/segments/preview", body, role="viewer")
        assert (status, preview["count"], len(preview["sample"])) == (200, 12, shown)
        assert preview["took_ms"] >= 0
        assert all(profile["attributes"] == {"city": city} for profile in preview["sample"])


async def test_a_preview_that_takes_too_long_says_what_to_do(campaigns: RunningService) -> None:
    await add_customers(campaigns, [customer(name="x" * 255) for _ in range(3000)])
    rules = [{"field": "name", "operator": "contains", "value": f"x{number}"} for number in range(150)]
    with pytest.raises(PreviewTooSlow, match="narrow") as raised:
        async with campaigns.database.transaction() as tx:
            await service.preview(tx, {"combinator": "or", "rules": rules}, 10, timeout_ms=1)
    assert raised.value.status == 422


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "a", "rules": SPENDERS, "colour": 1}, "colour"),
        ({"rules": SPENDERS}, "name"),
        ({"name": "a"}, "rules"),
        ({"name": "a\0", "rules": SPENDERS}, "name"),
        ({"name": "x" * 256, "rules": SPENDERS}, "name"),
        (
            {"name": "a", "rules": {"combinator": "and", "rules": [{"field": "x", "operator": "null"}]}},
            "rules[0].field",
        ),
        (
            {"name": "a", "rules": {"combinator": "and", "rules": [SPENDERS, in_city("a") | {"or": 1}]}},
            "rules[1].or",
        ),
    ],
)
async def test_bad_input_names_the_field_or_the_path(
    campaigns: RunningService, body: dict[str, Any], field: str
) -> None:
    status, problem = await campaigns.post("/segments", body)
    assert (status, [error["field"] for error in problem["errors"]]) == (400, [field])


async def test_a_preview_refuses_what_is_no_rule(campaigns: RunningService) -> None:
    for body in ({"rules": "all"}, {"rules": SPENDERS, "sample": 101}, {"rules": SPENDERS, "sample": -1}):
        assert (await campaigns.post("/segments/preview", body))[0] == 400


async def test_the_fields_are_listed_with_the_attributes_in_use(campaigns: RunningService) -> None:
    await add_customers(campaigns, [customer(attributes={"favourite tea": "green"})])
    _, listed = await campaigns.get("/segments/fields")
    fields = {field["name"]: field for field in listed["fields"]}
    assert {"total_spend", "days_since_last_order", "attributes.favourite tea"} <= fields.keys()
    assert fields["status"]["values"] == ["ACTIVE", "INACTIVE"]
    assert "contains" in fields["name"]["operators"]
    assert "contains" not in fields["total_spend"]["operators"]


async def test_an_attribute_is_listed_with_its_types_and_texts_by_how_often_they_are_seen(
    campaigns: RunningService,
) -> None:
    seen = ["oolong", "sencha", "sencha", 7, 7, None, "x" * 61, ""]
    await add_customers(campaigns, [customer(attributes={"second tea": value}) for value in seen])
    await add_customers(campaigns, [customer(attributes={"no tea": None, "hot": True})])
    _, listed = await campaigns.get("/segments/fields")
    fields = {field["name"]: field for field in listed["fields"]}
    told = {name: (fields[name]["types"], fields[name]["values"]) for name in fields}
    assert told["attributes.second tea"] == (["string", "number"], ["sencha", "oolong"])
    assert told["attributes.hot"] == (["boolean"], [])
    assert told["attributes.no tea"] == ([], [])
    assert told["name"] == ([], [])
