"""Pre-flights say what a launch would do, and a launch is held to their plan tokens."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.hostile_profiles import KEYS, hostile_profiles
from tests.support.postgres import PostgresServer
from tests.support.rule_trees import rules
from tests.support.service import RunningService
from xencrm.campaigns.delivery import audience
from xencrm.campaigns.delivery.templates import Templates
from xencrm.campaigns.delivery.variables import profile_variables
from xencrm.campaigns.planning.starting import start_due
from xencrm.campaigns.preflight.blanks import MOST_NAMES
from xencrm.campaigns.profiles.model import Profile
from xencrm.campaigns.segments import service as segments
from xencrm.kernel.clock import utc_now

PROFILES = hostile_profiles(300)
SOME = {"combinator": "and", "rules": [{"field": "total_orders", "operator": ">", "value": 1}]}
TOMORROW = (utc_now() + timedelta(days=1)).isoformat()
VENDORS = ("simulator",)


@pytest.fixture(scope="module")
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres) as running:
        snapshots = [{key: p[key] for key in p if key != "synced_at"} for p in PROFILES]
        await add_customers(running, [customer(**snapshot) for snapshot in snapshots])
        yield running


async def make_campaign(campaigns: RunningService, rule: Any = SOME, **fields: Any) -> str:
    _, segment = await campaigns.post("/segments", {"name": uuid4().hex, "rules": rule})
    body = {"name": "Autumn", "segment_id": segment["segment_id"], "message_template": "Hi", **fields}
    status, made = await campaigns.post("/campaigns", body)
    assert status == 201, made
    return f"/campaigns/{made['campaign_id']}"


async def in_city(campaigns: RunningService, count: int, **fields: Any) -> tuple[str, dict[str, Any]]:
    """So many customers of a city of their own, and the rule that finds them."""
    city = uuid4().hex
    attributes = {"city": city}
    await add_customers(campaigns, [customer(attributes=attributes, **fields) for _ in range(count)])
    condition = {"field": "attributes.city", "operator": "=", "value": city}
    return city, {"combinator": "and", "rules": [condition]}


async def preview(campaigns: RunningService, path: str) -> dict[str, Any]:
    status, shown = await campaigns.ask("POST", f"{path}/preview", role="viewer")
    assert status == 200, shown
    return dict(shown)


async def launch(campaigns: RunningService, path: str, token: str | None = None) -> tuple[int, Any]:
    options = {} if token is None else {"json": {"plan_token": token}}
    return await campaigns.ask("POST", f"{path}/launch", role="marketer", **options)


async def prepare(campaigns: RunningService, path: str) -> dict[str, Any]:
    """The numbers of the campaign once its audience is written down."""
    while await audience.prepare_chunk(campaigns.database, UUID(path.rpartition("/")[2]), zone="UTC"):
        pass
    return dict((await campaigns.get(f"{path}/stats"))[1])


@settings(
    max_examples=25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(rule=rules, holdout=st.sampled_from([0, 1, 10, 50]))
async def test_the_audience_is_what_the_preflight_said(
    campaigns: RunningService, rule: Any, holdout: int
) -> None:
    path = await make_campaign(campaigns, rule, holdout_percent=holdout)
    status, shown = await campaigns.ask("POST", f"{path}/preview")
    launched, _ = await launch(campaigns, path, shown.get("plan_token"))
    assert (status, launched) in ((200, 202), (422, 422))
    if status == 422:
        return
    stats = await prepare(campaigns, path)
    assert shown["count"] == stats["audience"] + stats["holdout"]
    assert (shown["audience"], shown["holdout"]) == (stats["audience"], stats["holdout"])
    assert shown["inactive"] + shown["suppressed"] == stats["skipped"]
    _, counted = await campaigns.post("/segments/preview", {"rules": rule, "sample": 0})
    assert shown["count"] == counted["count"]


async def test_inactive_customers_are_counted_unless_the_rule_asks_for_them(
    campaigns: RunningService,
) -> None:
    _, rule = await in_city(campaigns, 4)
    condition = rule["rules"][0]
    city = condition["value"]
    away = [customer(status="INACTIVE", attributes={"city": city}) for _ in range(3)]
    await add_customers(campaigns, away)
    shown = await preview(campaigns, await make_campaign(campaigns, rule))
    assert (shown["count"], shown["inactive"], shown["suppressed"]) == (7, 3, 0)
    assert len(shown["samples"]) == 4
    status = {"field": "status", "operator": "notNull"}
    asked = {"combinator": "and", "rules": [condition, status]}
    shown = await preview(campaigns, await make_campaign(campaigns, asked))
    assert (shown["inactive"], len(shown["samples"])) == (0, 7)


async def test_blank_variables_are_counted_as_the_templates_have_it(campaigns: RunningService) -> None:
    names = ["name", "first_name", "email", "phone", "status", "total_spend", "total_orders"]
    names += ["last_order_at", "days_since_last_order", "attributes.missing", "unsubscribe_url"]
    quoted = [key.replace("\\", "\\\\").replace('"', '\\"') for key in KEYS]
    source = " ".join(
        [f"{{{{ {name} }}}}" for name in names] + [f'{{{{ attributes["{key}"] }}}}' for key in quoted]
    )
    path = await make_campaign(campaigns, message_template=source, subject="{{ name }}", holdout_percent=20)
    shown = await preview(campaigns, path)
    async with campaigns.database.transaction() as tx:
        found = (await segments.preview(tx, SOME, 1000)).sample
    await launch(campaigns, path)
    await prepare(campaigns, path)
    query = "SELECT customer_id FROM communication_log WHERE campaign_id = :id AND state <> 'HOLDOUT'"
    rows = await campaigns.rows(query, id=path.rpartition("/")[2])
    members = {row.customer_id for row in rows}
    template = Templates("INR").text(source)
    expected = dict.fromkeys(template.names, 0)
    for profile in found:
        if profile.customer_id in members:
            for name in template.blank_names(variables_of(profile)):
                expected[name] += 1
    assert shown["blank"] == expected
    assert all(expected[name] for name in ("name", "phone", "last_order_at", "attributes.city"))
    assert expected["attributes.missing"] == len(members)


def variables_of(profile: Profile) -> dict[str, object]:
    known = profile_variables(profile, profile.attributes, now=utc_now())
    return known | {"unsubscribe_url": "https://shop.example/u"}


async def test_a_template_of_very_many_variables_is_counted(campaigns: RunningService) -> None:
    source = " ".join(f"{{{{ attributes.key{number} }}}}" for number in range(2000))
    shown = await preview(campaigns, await make_campaign(campaigns, message_template=source))
    assert len(shown["blank"]) == MOST_NAMES
    assert set(shown["blank"].values()) == {shown["audience"]}


async def test_ten_messages_are_shown_as_they_would_be(campaigns: RunningService) -> None:
    city, rule = await in_city(campaigns, 12, name="<b>Asha</b> & Co")
    path = await make_campaign(
        campaigns,
        rule,
        subject="For {{ first_name }}",
        message_template="Dear {{ name }} of {{ attributes.city }}",
        html_template="<p>Dear {{ name }}</p>",
    )
    shown = await preview(campaigns, path)
    assert len({sample["customer_id"] for sample in shown["samples"]}) == 10
    for sample in shown["samples"]:
        assert sample["address"] == f"{sample['customer_id'].replace('-', '')}@shop.example"
        assert (sample["name"], sample["error"]) == ("<b>Asha</b> & Co", None)
        assert sample["subject"] == "For <b>Asha</b>"
        assert sample["text"] == f"Dear <b>Asha</b> & Co of {city}"
        assert sample["html"] == "<p>Dear &lt;b&gt;Asha&lt;/b&gt; &amp; Co</p>"


async def test_texts_are_changed_and_taken_away_by_patch_and_shown_so(campaigns: RunningService) -> None:
    _, rule = await in_city(campaigns, 1)
    path = await make_campaign(campaigns, rule, subject="Old", html_template="<p>Old</p>")
    for changes, expected in (
        ({"subject": "New"}, ("New", "Hi", "<p>Old</p>")),
        ({"html_template": "<i>New</i>", "message_template": "New"}, ("New", "New", "<i>New</i>")),
        ({"subject": None, "html_template": " "}, (None, "New", None)),
    ):
        assert (await campaigns.ask("PATCH", path, json=changes))[0] == 200
        (sample,) = (await preview(campaigns, path))["samples"]
        assert (sample["subject"], sample["text"], sample["html"]) == expected


async def test_a_message_that_cannot_be_rendered_says_why(campaigns: RunningService) -> None:
    _, rule = await in_city(campaigns, 1)
    source = "{% for i in (1..2000) %}{% for j in (1..attributes.many) %}x{% endfor %}{% endfor %}"
    path = await make_campaign(campaigns, rule, message_template=source)
    assert (await preview(campaigns, path))["samples"][0]["error"] is None
    _, rule = await in_city(campaigns, 1)
    many = customer(attributes={"city": rule["rules"][0]["value"], "many": 1000})
    await add_customers(campaigns, [many])
    shown = await preview(campaigns, await make_campaign(campaigns, rule, message_template=source))
    errors = {sample["customer_id"]: sample["error"] for sample in shown["samples"]}
    assert "loops" in errors[str(many.customer_id)]
    assert [sample["text"] for sample in shown["samples"] if sample["error"]] == [None]


async def test_a_launch_is_held_to_the_plan_token_it_is_given(campaigns: RunningService) -> None:
    path = await make_campaign(campaigns)
    shown = await preview(campaigns, path)
    assert (await launch(campaigns, path, shown["plan_token"]))[0] == 202
    assert (await launch(campaigns, path, shown["plan_token"]))[0] == 409


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"message_template": "Bye"}, "texts"),
        ({"subject": "Bye"}, "texts"),
        ({"html_template": "<p>Bye</p>"}, "texts"),
        ({"holdout_percent": 1}, "hold-out"),
        ({"campaign_type": "TRANSACTIONAL"}, "type"),
        ({"track": True}, "tracking"),
        ({"segment_id": None}, "segment"),
        ({"rules": None}, "rule"),
    ],
)
async def test_a_plan_token_does_not_fit_what_has_changed(
    campaigns: RunningService, changes: dict[str, Any], word: str
) -> None:
    path = await make_campaign(campaigns)
    token = (await preview(campaigns, path))["plan_token"]
    segment = {"name": uuid4().hex, "rules": {**SOME, "rules": [*SOME["rules"], *SOME["rules"]]}}
    if "rules" in changes:
        _, campaign = await campaigns.get(path)
        await campaigns.ask("PUT", f"/segments/{campaign['segment_id']}", json=segment)
    else:
        if "segment_id" in changes:
            _, other = await campaigns.post("/segments", {"name": uuid4().hex, "rules": SOME})
            changes = {"segment_id": other["segment_id"]}
        assert (await campaigns.ask("PATCH", path, json=changes))[0] == 200
    for verb, body in (("launch", {}), ("schedule", {"scheduled_at": TOMORROW})):
        status, problem = await campaigns.post(f"{path}/{verb}", {**body, "plan_token": token})
        assert (status, word in problem["detail"]) == (409, True), problem
    assert (await launch(campaigns, path, (await preview(campaigns, path))["plan_token"]))[0] == 202


async def test_an_audience_may_grow_by_one_percent(campaigns: RunningService) -> None:
    city, rule = await in_city(campaigns, 200)
    path = await make_campaign(campaigns, rule)
    token = (await preview(campaigns, path))["plan_token"]
    newcomers = [customer(attributes={"city": city}) for _ in range(3)]
    await add_customers(campaigns, newcomers)
    status, problem = await launch(campaigns, path, token)
    assert (status, "203" in problem["detail"], "200" in problem["detail"]) == (409, True, True)
    leave = "DELETE FROM customers_mv WHERE customer_id = :id RETURNING 1"
    await campaigns.rows(leave, id=newcomers[0].customer_id)
    assert (await launch(campaigns, path, token))[0] == 202


async def test_tokens_of_others_are_refused(campaigns: RunningService) -> None:
    path, other = await make_campaign(campaigns), await make_campaign(campaigns)
    token = (await preview(campaigns, other))["plan_token"]
    for given_token, word in ((token, "another campaign"), (token[:-4], "none that"), ("", "none that")):
        status, problem = await launch(campaigns, path, given_token)
        assert (status, word in problem["detail"]) == (409, True)
    assert (await campaigns.post(f"{path}/launch", {"plan_token": "x" * 2001}))[0] == 400
    assert (await campaigns.post(f"{path}/launch", {"plan": "x"}))[0] == 400
    assert (await campaigns.post(f"{path}/launch", {}))[0] == 202


async def test_what_was_scheduled_by_a_plan_has_to_be_the_same_when_it_begins(
    campaigns: RunningService,
) -> None:
    for changes, begins in (({"name": "Winter"}, True), ({"subject": "other"}, False)):
        path = await make_campaign(campaigns)
        token = (await preview(campaigns, path))["plan_token"]
        body = {"scheduled_at": TOMORROW, "plan_token": token}
        assert (await campaigns.post(f"{path}/schedule", body))[0] == 200
        assert (await campaigns.ask("PATCH", path, json=changes))[0] == 200
        await make_due(campaigns, path)
        await start_due(campaigns.database, VENDORS, needs_plan=False, zone="UTC")
        _, shown = await campaigns.get(path)
        if begins:
            assert (shown["status"], shown["held_reason"]) == ("PREPARING", None)
        else:
            assert (shown["status"], "texts" in shown["held_reason"]) == ("SCHEDULED", True)


async def make_due(campaigns: RunningService, path: str) -> None:
    query = "UPDATE campaigns SET scheduled_at = now() WHERE campaign_id = :id RETURNING 1"
    await campaigns.rows(query, id=path.rpartition("/")[2])


async def test_an_installation_may_launch_nothing_without_a_plan(postgres: PostgresServer) -> None:
    async with running_campaigns(postgres, launch_needs_plan=True) as running:
        await add_customers(running, [customer(total_orders=2) for _ in range(3)])
        path = await make_campaign(running)
        _, campaign = await running.get(path)
        again = {"name": "a", "segment_id": campaign["segment_id"], "message_template": "Hi"}
        schedule = {"scheduled_at": TOMORROW}
        for method, target, body in (
            ("POST", f"{path}/launch", {}),
            ("POST", f"{path}/schedule", schedule),
            ("PATCH", path, schedule),
            ("POST", "/campaigns", {**again, **schedule}),
        ):
            status, problem = await running.ask(method, target, json=body)
            assert (status, "plan_token" in problem["detail"]) == (409, True)
        token = (await preview(running, path))["plan_token"]
        assert (await running.post(f"{path}/schedule", {**schedule, "plan_token": token}))[0] == 200
        later = (utc_now() + timedelta(days=2)).isoformat()
        assert (await running.ask("PATCH", path, json={"scheduled_at": later}))[0] == 200
        await make_due(running, path)
        await start_due(running.database, VENDORS, needs_plan=True, zone="UTC")
        assert (await running.get(path))[1]["status"] == "PREPARING"


async def test_what_was_scheduled_before_plans_were_needed_waits(campaigns: RunningService) -> None:
    path = await make_campaign(campaigns, scheduled_at=TOMORROW)
    await make_due(campaigns, path)
    await start_due(campaigns.database, VENDORS, needs_plan=True, zone="UTC")
    _, shown = await campaigns.get(path)
    assert (shown["status"], "plan token" in shown["held_reason"]) == ("SCHEDULED", True)
