"""What may be done to a campaign in which state, and schedules: all of it over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.campaigns import add_customers, customer, running_campaigns, walk
from tests.support.postgres import PostgresServer
from tests.support.service import RunningService
from xencrm.campaigns.delivery.audience import prepare_chunk
from xencrm.campaigns.planning.model import Status
from xencrm.campaigns.planning.starting import start_due
from xencrm.kernel.clock import utc_now

ACTIVE = {"combinator": "and", "rules": [{"field": "status", "operator": "=", "value": "ACTIVE"}]}
EVERYBODY: dict[str, Any] = {"combinator": "and", "rules": []}
TOMORROW = (utc_now() + timedelta(days=1)).isoformat()
ARCHIVED = "ARCHIVED"
VENDORS = ("simulator",)

# What is asked, by the name of the action, and where it leads from where it is allowed.
REQUESTS: dict[str, tuple[str, str, Any]] = {
    "preview": ("POST", "/preview", None),
    "edit": ("PATCH", "", {"holdout_percent": 7}),
    "correct": ("PATCH", "", {"subject": "other"}),
    "schedule": ("POST", "/schedule", {"scheduled_at": TOMORROW}),
    "schedule by editing": ("PATCH", "", {"scheduled_at": TOMORROW}),
    "unschedule": ("POST", "/schedule", {"scheduled_at": None}),
    "launch": ("POST", "/launch", None),
    "pause": ("POST", "/pause", None),
    "resume": ("POST", "/resume", None),
    "cancel": ("POST", "/cancel", None),
    "archive": ("POST", "/archive", None),
}
ALLOWED: dict[str, dict[str, str]] = {
    "preview": {"DRAFT": "DRAFT", "SCHEDULED": "SCHEDULED"},
    "edit": {"DRAFT": "DRAFT", "SCHEDULED": "SCHEDULED"},
    "correct": {"DRAFT": "DRAFT", "SCHEDULED": "SCHEDULED", "PAUSED": "PAUSED"},
    "schedule": {"DRAFT": "SCHEDULED", "SCHEDULED": "SCHEDULED"},
    "schedule by editing": {"DRAFT": "SCHEDULED", "SCHEDULED": "SCHEDULED"},
    "unschedule": {"SCHEDULED": "DRAFT"},
    "launch": {"DRAFT": "PREPARING", "SCHEDULED": "PREPARING"},
    "pause": {"PREPARING": "PAUSED", "RUNNING": "PAUSED"},
    "resume": {"PAUSED": "PREPARING"},
    "cancel": dict.fromkeys(("SCHEDULED", "PREPARING", "RUNNING", "PAUSED"), "CANCELLED"),
    "archive": {"DRAFT": "DRAFT", "COMPLETED": "COMPLETED", "CANCELLED": "CANCELLED"},
}


@pytest.fixture(scope="module")
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres) as running:
        await add_customers(running, [customer() for _ in range(3)])
        yield running


async def make_campaign(campaigns: RunningService, rules: Any = ACTIVE, **fields: Any) -> dict[str, Any]:
    _, segment = await campaigns.post("/segments", {"name": uuid4().hex, "rules": rules})
    body = {
        "name": "Autumn",
        "segment_id": segment["segment_id"],
        "message_template": "Hi {{ name }}",
        **fields,
    }
    status, made = await campaigns.post("/campaigns", body, role="marketer")
    assert status == 201, made
    return dict(made)


async def ask(campaigns: RunningService, campaign: dict[str, Any], action: str) -> tuple[int, Any]:
    method, path, body = REQUESTS[action]
    given = {} if body is None else {"json": body}
    return await campaigns.ask(
        method, f"/campaigns/{campaign['campaign_id']}{path}", role="marketer", **given
    )


async def status_of(campaigns: RunningService, campaign: dict[str, Any]) -> str:
    _, shown = await campaigns.get(f"/campaigns/{campaign['campaign_id']}")
    return str(shown["status"])


async def set_state(campaigns: RunningService, campaign: dict[str, Any], state: str) -> None:
    """As delivery and time would; an archived one is a draft."""
    archived = state == ARCHIVED
    await campaigns.rows(
        "UPDATE campaigns SET status = :status, prepared = false, held_reason = NULL, holdout_percent = 0,"
        " scheduled_at = CASE WHEN :status = 'SCHEDULED' THEN now() + interval '1 hour' END,"
        " archived_at = CASE WHEN :archived THEN now() END WHERE campaign_id = :id RETURNING 1",
        status="DRAFT" if archived else state,
        archived=archived,
        id=campaign["campaign_id"],
    )
    await campaigns.rows(
        "UPDATE campaign_templates SET subject = NULL WHERE campaign_id = :id RETURNING 1",
        id=campaign["campaign_id"],
    )


async def put_off(campaigns: RunningService, campaign: dict[str, Any], minutes: int) -> None:
    """The time at which it should begin lies so many minutes back now."""
    await campaigns.rows(
        "UPDATE campaigns SET scheduled_at = now() - make_interval(mins => :minutes)"
        " WHERE campaign_id = :id RETURNING 1",
        minutes=minutes,
        id=campaign["campaign_id"],
    )


@pytest.mark.parametrize("action", sorted(ALLOWED))
async def test_every_action_is_taken_in_its_states_and_refused_in_all_others(
    campaigns: RunningService, action: str
) -> None:
    for state in (*Status, ARCHIVED):
        campaign = await make_campaign(campaigns)
        await set_state(campaigns, campaign, state)
        code, answer = await ask(campaigns, campaign, action)
        if state in ALLOWED[action]:
            assert code in (200, 202), (state, answer)
            assert await status_of(campaigns, campaign) == ALLOWED[action][state], state
        else:
            assert (code, state.lower() in answer["detail"].lower()) == (409, True), (state, answer)
            was = "DRAFT" if state == ARCHIVED else state
            assert await status_of(campaigns, campaign) == was


async def test_a_duplicate_is_a_new_draft_whatever_state_the_campaign_is_in(
    campaigns: RunningService,
) -> None:
    texts = {"subject": "For {{ name }}", "html_template": "<p>{{ name }}</p>"}
    campaign = await make_campaign(campaigns, name="n" * 255, holdout_percent=9, track=True, **texts)
    for state in (*Status, ARCHIVED):
        await set_state(campaigns, campaign, state)
        _, shown = await campaigns.get(f"/campaigns/{campaign['campaign_id']}")
        path = f"/campaigns/{campaign['campaign_id']}/duplicate"
        status, copy = await campaigns.ask("POST", path, role="marketer")
        assert (status, copy["status"], copy["scheduled_at"], copy["archived_at"]) == (
            201,
            "DRAFT",
            None,
            None,
        )
        assert copy["campaign_id"] != campaign["campaign_id"]
        assert copy["name"] == f"Copy of {'n' * 247}"
        same = ("segment_id", "message_template", "subject", "html_template", "holdout_percent", "track")
        assert {name: copy[name] for name in same} == {name: shown[name] for name in same}


async def test_a_duplicate_has_the_texts_in_use(campaigns: RunningService) -> None:
    campaign = await make_campaign(campaigns)
    for action in ("launch", "pause", "correct"):
        await ask(campaigns, campaign, action)
    _, copy = await campaigns.ask("POST", f"/campaigns/{campaign['campaign_id']}/duplicate")
    assert (copy["subject"], copy["template_version"]) == ("other", 1)


async def test_what_is_archived_is_in_a_list_of_its_own(campaigns: RunningService) -> None:
    kept, archived = await make_campaign(campaigns), await make_campaign(campaigns)
    status, shown = await ask(campaigns, archived, "archive")
    assert (status, shown["archived_at"] is not None) == (200, True)
    listed = {item["campaign_id"] for item in await walk(campaigns, "/campaigns", limit=50)}
    assert (kept["campaign_id"] in listed, archived["campaign_id"] in listed) == (True, False)
    others = await walk(campaigns, "/campaigns", limit=50, archived="true")
    assert archived["campaign_id"] in {item["campaign_id"] for item in others}
    assert kept["campaign_id"] not in {item["campaign_id"] for item in others}
    assert (await campaigns.get(f"/campaigns/{archived['campaign_id']}"))[0] == 200


async def test_launching_and_archiving_at_once_is_one_of_both(campaigns: RunningService) -> None:
    for _ in range(5):
        campaign = await make_campaign(campaigns)
        answers = await asyncio.gather(*(ask(campaigns, campaign, verb) for verb in ("launch", "archive")))
        assert sorted(status for status, _ in answers) in ([200, 409], [202, 409])


async def test_a_schedule_is_kept_moved_and_taken_back(campaigns: RunningService) -> None:
    campaign = await make_campaign(campaigns, scheduled_at=TOMORROW)
    assert (campaign["status"], campaign["held_reason"]) == ("SCHEDULED", None)
    path = f"/campaigns/{campaign['campaign_id']}"
    later = "2098-12-24T10:00:00+05:30"
    _, moved = await campaigns.ask("PATCH", path, json={"scheduled_at": later, "name": "Winter"})
    assert (moved["scheduled_at"], moved["name"]) == ("2098-12-24T04:30:00Z", "Winter")
    _, back = await campaigns.ask("PATCH", path, json={"scheduled_at": None})
    assert (back["status"], back["scheduled_at"]) == ("DRAFT", None)
    _, same = await campaigns.ask("PATCH", path, json={"scheduled_at": None})
    assert same["status"] == "DRAFT"


@pytest.mark.parametrize(
    "scheduled_at",
    ["2026-01-01T00:00:00Z", "2099-01-01T00:00:00", "tomorrow", 7, "9999-12-31T23:59:59-12:00"],
)
async def test_a_schedule_is_a_time_to_come(campaigns: RunningService, scheduled_at: Any) -> None:
    campaign = await make_campaign(campaigns)
    body = {"scheduled_at": scheduled_at}
    status, problem = await campaigns.post(f"/campaigns/{campaign['campaign_id']}/schedule", body)
    assert (status, problem["errors"][0]["field"]) == (400, "scheduled_at")
    assert (await campaigns.post(f"/campaigns/{campaign['campaign_id']}/schedule", {}))[0] == 400


async def test_a_campaign_to_everyone_is_not_scheduled(campaigns: RunningService) -> None:
    campaign = await make_campaign(campaigns, EVERYBODY)
    assert (await ask(campaigns, campaign, "schedule"))[0] == 422
    body = {"name": "a", "message_template": "Hi", "segment_id": campaign["segment_id"]}
    assert (await campaigns.post("/campaigns", {**body, "scheduled_at": TOMORROW}))[0] == 422


async def test_what_is_due_begins_once_with_the_rule_of_then(campaigns: RunningService) -> None:
    due = await make_campaign(campaigns, scheduled_at=TOMORROW)
    later = await make_campaign(campaigns, scheduled_at=TOMORROW)
    await put_off(campaigns, due, minutes=59)
    rules = {"combinator": "and", "rules": [{"field": "name", "operator": "=", "value": "Asha Rao"}]}
    body = {"name": uuid4().hex, "rules": rules}
    await campaigns.ask("PUT", f"/segments/{due['segment_id']}", json=body)
    await asyncio.gather(
        *(start_due(campaigns.database, VENDORS, needs_plan=False, zone="UTC") for _ in range(4))
    )
    assert await status_of(campaigns, due) == "PREPARING"
    assert await status_of(campaigns, later) == "SCHEDULED"
    frozen = "SELECT frozen_rules = CAST(:rules AS jsonb) FROM campaigns WHERE campaign_id = :id"
    given = '{"combinator":"and","rules":[{"field":"name","operator":"=","value":"Asha Rao"}]}'
    assert (await campaigns.rows(frozen, rules=given, id=due["campaign_id"]))[0][0]
    stats = "SELECT count(*) FROM campaign_stats WHERE campaign_id = :id"
    assert (await campaigns.rows(stats, id=due["campaign_id"]))[0][0] == 1


async def test_what_is_more_than_an_hour_late_waits_for_a_person(campaigns: RunningService) -> None:
    for how, expected in (("schedule", "SCHEDULED"), ("launch", "PREPARING"), ("cancel", "CANCELLED")):
        campaign = await make_campaign(campaigns, scheduled_at=TOMORROW)
        await put_off(campaigns, campaign, minutes=61)
        for _ in range(2):
            await start_due(campaigns.database, VENDORS, needs_plan=False, zone="UTC")
        _, held = await campaigns.get(f"/campaigns/{campaign['campaign_id']}")
        assert (held["status"], "hour" in held["held_reason"]) == ("SCHEDULED", True)
        assert (await ask(campaigns, campaign, "edit"))[1]["held_reason"] == held["held_reason"]
        _, shown = await ask(campaigns, campaign, how)
        assert shown["status"] == expected
        assert (shown["held_reason"] is None) is (how != "cancel")


async def test_what_cannot_be_launched_any_more_waits_and_says_why(campaigns: RunningService) -> None:
    campaign = await make_campaign(campaigns, scheduled_at=TOMORROW)
    other = await make_campaign(campaigns, scheduled_at=TOMORROW)
    await campaigns.ask(
        "PUT", f"/segments/{campaign['segment_id']}", json={"name": uuid4().hex, "rules": EVERYBODY}
    )
    for each in (campaign, other):
        await put_off(campaigns, each, minutes=1)
    await start_due(campaigns.database, VENDORS, needs_plan=False, zone="UTC")
    _, held = await campaigns.get(f"/campaigns/{campaign['campaign_id']}")
    assert (held["status"], "everyone" in held["held_reason"]) == ("SCHEDULED", True)
    assert await status_of(campaigns, other) == "PREPARING"


async def test_a_campaign_whose_vendor_is_not_configured_any_more_waits_and_says_why(
    campaigns: RunningService,
) -> None:
    campaign = await make_campaign(campaigns, scheduled_at=TOMORROW)
    await put_off(campaigns, campaign, minutes=1)
    await start_due(campaigns.database, ("webhook",), needs_plan=False, zone="UTC")
    _, held = await campaigns.get(f"/campaigns/{campaign['campaign_id']}")
    assert (held["status"], "vendor simulator" in held["held_reason"]) == ("SCHEDULED", True)


@pytest.mark.parametrize("state", ["PREPARING", "RUNNING", "PAUSED"])
async def test_a_campaign_under_way_says_that_its_vendor_is_not_configured_any_more(
    campaigns: RunningService, state: str
) -> None:
    campaign = await make_campaign(campaigns)
    await set_state(campaigns, campaign, state)
    path = f"/campaigns/{campaign['campaign_id']}"
    assert (await campaigns.get(path))[1]["held_reason"] is None
    gone = "UPDATE campaigns SET vendor = 'smtp' WHERE campaign_id = :id RETURNING 1"
    await campaigns.rows(gone, id=campaign["campaign_id"])
    assert "vendor smtp" in (await campaigns.get(path))[1]["held_reason"]
    listed = {item["campaign_id"]: item for item in await walk(campaigns, "/campaigns", limit=50)}
    assert "vendor smtp" in listed[campaign["campaign_id"]]["held_reason"]


async def test_launches_and_preparers_at_once_give_one_audience(campaigns: RunningService) -> None:
    campaign = await make_campaign(campaigns, scheduled_at=TOMORROW)
    await put_off(campaigns, campaign, minutes=1)
    due = (start_due(campaigns.database, VENDORS, needs_plan=False, zone="UTC") for _ in range(3))
    launches = [ask(campaigns, campaign, "launch") for _ in range(3)]
    answers = await asyncio.gather(*launches, *due)
    assert sorted(answer[0] for answer in answers if answer) in ([202, 409, 409], [409, 409, 409])
    preparing = (
        prepare_chunk(campaigns.database, UUID(campaign["campaign_id"]), zone="UTC") for _ in range(3)
    )
    await asyncio.gather(*preparing)
    _, stats = await campaigns.get(f"/campaigns/{campaign['campaign_id']}/stats")
    written = "SELECT count(*) FROM communication_log WHERE campaign_id = :id"
    rows = await campaigns.rows(written, id=campaign["campaign_id"])
    assert (stats["status"], stats["audience"], rows[0][0]) == ("RUNNING", 3, 3)


async def test_a_change_and_a_due_launch_at_once_are_one_after_the_other(campaigns: RunningService) -> None:
    for _ in range(5):
        campaign = await make_campaign(campaigns, scheduled_at=TOMORROW)
        await put_off(campaigns, campaign, minutes=1)
        (status, _), _ = await asyncio.gather(
            ask(campaigns, campaign, "unschedule"),
            start_due(campaigns.database, VENDORS, needs_plan=False, zone="UTC"),
        )
        assert await status_of(campaigns, campaign) == ("DRAFT" if status == 200 else "PREPARING")


async def test_a_schedule_begins_by_itself(postgres: PostgresServer) -> None:
    async with running_campaigns(postgres, roles=("http", "start", "prepare")) as running:
        await add_customers(running, [customer() for _ in range(3)])
        soon = (utc_now() + timedelta(seconds=3)).isoformat()
        campaign = await make_campaign(running, scheduled_at=soon)
        query = "SELECT status FROM campaigns WHERE campaign_id = :id"
        await running.until(query, "RUNNING", id=campaign["campaign_id"])
        _, stats = await running.get(f"/campaigns/{campaign['campaign_id']}/stats")
        assert (stats["audience"], stats["pending"]) == (3, 3)
