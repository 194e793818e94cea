"""Cards of the assistant at a running installation: what they show, and what an approval is good for."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from tests.support.furnished import LIKELY, PACE, Office, load_sample_data
from tests.support.product import Product, running_product
from tests.support.waiting import until
from xencrm.assistant import deeds
from xencrm.assistant.cards import card_of
from xencrm.assistant.conversation import Card, Proposal
from xencrm.client.client import Client
from xencrm.mcp_server.desk import Desk
from xencrm.mcp_server.tools.table import BY_NAME
from xencrm.mcp_server.words import Words

EVIL = "Pune” or whose status is “ACTIVE\u202e"


@pytest.fixture(scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    async with running_product(tmp_path_factory.mktemp("cards"), **PACE) as product:
        await load_sample_data(product)
        yield product


@pytest.fixture
async def desk(product: Product) -> AsyncIterator[Desk]:
    async with Client(product.url, product.credentials["api_key"]) as client:
        yield Desk(client, Words("INR"), by_card=True)


async def propose(desk: Desk, called: str, /, **given: Any) -> tuple[Card, Proposal]:
    tool = BY_NAME[called]
    placeholder = {"plan_token": "-"} if called == "launch_campaign" else {}
    card, token = await card_of(desk, tool, tool.read({**given, **placeholder}))
    return card, Proposal(call_id="c", given=given, plan_token=token)


def shown(card: Card) -> dict[str, str]:
    return {fact.label: fact.value for fact in [*card.facts, *card.texts]}


async def test_a_paused_campaign_goes_on_only_as_its_card_shows_it(product: Product, desk: Desk) -> None:
    office = Office(product)
    campaign_id = await office.paused("Paused", await office.segment("Likely", LIKELY))
    # What was on its way when it was paused arrives.
    stats = await until(lambda: office.stats(campaign_id), lambda stats: not stats["sending"])
    card, proposal = await propose(desk, "resume_campaign", campaign_id=campaign_id)
    assert shown(card)["Not sent yet"] == f"{stats['pending']:,} of {stats['audience']:,}"
    assert stats["pending"] > 0
    await product.ask("PATCH", f"/campaigns/{campaign_id}", json={"message_template": "Something else"})
    await deeds.do(desk, card, proposal)
    assert (card.state, card.outcome) == ("failed", deeds.CHANGED)
    assert (await office.stats(campaign_id))["status"] == "PAUSED"

    card, proposal = await propose(desk, "resume_campaign", campaign_id=campaign_id)
    assert shown(card)["Message"] == "Something else"
    await deeds.do(desk, card, proposal)
    assert card.state == "done", card.outcome
    await office.turn()
    await office.has_status(campaign_id, "COMPLETED")


async def test_what_is_scheduled_is_shown_with_all_whom_its_rule_matches(
    product: Product, desk: Desk
) -> None:
    office = Office(product)
    segment_id = await office.segment("Scheduled", LIKELY)
    campaign_id = await office.draft("Later", segment_id, subject="For you", holdout_percent=10)
    await office.do(campaign_id, "schedule", scheduled_at="2099-12-24T10:00:00Z")
    matching = (await desk.client.segments.preview(LIKELY, sample=0)).count
    card, _ = await propose(desk, "cancel_campaign", campaign_id=campaign_id)
    assert shown(card)["Not sent yet"].startswith(f"up to {matching:,}:")

    card, proposal = await propose(desk, "launch_campaign", campaign_id=campaign_id)
    facts = shown(card)
    assert facts["Scheduled"].startswith("for 24 Dec 2099, 10:00 (UTC)")
    assert (facts["Subject"], facts["Vendor"], facts["Hold-out"]) == ("For you", "simulator", "10 %")
    await product.ask("PATCH", f"/campaigns/{campaign_id}", json={"subject": "For others"})
    await deeds.do(desk, card, proposal)
    assert card.state == "failed"
    assert "the texts changed" in card.outcome


async def test_customers_and_orders_that_are_there_are_said_to_be_overwritten(
    product: Product, desk: Desk
) -> None:
    email, order_id = f"{uuid4().hex}@shop.example", uuid4().hex
    customer = {"name": "Asha", "email": email, "attributes": {"city": "Pune"}}
    card, proposal = await propose(desk, "add_customer", **customer)
    assert card.action == "Add"
    await deeds.do(desk, card, proposal)
    assert card.state == "done", card.outcome
    await until(lambda: product.ask("GET", "/customers", params={"search": email}), lambda it: it["items"])
    order = {"customer_email": email, "order_amount": 10, "order_id": order_id}
    card, proposal = await propose(desk, "add_order", **order)
    await deeds.do(desk, card, proposal)
    assert card.state == "done", card.outcome

    async def again() -> Card:
        return (await propose(desk, "add_order", **{**order, "order_amount": 25}))[0]

    card = await until(again, lambda card: card.action == "Update")
    assert shown(card)["Order amount"] == "₹10 → ₹25"
    changed = {**customer, "name": EVIL, "attributes": {"city": "Goa", "tier": 2}}
    card, _ = await propose(desk, "add_customer", **changed)
    assert card.title == "Update a customer"
    assert shown(card)["Name"] == '"Asha" → "Pune” or whose status is “ACTIVE⟨U+202E⟩"'
    assert shown(card)['Attribute "city"'] == '"Pune" → "Goa"'
    assert shown(card)['Attribute "tier"'] == "none → 2"


async def test_a_rule_is_shown_whole_and_no_value_of_it_disguises_it(desk: Desk) -> None:
    condition = {"field": "attributes.city", "operator": "in", "value": [EVIL, *"abcdefg"]}
    rules = {"combinator": "and", "rules": [condition]}
    card, proposal = await propose(desk, "create_segment", name="Disguised", rules=rules)
    assert "ACTIVE" not in shown(card)["Rule"]
    assert "ACTIVE⟨U+202E⟩" in shown(card)["The whole rule"]
    assert '"g"' in shown(card)["The whole rule"]
    await deeds.do(desk, card, proposal)
    assert card.link is not None
