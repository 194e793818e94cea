"""A campaign's life over HTTP, its numbers and its messages."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from tests.support.campaigns import add_customers, customer, running_campaigns, walk
from tests.support.postgres import PostgresServer
from tests.support.service import RunningService
from xencrm.kernel.database import Listener

NOBODY = "00000000-0000-0000-0000-000000000000"
EVERYBODY: dict[str, Any] = {"combinator": "and", "rules": []}
ACTIVE = {"combinator": "and", "rules": [{"field": "status", "operator": "=", "value": "ACTIVE"}]}


@pytest.fixture(scope="module")
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres) as running:
        await add_customers(running, [customer() for _ in range(3)])
        yield running


async def make_segment(campaigns: RunningService, rules: Any = ACTIVE) -> str:
    status, made = await campaigns.post("/segments", {"name": uuid4().hex, "rules": rules})
    assert status == 201, made
    return str(made["segment_id"])


async def make_campaign(campaigns: RunningService, **fields: Any) -> dict[str, Any]:
    segment_id = fields.pop("segment_id", None) or await make_segment(campaigns)
    body = {"name": "Autumn", "segment_id": segment_id, "message_template": "Hi {{ name }}", **fields}
    status, made = await campaigns.post("/campaigns", body, role="marketer")
    assert status == 201, made
    return dict(made)


async def do(campaigns: RunningService, campaign: dict[str, Any], verb: str) -> tuple[int, Any]:
    return await campaigns.ask("POST", f"/campaigns/{campaign['campaign_id']}/{verb}", role="marketer")


async def set_status(
    campaigns: RunningService, campaign: dict[str, Any], status: str, prepared: bool = False
) -> None:
    """As delivery would."""
    query = "UPDATE campaigns SET status = :status, prepared = :prepared WHERE campaign_id = :id RETURNING 1"
    assert await campaigns.rows(query, status=status, prepared=prepared, id=campaign["campaign_id"])


async def test_a_campaign_is_made_with_the_defaults(campaigns: RunningService) -> None:
    segment_id = await make_segment(campaigns)
    made = await make_campaign(campaigns, segment_id=segment_id)
    expected = {
        "name": "Autumn",
        "segment_id": segment_id,
        "message_template": "Hi {{ name }}",
        "subject": None,
        "html_template": None,
        "campaign_type": "PROMOTIONAL",
        "vendor": "simulator",
        "holdout_percent": 0,
        "scheduled_at": None,
        "held_reason": None,
        "archived_at": None,
        "track": False,
        "status": "DRAFT",
        "template_version": 1,
        "created_by": "marketer",
        "launched_at": None,
    }
    assert {name: made[name] for name in expected} == expected
    assert await campaigns.get(f"/campaigns/{made['campaign_id']}", role="viewer") == (200, made)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"name": " "}, "name"),
        ({"segment_id": NOBODY}, "segment_id"),
        ({"segment_id": "x"}, "segment_id"),
        ({"message_template": ""}, "message_template"),
        ({"message_template": "{% if %}"}, "message_template"),
        ({"message_template": "Hi {{ nobody }}"}, "message_template"),
        ({"subject": "{{ nobody }}"}, "subject"),
        ({"subject": "a\nb"}, "subject"),
        ({"html_template": "<p>{{ nobody }}</p>"}, "html_template"),
        ({"campaign_type": "SPAM"}, "campaign_type"),
        ({"vendor": "pigeon"}, "vendor"),
        ({"holdout_percent": 51}, "holdout_percent"),
        ({"holdout_percent": -1}, "holdout_percent"),
        ({"scheduled_at": "2026-01-24T10:00:00Z"}, "scheduled_at"),
        ({"scheduled_at": "2099-01-24T10:00:00"}, "scheduled_at"),
        ({"scheduled_at": "9999-12-31T23:59:59-12:00"}, "scheduled_at"),
    ],
)
async def test_bad_input_names_the_field(
    campaigns: RunningService, fields: dict[str, Any], field: str
) -> None:
    body = {"name": "a", "segment_id": await make_segment(campaigns), "message_template": "Hi", **fields}
    status, problem = await campaigns.post("/campaigns", body)
    assert (status, [error["field"] for error in problem["errors"]]) == (400, [field])
    draft = await make_campaign(campaigns)
    status, problem = await campaigns.ask("PATCH", f"/campaigns/{draft['campaign_id']}", json=fields)
    assert (status, [error["field"] for error in problem["errors"]]) == (400, [field])


async def test_a_draft_may_change_in_everything(campaigns: RunningService) -> None:
    draft = await make_campaign(campaigns, subject="old")
    changes = {
        "name": "Winter",
        "segment_id": await make_segment(campaigns),
        "message_template": "Bye {{ first_name }}",
        "subject": None,
        "html_template": "<p>{{ name }}</p>",
        "campaign_type": "REMINDER",
        "holdout_percent": 10,
        "track": True,
    }
    status, changed = await campaigns.ask("PATCH", f"/campaigns/{draft['campaign_id']}", json=changes)
    assert status == 200
    assert {name: changed[name] for name in changes} == changes
    assert (changed["template_version"], changed["status"]) == (1, "DRAFT")


async def test_while_paused_new_texts_are_a_new_version_and_nothing_else_changes(
    campaigns: RunningService,
) -> None:
    campaign = await make_campaign(campaigns)
    path = f"/campaigns/{campaign['campaign_id']}"
    await do(campaigns, campaign, "launch")
    assert (await campaigns.ask("PATCH", path, json={"message_template": "x"}))[0] == 409
    await do(campaigns, campaign, "pause")
    assert (await campaigns.ask("PATCH", path, json={"name": "other"}))[0] == 409
    assert (await campaigns.ask("PATCH", path, json={"name": "Autumn"}))[0] == 200
    _, changed = await campaigns.ask("PATCH", path, json={"message_template": "corrected", "name": "Autumn"})
    assert (changed["message_template"], changed["template_version"]) == ("corrected", 2)
    _, same = await campaigns.ask("PATCH", path, json={"message_template": "corrected"})
    assert same["template_version"] == 2
    query = "SELECT message_template FROM campaign_templates WHERE campaign_id = :id ORDER BY version"
    kept = await campaigns.rows(query, id=campaign["campaign_id"])
    assert [row.message_template for row in kept] == ["Hi {{ name }}", "corrected"]


async def test_two_changes_at_once_are_both_kept(campaigns: RunningService) -> None:
    campaign = await make_campaign(campaigns)
    path = f"/campaigns/{campaign['campaign_id']}"
    await do(campaigns, campaign, "launch")
    await do(campaigns, campaign, "pause")
    answers = await asyncio.gather(
        *(campaigns.ask("PATCH", path, json={"message_template": f"text {n}"}) for n in range(6))
    )
    assert [status for status, _ in answers] == [200] * 6
    assert sorted(body["template_version"] for _, body in answers) == [2, 3, 4, 5, 6, 7]


async def test_a_launch_freezes_the_rule_and_answers_at_once(campaigns: RunningService) -> None:
    segment_id = await make_segment(campaigns)
    campaign = await make_campaign(campaigns, segment_id=segment_id)
    status, launched = await do(campaigns, campaign, "launch")
    assert (status, launched["status"]) == (202, "PREPARING")
    assert launched["launched_at"]
    body = {"name": uuid4().hex, "rules": EVERYBODY}
    await campaigns.ask("PUT", f"/segments/{segment_id}", json=body)
    row = (
        await campaigns.rows(
            "SELECT frozen_rules::text AS rules, prepare_now = launched_at AS now, prepare_position,"
            " prepare_until = (SELECT max(customer_id::text)::uuid FROM customers_mv) AS until,"
            " campaign_month = date_trunc('month', launched_at AT TIME ZONE 'UTC') AS month"
            " FROM campaigns WHERE campaign_id = :id",
            id=campaign["campaign_id"],
        )
    )[0]
    assert "ACTIVE" in row.rules
    assert (row.now, row.prepare_position, row.until, row.month) == (True, None, True, True)
    _, stats = await campaigns.get(f"/campaigns/{campaign['campaign_id']}/stats")
    assert (stats["status"], stats["audience"]) == ("PREPARING", 0)


async def test_two_launches_at_once_give_one(campaigns: RunningService) -> None:
    campaign = await make_campaign(campaigns)
    answers = await asyncio.gather(*(do(campaigns, campaign, "launch") for _ in range(6)))
    assert sorted(status for status, _ in answers) == [202, 409, 409, 409, 409, 409]


@pytest.mark.parametrize("rules", [EVERYBODY, {"combinator": "or", "rules": [EVERYBODY]}])
async def test_a_rule_without_conditions_is_not_launched(campaigns: RunningService, rules: Any) -> None:
    campaign = await make_campaign(campaigns, segment_id=await make_segment(campaigns, rules))
    status, problem = await do(campaigns, campaign, "launch")
    assert (status, "everyone" in problem["detail"]) == (422, True)
    assert (await campaigns.get(f"/campaigns/{campaign['campaign_id']}"))[1]["status"] == "DRAFT"


async def test_what_was_prepared_goes_on_sending_when_resumed(campaigns: RunningService) -> None:
    campaign = await make_campaign(campaigns)
    await set_status(campaigns, campaign, "PAUSED", prepared=True)
    assert (await do(campaigns, campaign, "resume"))[1]["status"] == "RUNNING"
    _, cancelled = await do(campaigns, campaign, "cancel")
    assert cancelled["finished_at"]


async def test_whoever_prepares_and_sends_is_woken_at_once(campaigns: RunningService) -> None:
    campaign = await make_campaign(campaigns)
    woken = asyncio.Event()
    async with Listener(campaigns.database, "campaigns").session(woken.set):
        for verb in ("launch", "pause", "resume", "cancel"):
            woken.clear()
            await do(campaigns, campaign, verb)
            async with asyncio.timeout(30):
                await woken.wait()


async def test_campaigns_are_listed_newest_first_and_by_status(campaigns: RunningService) -> None:
    made = [await make_campaign(campaigns) for _ in range(3)]
    listed = await walk(campaigns, "/campaigns", limit=2)
    assert listed[:3] == list(reversed(made))
    await do(campaigns, made[0], "launch")
    preparing = await walk(campaigns, "/campaigns", limit=2, status="PREPARING")
    assert preparing[0]["campaign_id"] == made[0]["campaign_id"]
    assert {item["status"] for item in preparing} == {"PREPARING"}


async def test_what_is_not_there_is_not_found(campaigns: RunningService) -> None:
    for path in ("", "/stats", "/messages"):
        assert (await campaigns.get(f"/campaigns/{NOBODY}{path}"))[0] == 404
    for verb in ("launch", "pause", "resume", "cancel", "duplicate", "archive"):
        assert (await do(campaigns, {"campaign_id": NOBODY}, verb))[0] == 404
    assert (await campaigns.get(f"/messages/{NOBODY}"))[0] == 404
    assert (await campaigns.post("/vendors/pigeon/receipts", {}, role=None))[0] == 404


async def test_stats_show_every_counter_with_the_rate_and_the_reasons(campaigns: RunningService) -> None:
    campaign = await make_campaign(campaigns)
    path = f"/campaigns/{campaign['campaign_id']}/stats"
    _, nothing = await campaigns.get(path)
    assert nothing["delivery_rate"] is None
    await do(campaigns, campaign, "launch")
    await campaigns.rows(
        "UPDATE campaign_stats SET audience = 16, holdout = 2, pending = 1, sending = 2, sent = 1,"
        " delivered = 7, failed = 2, skipped = 1, cancelled = 1, unconfirmed = 1"
        " WHERE campaign_id = :id RETURNING 1",
        id=campaign["campaign_id"],
    )
    await campaigns.rows(
        "INSERT INTO campaign_failures VALUES (:id, 'SPAM_DETECTED', 1), (:id, 'INVALID_EMAIL', 1)"
        " RETURNING 1",
        id=campaign["campaign_id"],
    )
    status, stats = await campaigns.get(path, role="viewer")
    assert status == 200
    assert stats == {
        "status": "PREPARING",
        "audience": 16,
        "holdout": 2,
        "pending": 1,
        "sending": 2,
        "sent": 1,
        "delivered": 7,
        "failed": 2,
        "skipped": 1,
        "cancelled": 1,
        "unconfirmed": 1,
        "delivery_rate": 77.78,
        "failures": [{"reason": "INVALID_EMAIL", "count": 1}, {"reason": "SPAM_DETECTED", "count": 1}],
        "opened": None,
        "clicked": None,
        "links": [],
        "revenue": "0.00",
        "orders": 0,
        "lift": None,
        "computed_at": None,
    }
    _, page = await campaigns.get("/campaignStats", params={"limit": "1"})
    del stats["links"]  # the comparison of all campaigns has no room for each link
    assert {**page["items"][0], **stats} == page["items"][0]
    assert page["items"][0]["campaign_id"] == campaign["campaign_id"]


async def test_all_campaigns_are_in_the_list_of_numbers(campaigns: RunningService) -> None:
    shown = {item["campaign_id"] for item in await walk(campaigns, "/campaignStats", limit=3)}
    made = {item["campaign_id"] for item in await walk(campaigns, "/campaigns", limit=100)}
    assert shown == made


async def test_messages_are_listed_by_state_and_shown_with_their_receipts(campaigns: RunningService) -> None:
    campaign = await make_campaign(campaigns)
    await do(campaigns, campaign, "launch")
    people = [customer(name=f"m{number}") for number in range(5)]
    await add_customers(campaigns, people[:4])
    states = ("PENDING", "DELIVERED", "DELIVERED", "HOLDOUT", "SKIPPED")
    for person, state in zip(people, states, strict=True):
        await campaigns.rows(
            "INSERT INTO communication_log (campaign_month, campaign_id, customer_id, state, body, address)"
            " SELECT campaign_month, campaign_id, :customer, :state, 'Hi', 'm@shop.example' FROM campaigns"
            " WHERE campaign_id = :id RETURNING 1",
            id=campaign["campaign_id"], customer=person.customer_id, state=state,
        )  # fmt: skip
    path = f"/campaigns/{campaign['campaign_id']}/messages"
    assert [(item["name"], item["state"]) for item in await walk(campaigns, path, limit=2)] == [
        ("m0", "PENDING"), ("m1", "DELIVERED"), ("m2", "DELIVERED"), (None, "SKIPPED"),
    ]  # fmt: skip
    delivered = await walk(campaigns, path, limit=1, state="DELIVERED")
    assert [item["name"] for item in delivered] == ["m1", "m2"]
    assert len(await walk(campaigns, path, limit=1, state="HOLDOUT")) == 1
    assert (await campaigns.get(path, params={"state": "LOST"}))[0] == 400
    await campaigns.rows(
        "INSERT INTO delivery_receipts (campaign_month, receipt_id, message_id, attempt, outcome, vendor,"
        " matched, occurred_at)"
        " VALUES ('2026-01-01', uuidv7(), :id, 1, 'DELIVERED', 'simulator', true, now()) RETURNING 1",
        id=delivered[0]["message_id"],
    )
    _, message = await campaigns.get(f"/messages/{delivered[0]['message_id']}", role="viewer")
    assert {**message, **delivered[0]} == message
    assert (message["body"], message["address"], message["vendor"]) == ("Hi", "m@shop.example", "simulator")
    assert [receipt["outcome"] for receipt in message["receipts"]] == ["DELIVERED"]
