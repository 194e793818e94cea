"""Cards: what they show before something is approved, and for how long an approval of that is good."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support.scripted_server import HangUp, Reply, ScriptedServer, problem, scripted_server
from xencrm.assistant import deeds
from xencrm.assistant.cards import card_of
from xencrm.assistant.conversation import Card, Fact, Proposal
from xencrm.assistant.keeping import INTERRUPTED
from xencrm.assistant.visible import visible
from xencrm.client.client import Client
from xencrm.client.retry import RetryPolicy
from xencrm.client.signed_in import SignedIn
from xencrm.mcp_server.desk import Desk
from xencrm.mcp_server.tool import Mistaken
from xencrm.mcp_server.tools.table import BY_NAME
from xencrm.mcp_server.words import Words

API = "/api/v1"
CAMPAIGN_ID = "0190a0a0-0000-7000-8000-000000000001"
SEGMENT_ID = "0190a0a0-0000-7000-8000-000000000002"
CUSTOMER_ID = "0190a0a0-0000-7000-8000-000000000003"
OF_CAMPAIGN = {"campaign_id": CAMPAIGN_ID}
RULES = {"combinator": "and", "rules": [{"field": "total_spend", "operator": ">", "value": 1}]}
ORDERED = {"customer_email": "asha@shop.example", "order_amount": 20, "order_id": "o-1"}


@dataclass
class Shop:
    """What the services answer; tests change it as people would meanwhile."""

    desk: Desk
    server: ScriptedServer
    campaign: dict[str, Any] = field(default_factory=dict)
    stats: dict[str, Any] = field(default_factory=dict)
    segment: dict[str, Any] = field(default_factory=dict)
    matching: int = 2000

    async def card(self, tool: str, **given: Any) -> tuple[Card, Proposal]:
        card, token = await card_of(self.desk, BY_NAME[tool], BY_NAME[tool].read(_with_token(tool, given)))
        return card, Proposal(call_id="c1", given=given, plan_token=token)

    async def approve(self, card: Card, proposal: Proposal) -> str:
        """What is done is what the services were asked to do."""
        self.server.asked.clear()
        await deeds.do(self.desk, card, proposal)
        done = [asked.path for asked in self.server.asked if asked.path.endswith(("/resume", "/launch"))]
        assert (card.state == "done") is bool(done)
        return proposal.answer or ""


def _with_token(tool: str, given: dict[str, Any]) -> dict[str, Any]:
    return {**given, "plan_token": "-"} if tool == "launch_campaign" else given


def shown(card: Card) -> dict[str, str]:
    return {fact.label: fact.value for fact in [*card.facts, *card.texts]}


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with scripted_server() as server:
        retries = RetryPolicy(budget_s=0.0)
        async with Client(server.url, SignedIn("", ""), retries=retries) as client:
            shop = Shop(Desk(client, Words("INR"), by_card=True), server)
            shop.campaign = {
                **{"campaign_id": CAMPAIGN_ID, "name": "Diwali", "status": "PAUSED", "vendor": "smtp"},
                **{"segment_id": SEGMENT_ID, "segment_name": "Big spenders", "track": True},
                **{"message_template": "Hi {{ name }}", "subject": "For you", "html_template": "<p>Hi</p>"},
                **{"holdout_percent": 10, "launched_at": "2026-11-23T10:00:00Z", "template_version": 1},
            }
            shop.stats = {"status": "PAUSED", "audience": 0}
            shop.segment = {
                **{"segment_id": SEGMENT_ID, "name": "Big spenders", "rules": RULES, "words": "Customers."},
                **{"updated_at": "2026-11-22T10:00:00Z"},
            }
            _route(shop)
            yield shop


def _route(shop: Shop) -> None:
    campaign = f"{API}/campaigns/{CAMPAIGN_ID}"
    shop.server.routes = {
        ("GET", campaign): lambda _: Reply(body=shop.campaign),
        ("GET", f"{campaign}/stats"): lambda _: Reply(body=shop.stats),
        ("POST", f"{campaign}/resume"): Reply(body={}),
        ("GET", f"{API}/segments/{SEGMENT_ID}"): lambda _: Reply(body=shop.segment),
        ("GET", f"{API}/segments"): lambda _: Reply(body={"items": [shop.segment]}),
        ("GET", f"{API}/vendors"): Reply(body={"items": [{"name": "smtp"}]}),
        ("POST", f"{API}/segments/preview"): lambda _: Reply(
            body={"count": shop.matching, "took_ms": 1, "words": "Customers whose city is “Pune”."}
        ),
        ("POST", f"{campaign}/preview"): Reply(
            body={"count": 100, "holdout": 10, "audience": 90, "plan_token": "token"}
            | {"samples": [{"customer_id": CUSTOMER_ID, "name": "Asha", "text": "Hi Asha"}]}
        ),
        ("GET", f"{API}/customers"): Reply(
            body={"items": [{"customer_id": CUSTOMER_ID, "name": "Asha", "email": "asha@shop.example"}]}
        ),
        ("GET", f"{API}/customers/{CUSTOMER_ID}/orders"): Reply(
            body={"items": [{"order_id": "o-1", "order_amount": "10.00", "order_status": "COMPLETED"}]}
        ),
    }


async def test_to_resume_what_is_not_written_down_yet_shows_all_whom_the_rule_matches(shop: Shop) -> None:
    card, proposal = await shop.card("resume_campaign", **OF_CAMPAIGN)
    assert shown(card)["Not sent yet"] == "up to 2,000: the audience is not written down yet"
    assert card.action == "Resume for 2,000 customers"
    facts = shown(card)
    assert (facts["Message"], facts["Subject"], facts["HTML"]) == ("Hi {{ name }}", "For you", "<p>Hi</p>")
    assert (facts["Vendor"], facts["Hold-out"], facts["Opens and clicks"]) == ("smtp", "10 %", "counted")
    assert (await shop.approve(card, proposal)).startswith("The person approved")


async def test_to_resume_shows_what_waits_and_what_is_being_sent(shop: Shop) -> None:
    shop.campaign["prepared_at"] = "2026-11-23T10:01:00Z"
    shop.stats |= {"audience": 100, "pending": 30, "sending": 5, "delivered": 65}
    card, _ = await shop.card("resume_campaign", **OF_CAMPAIGN)
    assert shown(card)["Not sent yet"] == "35 of 100"


async def test_a_rule_that_was_changed_since_the_launch_is_not_counted(shop: Shop) -> None:
    shop.segment["updated_at"] = "2026-11-23T11:00:00Z"
    card, _ = await shop.card("resume_campaign", **OF_CAMPAIGN)
    assert shown(card)["Not sent yet"].startswith("not known")
    assert card.action == "Resume"


@pytest.mark.parametrize(
    "changes",
    [
        {"message_template": "Something else"},
        {"subject": "Something else"},
        {"template_version": 2},
        {"vendor": "ses"},
        {"held_reason": "It grew."},
    ],
)
async def test_an_approval_is_not_good_for_what_was_changed_since(
    shop: Shop, changes: dict[str, Any]
) -> None:
    card, proposal = await shop.card("resume_campaign", **OF_CAMPAIGN)
    shop.campaign |= changes
    answer = await shop.approve(card, proposal)
    assert card.outcome == "Not done. It has changed since the card was shown."
    assert "Propose it again" in answer


@pytest.mark.parametrize(("now", "state"), [(1500, "done"), (2020, "done"), (2021, "failed")])
async def test_an_approval_is_good_for_one_in_a_hundred_more(shop: Shop, now: int, state: str) -> None:
    card, proposal = await shop.card("resume_campaign", **OF_CAMPAIGN)
    shop.matching = now
    await shop.approve(card, proposal)
    assert card.state == state


@pytest.mark.parametrize(
    ("tool", "status"),
    [
        ("resume_campaign", "RUNNING"),
        ("pause_campaign", "COMPLETED"),
        ("cancel_campaign", "CANCELLED"),
        ("launch_campaign", "PAUSED"),
    ],
)
async def test_what_cannot_be_done_in_this_state_becomes_no_card(shop: Shop, tool: str, status: str) -> None:
    shop.campaign["status"] = status
    with pytest.raises(Mistaken, match=status):
        await shop.card(tool, **OF_CAMPAIGN)


async def test_a_launch_shows_the_texts_the_terms_and_when_it_would_have_begun(shop: Shop) -> None:
    shop.campaign |= {"status": "SCHEDULED", "scheduled_at": "2026-12-24T10:00:00Z"}
    card, proposal = await shop.card("launch_campaign", **OF_CAMPAIGN)
    facts = shown(card)
    assert facts["Scheduled"].startswith("for 24 Dec 2026, 10:00 (UTC)")
    assert [text.label for text in card.texts] == ["Subject", "Message", "HTML", "For Asha"]
    assert (facts["Vendor"], facts["Type"], facts["Hold-out"]) == ("smtp", "Promotional", "10 %")
    assert (facts["Opens and clicks"], facts["Held out"], proposal.plan_token) == ("counted", "10", "token")


async def test_a_rule_that_a_sentence_shortens_is_shown_whole(shop: Shop) -> None:
    cities = [f"city {number}" for number in range(7)]
    condition = {"field": "attributes.city", "operator": "in", "value": cities}
    card, _ = await shop.card("create_segment", name="a", rules={"combinator": "and", "rules": [condition]})
    assert shown(card)["Rule"] == "Customers whose city is “Pune”."
    assert "city 6" in shown(card)["The whole rule"]
    card, _ = await shop.card("create_segment", name="a", rules=RULES)
    assert card.texts == []


@pytest.mark.parametrize(
    "value", ["Pune” or whose status is “ACTIVE", "Pune\u202e evitca", "x" * 61 + "\u2066", "a  b"]
)
async def test_a_value_that_could_disguise_a_rule_leaves_no_sentence(shop: Shop, value: str) -> None:
    condition = {"field": "attributes.city", "operator": "=", "value": value}
    card, _ = await shop.card("create_segment", name="a", rules={"combinator": "and", "rules": [condition]})
    assert "Pune" not in shown(card)["Rule"]
    assert visible(value) in shown(card)["The whole rule"]


async def test_a_name_that_is_taken_becomes_no_card(shop: Shop) -> None:
    with pytest.raises(Mistaken, match="Big spenders"):
        await shop.card("create_segment", name="Big spenders", rules=RULES)


async def test_a_draft_with_a_vendor_that_is_not_there_becomes_no_card(shop: Shop) -> None:
    with pytest.raises(Mistaken, match="smtp"):
        await shop.card(
            "create_campaign", name="a", segment_id=SEGMENT_ID, message_template="Hi", vendor="pigeon"
        )


async def test_a_customer_who_is_there_is_updated_from_what_is_to_what_would_be(shop: Shop) -> None:
    given = {"name": "Asha Rao", "email": "Asha@shop.example", "status": "ACTIVE", "total_spend": 5}
    card, proposal = await shop.card("add_customer", **given, attributes={"city": "Pune"})
    facts = shown(card)
    assert (card.title, card.action) == ("Update a customer", "Update")
    assert facts["Name"] == '"Asha" → "Asha Rao"'
    assert facts["Status"] == '"ACTIVE", as it is'
    assert facts["Spent before XenCRM"] == "₹0 → ₹5"
    assert facts['Attribute "city"'] == 'none → "Pune"'
    renamed = {"customer_id": CUSTOMER_ID, "name": "Asha R.", "email": "asha@shop.example"}
    shop.server.routes[("GET", f"{API}/customers")] = Reply(body={"items": [renamed]})
    await shop.approve(card, proposal)
    assert card.outcome == deeds.CHANGED


async def test_an_order_that_changed_since_is_not_overwritten(shop: Shop) -> None:
    card, proposal = await shop.card("add_order", **ORDERED)
    changed = {"order_id": "o-1", "order_amount": "11.00", "order_status": "COMPLETED"}
    shop.server.routes[("GET", f"{API}/customers/{CUSTOMER_ID}/orders")] = Reply(body={"items": [changed]})
    await shop.approve(card, proposal)
    assert card.outcome == deeds.CHANGED


async def test_a_customer_who_is_new_is_added(shop: Shop) -> None:
    card, _ = await shop.card("add_customer", name="Asha", email="other@shop.example")
    assert (card.title, card.action, shown(card)["Name"]) == ("Add a customer", "Add", "Asha")


async def test_an_order_that_is_there_is_updated(shop: Shop) -> None:
    card, _ = await shop.card("add_order", **ORDERED)
    assert (card.title, card.action) == ("Update an order", "Update")
    assert shown(card)["Order amount"] == "₹10 → ₹20"
    card, _ = await shop.card("add_order", **{**ORDERED, "order_id": "o-2"})
    assert card.action == "Add or overwrite"
    card, _ = await shop.card("add_order", customer_email="asha@shop.example", order_amount=20)
    assert card.action == "Add"
    with pytest.raises(Mistaken, match="add_customer"):
        await shop.card("add_order", customer_email="nobody@shop.example", order_amount=20)


@pytest.mark.parametrize(
    ("tool", "given"),
    [
        ("create_segment", {"name": "x" * 256, "rules": RULES}),
        ("create_segment", {"name": "a\0b", "rules": RULES}),
        ("create_segment", {"name": "a", "rules": RULES, "description": "\0"}),
        ("create_campaign", {"name": " ", "segment_id": SEGMENT_ID, "message_template": "Hi"}),
        ("create_campaign", {"name": "a", "segment_id": SEGMENT_ID, "message_template": "Hi\0"}),
        ("create_campaign", {"name": "a", "segment_id": SEGMENT_ID, "message_template": " "}),
        ("add_customer", {"name": "x" * 3000, "email": "a@shop.example"}),
        ("add_customer", {"name": "a", "email": "nobody"}),
        ("add_customer", {"name": "a", "email": "a@shop.example", "total_spend": "much"}),
        ("add_customer", {"name": "a", "email": "a@shop.example", "last_order_at": "soon"}),
        ("add_customer", {"name": "a", "email": "a@shop.example", "attributes": {"a": "\0"}}),
        ("add_order", {**ORDERED, "order_amount": -1}),
        ("add_order", {**ORDERED, "order_id": "x" * 129}),
        ("add_order", {**ORDERED, "items": [{"sku": "\0"}]}),
    ],
)
async def test_what_would_be_refused_becomes_no_card(shop: Shop, tool: str, given: dict[str, Any]) -> None:
    with pytest.raises(Mistaken, match="Wrong arguments"):
        await shop.card(tool, **given)
    assert shop.server.asked == []


@pytest.mark.parametrize("step", [HangUp(), problem(500, "Broken"), problem(503, "Away"), Reply(body=[])])
async def test_a_deed_of_which_nobody_knows_is_not_called_not_done(shop: Shop, step: Any) -> None:
    shop.server.routes[("POST", f"{API}/segments")] = step
    card, proposal = await shop.card("create_segment", name="a", rules=RULES)
    await deeds.do(shop.desk, card, proposal)
    assert (card.state, card.outcome, proposal.answer) == ("failed", INTERRUPTED, INTERRUPTED)


async def test_what_was_not_begun_is_not_done_and_says_not_where_services_are(shop: Shop) -> None:
    card, proposal = await shop.card("resume_campaign", **OF_CAMPAIGN)
    shop.server.routes[("GET", f"{API}/campaigns/{CAMPAIGN_ID}")] = HangUp()
    answer = await shop.approve(card, proposal)
    assert (card.state, card.outcome) == ("failed", deeds.AWAY)
    assert "127.0.0.1" not in f"{card.outcome} {answer}"


async def test_who_has_signed_out_is_told_to_sign_in_and_not_of_keys(shop: Shop) -> None:
    card, proposal = await shop.card("resume_campaign", **OF_CAMPAIGN)
    shop.server.routes[("POST", f"{API}/campaigns/{CAMPAIGN_ID}/resume")] = problem(401, "Sign in.")
    await deeds.do(shop.desk, card, proposal)
    assert "not signed in any more" in (proposal.answer or "")
    assert "API key" not in (proposal.answer or "")


async def test_names_are_shown_with_what_cannot_be_seen(shop: Shop) -> None:
    shop.campaign |= {"name": "Diwali\u202e\nApproved", "status": "RUNNING"}
    card, _ = await shop.card("pause_campaign", **OF_CAMPAIGN)
    assert Fact("Campaign", "Diwali⟨U+202E⟩⟨U+000A⟩Approved") in card.facts
