"""Keys of programs that act by themselves: held to a pre-flight, to drafts, to so many recipients a day."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.postgres import PostgresServer
from tests.support.service import RunningService
from xencrm.campaigns.app import ROUTES
from xencrm.campaigns.delivery import audience
from xencrm.campaigns.planning.plan_token import PlanToken, PlanTokens
from xencrm.campaigns.planning.starting import start_due
from xencrm.kernel.clock import utc_now
from xencrm.kernel.http.principals import Role

ZONE = "Asia/Kolkata"
VENDORS = ("simulator",)
TOMORROW = (utc_now() + timedelta(days=1)).isoformat()


@pytest.fixture(scope="module")
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres, time_zone=ZONE) as running:
        yield running


@dataclass
class Program:
    """Asks with a key of its own."""

    campaigns: RunningService
    key_id: str
    name: str
    key: str

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        options = {} if body is None else {"json": body}
        headers = {"Authorization": f"Bearer {self.key}"}
        return await self.campaigns.ask(method, path, role=None, headers=headers, **options)

    async def post(self, path: str, body: Any = None) -> tuple[int, Any]:
        return await self.ask("POST", path, body)

    async def token(self, path: str) -> str:
        status, shown = await self.post(f"{path}/preview")
        assert status == 200, shown
        return str(shown["plan_token"])


async def program(campaigns: RunningService, **limits: Any) -> Program:
    name = f"agent {uuid4().hex}"
    status, made = await campaigns.post("/api-keys", {"name": name, "role": "marketer", **limits})
    assert status == 201, made
    return Program(campaigns, made["key_id"], name, made["key"])


async def segment_of(campaigns: RunningService, size: int) -> tuple[str, dict[str, Any]]:
    """So many customers of a city of their own, and the segment that finds them."""
    city = uuid4().hex
    await add_customers(campaigns, [customer(attributes={"city": city}) for _ in range(size)])
    condition = {"field": "attributes.city", "operator": "=", "value": city}
    segment = {"name": city, "rules": {"combinator": "and", "rules": [condition]}}
    status, made = await campaigns.post("/segments", segment)
    assert status == 201, made
    return city, {**segment, "segment_id": made["segment_id"]}


async def campaign_for(campaigns: RunningService, size: int = 1, **fields: Any) -> str:
    _, segment = await segment_of(campaigns, size)
    body = {"name": "Autumn", "segment_id": segment["segment_id"], "message_template": "Hi", **fields}
    status, made = await campaigns.post("/campaigns", body)
    assert status == 201, made
    return f"/campaigns/{made['campaign_id']}"


async def status_of(campaigns: RunningService, path: str) -> str:
    return str((await campaigns.get(path))[1]["status"])


async def prepare(campaigns: RunningService, path: str) -> None:
    while await audience.prepare_chunk(campaigns.database, UUID(path.rpartition("/")[2])):
        pass


async def begin(campaigns: RunningService, path: str) -> dict[str, Any]:
    """What becomes of a schedule whose time has come."""
    query = "UPDATE campaigns SET scheduled_at = now() WHERE campaign_id = :id RETURNING 1"
    await campaigns.rows(query, id=path.rpartition("/")[2])
    await start_due(campaigns.database, VENDORS, needs_plan=False, zone=ZONE)
    return dict((await campaigns.get(path))[1])


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


async def test_a_key_writes_to_so_many_a_day(campaigns: RunningService) -> None:
    capped = await program(campaigns, daily_recipients=10)
    first, second, small = [await campaign_for(campaigns, size) for size in (6, 5, 4)]
    assert (await capped.post(f"{first}/launch"))[0] == 202
    status, problem = await capped.post(f"{second}/launch")
    assert status == 409
    assert all(word in problem["detail"] for word in ("10 customers a day", "4 of them are left", "has 5"))
    assert await status_of(campaigns, second) == "DRAFT"
    assert (await capped.post(f"{small}/launch"))[0] == 202
    held = await campaigns.rows("SELECT day, recipients FROM recipient_reservations ORDER BY recipients")
    today = datetime.now(ZoneInfo(ZONE)).date()
    assert [tuple(row) for row in held] == [(today, 4), (today, 6)]
    yesterday = "UPDATE recipient_reservations SET day = day - 1 RETURNING 1"
    await campaigns.rows(yesterday)
    assert (await capped.post(f"{second}/launch"))[0] == 202


async def test_those_who_are_not_written_to_are_not_counted(campaigns: RunningService) -> None:
    capped = await program(campaigns, daily_recipients=2)
    city, segment = await segment_of(campaigns, 3)
    away = [customer(status="INACTIVE", attributes={"city": city}) for _ in range(2)]
    await add_customers(campaigns, away)
    _, found = await campaigns.post("/segments/preview", {"rules": segment["rules"], "sample": 5})
    active = next(each for each in found["sample"] if each["status"] == "ACTIVE")
    suppression = {"email": active["email"]}
    assert (await campaigns.post("/suppressions", suppression))[0] == 201
    body = {"name": "a", "segment_id": segment["segment_id"], "message_template": "Hi"}
    path = f"/campaigns/{(await capped.post('/campaigns', body))[1]['campaign_id']}"
    assert (await capped.post(f"{path}/launch"))[0] == 202


@pytest.mark.parametrize("_", range(3))
async def test_two_launches_at_once_do_not_exceed_the_cap(campaigns: RunningService, _: int) -> None:
    capped = await program(campaigns, agent=True, daily_recipients=10)
    paths = [await campaign_for(campaigns, 6) for _ in range(4)]
    tokens = [await capped.token(path) for path in paths]
    answers = await asyncio.gather(
        *(
            capped.post(f"{path}/launch", {"plan_token": token})
            for path, token in zip(paths, tokens, strict=True)
        )
    )
    assert sorted(status for status, _ in answers) == [202, 409, 409, 409]
    states = [await status_of(campaigns, path) for path in paths]
    assert sorted(states) == ["DRAFT", "DRAFT", "DRAFT", "PREPARING"]


async def test_a_schedule_counts_on_the_day_it_begins(campaigns: RunningService) -> None:
    capped = await program(campaigns, daily_recipients=10)
    large, later, now = [await campaign_for(campaigns, size) for size in (11, 6, 6)]
    status, problem = await capped.post(f"{large}/schedule", {"scheduled_at": TOMORROW})
    assert (status, "10 customers a day" in problem["detail"]) == (409, True)
    assert (await capped.post(f"{later}/schedule", {"scheduled_at": TOMORROW}))[0] == 200
    assert (await capped.post(f"{now}/launch"))[0] == 202
    begun = await begin(campaigns, later)
    assert (begun["status"], "4 of them are left" in begun["held_reason"]) == ("SCHEDULED", True)


async def test_what_is_resumed_on_another_day_counts_again(campaigns: RunningService) -> None:
    capped, path = await program(campaigns, daily_recipients=10), await campaign_for(campaigns, 6)
    assert (await capped.post(f"{path}/launch"))[0] == 202
    assert (await capped.post(f"{path}/pause"))[0] == 200
    status, problem = await capped.post(f"{path}/resume")
    assert (status, "a person has to resume" in problem["detail"]) == (403, True)
    assert (await campaigns.ask("POST", f"{path}/resume"))[0] == 200
    await prepare(campaigns, path)
    for _ in range(2):
        assert (await capped.post(f"{path}/pause"))[0] == 200
        assert (await capped.post(f"{path}/resume"))[0] == 200
    assert (await capped.post(f"{path}/pause"))[0] == 200
    yesterday = "UPDATE recipient_reservations SET day = day - 1 WHERE campaign_id = :id RETURNING 1"
    await campaigns.rows(yesterday, id=path.rpartition("/")[2])
    assert (await capped.post(f"{await campaign_for(campaigns, 6)}/launch"))[0] == 202
    status, problem = await capped.post(f"{path}/resume")
    assert (status, "4 of them are left" in problem["detail"]) == (409, True)
