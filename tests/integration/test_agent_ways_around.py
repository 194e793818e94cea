"""Ways by which a program could have customers written to, other than a launch of what was shown."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.postgres import PostgresServer
from tests.support.programs import (
    TOMORROW,
    ZONE,
    Program,
    campaign_for,
    prepare,
    program,
    segment_of,
    status_of,
)
from tests.support.service import RunningService

LIMITS = pytest.mark.parametrize("limits", [{"agent": True}, {"daily_recipients": 5}], ids=["agent", "cap"])


@pytest.fixture(scope="module")
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres, time_zone=ZONE) as running:
        yield running


async def test_a_rule_or_an_audience_that_changed_since_the_pre_flight_is_refused(
    campaigns: RunningService,
) -> None:
    agent = await program(campaigns, agent=True)
    city, segment = await segment_of(campaigns, 100)
    body = {"name": "a", "segment_id": segment["segment_id"], "message_template": "Hi"}
    path = f"/campaigns/{(await agent.post('/campaigns', body))[1]['campaign_id']}"
    token = await agent.token(path)
    other = {"name": uuid4().hex, "rules": {**segment["rules"], "not": True}}
    assert (await agent.ask("PUT", f"/segments/{segment['segment_id']}", other))[0] == 200
    status, problem = await agent.post(f"{path}/launch", {"plan_token": token})
    assert (status, "the segment or its rule changed" in problem["detail"]) == (409, True)
    back = {"name": uuid4().hex, "rules": segment["rules"]}
    assert (await agent.ask("PUT", f"/segments/{segment['segment_id']}", back))[0] == 200
    await add_customers(campaigns, [customer(attributes={"city": city}) for _ in range(2)])
    status, problem = await agent.post(f"{path}/launch", {"plan_token": token})
    assert (status, "for 100 customers, now it would be 102" in problem["detail"]) == (409, True)
    status, problem = await agent.post(f"{path}/schedule", {"scheduled_at": TOMORROW, "plan_token": token})
    assert status == 409
    assert await status_of(campaigns, path) == "DRAFT"


async def test_another_keys_token_is_good_for_what_it_showed_and_once(campaigns: RunningService) -> None:
    one, other = await program(campaigns, agent=True), await program(campaigns, agent=True)
    path = await campaign_for(campaigns, 3)
    token = await one.token(path)
    answers = await asyncio.gather(
        *(who.post(f"{path}/launch", {"plan_token": token}) for who in (one, other, one, other))
    )
    assert sorted(status for status, _ in answers) == [202, 409, 409, 409]


@LIMITS
async def test_no_message_is_sent_apart_from_a_launch(
    campaigns: RunningService, limits: dict[str, Any]
) -> None:
    agent, path = await program(campaigns, **limits), await campaign_for(campaigns)
    for verb, target, body in (
        ("POST", f"{path}/test", {"email": "me@office.example"}),
        ("POST", f"/messages/{uuid4()}/resend", None),
        ("DELETE", f"/suppressions/{uuid4()}", None),
    ):
        status, problem = await agent.ask(verb, target, body)
        assert (status, "a person has to do this" in problem["detail"]) == (403, True), (target, problem)


@LIMITS
async def test_what_a_person_paused_is_resumed_by_a_person(
    campaigns: RunningService, limits: dict[str, Any]
) -> None:
    agent, path = await program(campaigns, **limits), await campaign_for(campaigns)
    assert (await agent.post(f"{path}/launch", {"plan_token": await agent.token(path)}))[0] == 202
    await prepare(campaigns, path)
    assert (await agent.post(f"{path}/pause"))[0] == 200
    assert (await agent.post(f"{path}/resume"))[0] == 200
    for pause in (partial(campaigns.ask, "POST"), (await program(campaigns, agent=True)).post):
        assert (await pause(f"{path}/pause"))[0] == 200
        status, problem = await agent.post(f"{path}/resume")
        assert (status, "a person has to resume it" in problem["detail"]) == (403, True)
        assert (await campaigns.ask("POST", f"{path}/resume"))[0] == 200


async def joined_before_the_preparation(
    campaigns: RunningService, who: Program, planned: int, newcomers: int, *, has_plan: bool = True
) -> dict[str, Any]:
    """A campaign that more customers match by the time when its audience is written down."""
    city, segment = await segment_of(campaigns, planned)
    known = [customer(attributes={"city": "elsewhere"}) for _ in range(newcomers)]
    await add_customers(campaigns, known)
    body = {"name": "a", "segment_id": segment["segment_id"], "message_template": "Hi"}
    path = f"/campaigns/{(await who.post('/campaigns', body))[1]['campaign_id']}"
    token = await who.token(path) if has_plan else None
    assert (await who.post(f"{path}/launch", {"plan_token": token}))[0] == 202
    moved = [customer(customer_id=each.customer_id, version=2, attributes={"city": city}) for each in known]
    await add_customers(campaigns, moved)
    await prepare(campaigns, path)
    return dict((await campaigns.get(path))[1])


@pytest.mark.parametrize(("newcomers", "status"), [(1, "RUNNING"), (2, "PAUSED")])
async def test_who_joins_before_the_audience_is_written_down_is_in_the_one_percent_too(
    campaigns: RunningService, newcomers: int, status: str
) -> None:
    agent = await program(campaigns, agent=True)
    shown = await joined_before_the_preparation(campaigns, agent, 100, newcomers)
    assert shown["status"] == status
    assert ("for 100 customers, and meanwhile 102" in (shown["held_reason"] or "")) is (status == "PAUSED")


async def test_what_outgrew_its_plan_sends_nothing_until_a_person_resumes_it(
    campaigns: RunningService,
) -> None:
    agent = await program(campaigns, agent=True)
    shown = await joined_before_the_preparation(campaigns, agent, 3, 2)
    path = f"/campaigns/{shown['campaign_id']}"
    assert (await agent.post(f"{path}/resume"))[0] == 403
    _, stats = await campaigns.get(f"{path}/stats")
    assert (stats["status"], stats["pending"]) == ("PAUSED", 5)
    assert (await campaigns.ask("POST", f"{path}/resume"))[0] == 200
    await prepare(campaigns, path)
    _, shown = await campaigns.get(path)
    assert (shown["status"], shown["held_reason"]) == ("RUNNING", None)
    assert (await campaigns.get(f"{path}/stats"))[1]["audience"] == 5


async def test_a_pause_meanwhile_does_not_free_it_of_its_plan(campaigns: RunningService) -> None:
    agent = await program(campaigns, agent=True)
    city, segment = await segment_of(campaigns, 1)
    late = customer(attributes={"city": "elsewhere"})
    await add_customers(campaigns, [late])
    body = {"name": "a", "segment_id": segment["segment_id"], "message_template": "Hi"}
    path = f"/campaigns/{(await agent.post('/campaigns', body))[1]['campaign_id']}"
    assert (await agent.post(f"{path}/launch", {"plan_token": await agent.token(path)}))[0] == 202
    for verb in ("pause", "resume"):
        assert (await campaigns.ask("POST", f"{path}/{verb}"))[0] == 200
    await add_customers(
        campaigns, [customer(customer_id=late.customer_id, version=2, attributes={"city": city})]
    )
    await prepare(campaigns, path)
    assert await status_of(campaigns, path) == "PAUSED"


async def test_a_person_who_launches_without_a_plan_is_held_to_none(campaigns: RunningService) -> None:
    agent = await program(campaigns, agent=True)
    city, segment = await segment_of(campaigns, 1)
    body = {"name": "a", "segment_id": segment["segment_id"], "message_template": "Hi"}
    path = f"/campaigns/{(await agent.post('/campaigns', body))[1]['campaign_id']}"
    given = {"scheduled_at": TOMORROW, "plan_token": await agent.token(path)}
    assert (await agent.post(f"{path}/schedule", given))[0] == 200
    await add_customers(campaigns, [customer(attributes={"city": city}) for _ in range(2)])
    assert (await campaigns.ask("POST", f"{path}/launch"))[0] == 202
    await prepare(campaigns, path)
    assert await status_of(campaigns, path) == "RUNNING"


async def test_who_joins_before_the_audience_is_written_down_counts_for_the_cap(
    campaigns: RunningService,
) -> None:
    for cap, status in ((5, "RUNNING"), (4, "PAUSED")):
        capped = await program(campaigns, daily_recipients=cap)
        shown = await joined_before_the_preparation(campaigns, capped, 3, 2, has_plan=False)
        assert (shown["status"], "Resume it" in (shown["held_reason"] or "")) == (status, status == "PAUSED")
        assert (await capped.post(f"{await campaign_for(campaigns, cap - 2)}/launch"))[0] == 409
