"""Keys of programs that act by themselves: held to a pre-flight, and to drafts."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.postgres import PostgresServer
from tests.support.programs import TOMORROW, ZONE, begin, campaign_for, program, segment_of, status_of
from tests.support.service import RunningService
from xencrm.campaigns.app import ROUTES
from xencrm.campaigns.planning.plan_token import PlanToken, PlanTokens
from xencrm.kernel.clock import utc_now
from xencrm.kernel.http.principals import Role


@pytest.fixture(scope="module")
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres, time_zone=ZONE) as running:
        yield running


async def test_the_limits_of_a_key_are_shown(campaigns: RunningService) -> None:
    made = await program(campaigns, agent=True, daily_recipients=500)
    plain = await program(campaigns)
    _, page = await campaigns.get("/api-keys", params={"limit": "1000"})
    shown = {
        key["key_id"]: (key["agent"], key["draft_only"], key["daily_recipients"]) for key in page["items"]
    }
    assert (shown[made.key_id], shown[plain.key_id]) == ((True, False, 500), (False, False, None))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"role": "admin", "agent": True}, "role"),
        ({"role": "viewer", "draft_only": True}, "role"),
        ({"role": "ingest", "daily_recipients": 5}, "role"),
        ({"role": "marketer", "daily_recipients": 0}, "daily_recipients"),
        ({"role": "marketer", "agent": "yes"}, "agent"),
    ],
)
async def test_limits_are_for_keys_that_could_launch_and_make_no_other_keys(
    campaigns: RunningService, body: dict[str, Any], field: str
) -> None:
    status, problem = await campaigns.post("/api-keys", {"name": "a", **body})
    assert (status, [error["field"] for error in problem["errors"]]) == (400, [field])


async def test_an_agent_launches_nothing_without_a_plan_token(campaigns: RunningService) -> None:
    agent, path = await program(campaigns, agent=True), await campaign_for(campaigns)
    _, shown = await campaigns.get(path)
    scheduled = {"name": "a", "segment_id": shown["segment_id"], "message_template": "Hi"}
    for method, target, body in (
        ("POST", f"{path}/launch", None),
        ("POST", f"{path}/launch", {"plan_token": None}),
        ("POST", f"{path}/schedule", {"scheduled_at": TOMORROW}),
        ("PATCH", path, {"scheduled_at": TOMORROW}),
        ("POST", "/campaigns", {**scheduled, "scheduled_at": TOMORROW}),
    ):
        status, problem = await agent.ask(method, target, body)
        assert (status, "plan_token" in problem["detail"]) == (409, True), (target, problem)
    assert await status_of(campaigns, path) == "DRAFT"
    assert (await agent.post(f"{path}/launch", {"plan_token": await agent.token(path)}))[0] == 202
    noted = (await campaigns.get("/audit", params={"subject_id": path.rpartition("/")[2]}))[1]["items"]
    assert (noted[0]["action"], noted[0]["actor_name"]) == ("campaign.launched", agent.name)


async def test_an_agents_plan_token_is_of_this_campaign_as_it_is_and_fresh(
    campaigns: RunningService,
) -> None:
    agent = await program(campaigns, agent=True)
    path, other = await campaign_for(campaigns), await campaign_for(campaigns)
    token = await agent.token(path)
    read = PlanTokens("test-secret").read(token, UUID(path.rpartition("/")[2]), utc_now())
    old = PlanToken(read.campaign_id, read.fingerprint, read.audience, utc_now() - timedelta(seconds=1))
    for given, word in (
        (await agent.token(other), "another campaign"),
        (PlanTokens("test-secret").sign(old), "15 minutes"),
        (PlanTokens("guessed").sign(read), "none that"),
    ):
        for verb, body in (("launch", {}), ("schedule", {"scheduled_at": TOMORROW})):
            status, problem = await agent.post(f"{path}/{verb}", {**body, "plan_token": given})
            assert (status, word in problem["detail"]) == (409, True), problem
    assert (await agent.ask("PATCH", path, {"message_template": "Bye"}))[0] == 200
    status, problem = await agent.post(f"{path}/launch", {"plan_token": token})
    assert (status, "texts" in problem["detail"]) == (409, True)
    assert await status_of(campaigns, path) == "DRAFT"


async def test_what_an_agent_scheduled_begins_for_the_planned_audience_only(
    campaigns: RunningService,
) -> None:
    agent = await program(campaigns, agent=True)
    for newcomers, status, word in ((0, "PREPARING", ""), (2, "SCHEDULED", "pre-flight was for 1 ")):
        city, segment = await segment_of(campaigns, 1)
        body = {"name": "a", "segment_id": segment["segment_id"], "message_template": "Hi"}
        path = f"/campaigns/{(await agent.post('/campaigns', body))[1]['campaign_id']}"
        given = {"scheduled_at": TOMORROW, "plan_token": await agent.token(path)}
        assert (await agent.post(f"{path}/schedule", given))[0] == 200
        await add_customers(campaigns, [customer(attributes={"city": city}) for _ in range(newcomers)])
        begun = await begin(campaigns, path)
        assert (begun["status"], word in (begun["held_reason"] or "")) == (status, True)


async def test_a_schedule_by_an_agents_key_that_was_revoked_waits_for_a_person(
    campaigns: RunningService,
) -> None:
    agent, path = await program(campaigns, agent=True), await campaign_for(campaigns)
    given = {"scheduled_at": TOMORROW, "plan_token": await agent.token(path)}
    assert (await agent.post(f"{path}/schedule", given))[0] == 200
    assert (await campaigns.ask("DELETE", f"/api-keys/{agent.key_id}"))[0] == 204
    begun = await begin(campaigns, path)
    assert (begun["status"], "was revoked" in begun["held_reason"]) == ("SCHEDULED", True)
    assert (await campaigns.post(f"{path}/launch", {}))[0] == 202


async def test_an_agent_changes_drafts_only(campaigns: RunningService) -> None:
    agent, path = await program(campaigns, agent=True), await campaign_for(campaigns, scheduled_at=TOMORROW)
    _, shown = await campaigns.get(path)
    segment = {"name": uuid4().hex, "rules": {"combinator": "and", "rules": []}}
    for target, method, body in (
        (path, "PATCH", {"message_template": "Bye"}),
        (path, "PATCH", {"scheduled_at": (utc_now() + timedelta(days=2)).isoformat()}),
        (f"/segments/{shown['segment_id']}", "PUT", segment),
    ):
        status, problem = await agent.ask(method, target, body)
        assert (status, "drafts only" in problem["detail"]) == (403, True), problem
    assert (await agent.post(f"{path}/schedule", {"scheduled_at": None}))[0] == 200
    assert (await agent.ask("PATCH", path, {"message_template": "Bye"}))[0] == 200
    assert (await agent.ask("PUT", f"/segments/{shown['segment_id']}", segment))[0] == 200


async def test_a_draft_only_key_writes_drafts_and_moves_nothing(campaigns: RunningService) -> None:
    drafter, waiting = await program(campaigns, draft_only=True), await campaign_for(campaigns)
    _, segment = await segment_of(campaigns, 1)
    status, made = await drafter.post("/segments", {"name": uuid4().hex, "rules": segment["rules"]})
    assert status == 201
    body = {"name": "a", "segment_id": made["segment_id"], "message_template": "Hi"}
    status, campaign = await drafter.post("/campaigns", body)
    assert status == 201
    path = f"/campaigns/{campaign['campaign_id']}"
    assert (await drafter.ask("PATCH", path, {"message_template": "Bye"}))[0] == 200
    assert (await drafter.post(f"{path}/duplicate"))[0] == 201
    token = await drafter.token(path)
    for target, given in (
        (f"{path}/launch", {"plan_token": token}),
        (f"{path}/schedule", {"scheduled_at": TOMORROW, "plan_token": token}),
        (f"{path}/test", {"email": "me@office.example"}),
        (f"{waiting}/schedule", {"scheduled_at": None}),
        (f"{waiting}/cancel", None),
        (f"{waiting}/resume", None),
        (f"{waiting}/pause", None),
        (f"{waiting}/archive", None),
        ("/campaigns", {**body, "scheduled_at": TOMORROW}),
    ):
        status, problem = await drafter.post(target, given)
        assert (status, "only write drafts" in problem["detail"]) == (403, True), (target, problem)
    assert (await status_of(campaigns, path), await status_of(campaigns, waiting)) == ("DRAFT", "DRAFT")


async def test_what_a_draft_only_key_may_is_in_the_table_of_routes() -> None:
    writing = {
        (route.method, route.path)
        for route in ROUTES
        if route.drafting and route.method != "GET" and Role.VIEWER not in (route.allowed or ())
    }
    assert writing == {
        ("POST", "/segments"),
        ("PUT", "/segments/{segment_id:uuid}"),
        ("POST", "/campaigns"),
        ("PATCH", "/campaigns/{campaign_id:uuid}"),
        ("POST", "/campaigns/{campaign_id:uuid}/duplicate"),
    }
