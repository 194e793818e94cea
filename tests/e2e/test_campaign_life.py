"""What a marketer may do to a campaign, and what holds while it goes on."""

import asyncio
from collections import Counter
from typing import Any

import aiohttp
import pytest

from tests.support.shop import INACTIVE, PEOPLE, Campaign, Shop, seats
from tests.support.waiting import until

SLOW = {"latency_ms": 1000}


async def under_way(shop: Shop, first: int, after_last: int, **fields: Any) -> tuple[Campaign, int]:
    """A campaign of which some is sent and most is not; and how many the vendor had accepted before it."""
    await shop.turn(**SLOW)
    before = await shop.accepted()
    campaign = await shop.launch(seats(first, after_last), **fields)
    await until(shop.accepted, lambda accepted: accepted >= before + 40)
    return campaign, before


async def at_rest(campaign: Campaign, *still: str) -> dict[str, Any]:
    """The numbers once no message is on its way, waits for its receipt, or is in one of the states."""
    states = ("sending", "sent", *still)
    return await until(campaign.stats, lambda stats: not any(stats[state] for state in states))


async def test_a_paused_campaign_stands_still_and_the_rest_gets_the_corrected_text(shop: Shop) -> None:
    campaign, before = await under_way(shop, 0, 300, message_template="Hi {{ name }}, with a tpyo")
    paused = await campaign.do("pause")
    assert paused["status"] == "PAUSED"
    stats = await at_rest(campaign)
    sent = await shop.accepted() - before
    assert (stats["status"], stats["delivered"], stats["pending"]) == ("PAUSED", sent, 300 - sent)
    assert 40 <= sent < 300

    edited = await campaign.edit(
        message_template="Hi {{ name }}, without a typo", subject="For {{ first_name }}"
    )
    assert edited["template_version"] == 2
    await shop.turn()
    await campaign.do("resume")
    stats = await campaign.ended()
    assert (stats["audience"], stats["delivered"]) == (300, 300)
    messages = await campaign.messages()
    assert Counter(message["template_version"] for message in messages) == {1: sent, 2: 300 - sent}
    by_version = {message["template_version"]: message for message in messages}
    first, second = [await campaign.in_full(by_version[version]) for version in (1, 2)]
    assert (first["body"], first["subject"]) == (f"Hi {first['name']}, with a tpyo", None)
    assert (second["body"], second["subject"]) == (f"Hi {second['name']}, without a typo", "For Person")


async def test_only_a_pause_lets_a_launched_campaign_change(shop: Shop) -> None:
    campaign, _ = await under_way(shop, 0, 100)
    with pytest.raises(aiohttp.ClientResponseError, match="409"):
        await campaign.edit(message_template="Too late")
    await campaign.do("pause")
    with pytest.raises(aiohttp.ClientResponseError, match="409"):
        await campaign.edit(holdout_percent=10)
    await shop.turn()
    await campaign.do("resume")
    await campaign.ended()
    for verb in ("pause", "resume", "cancel", "launch"):
        with pytest.raises(aiohttp.ClientResponseError, match="409"):
            await campaign.do(verb)


async def test_nothing_of_a_cancelled_campaign_waits_or_is_sent(shop: Shop) -> None:
    campaign, before = await under_way(shop, 0, 300)
    await campaign.do("cancel")
    stats = await at_rest(campaign, "pending")
    sent = await shop.accepted() - before
    assert (stats["status"], stats["unconfirmed"]) == ("CANCELLED", 0)
    assert (stats["delivered"], stats["cancelled"], stats["audience"]) == (sent, 300 - sent, 300)
    await shop.ledger.check_counters()


async def test_a_paused_campaign_can_be_cancelled(shop: Shop) -> None:
    campaign, _ = await under_way(shop, 0, 200)
    await campaign.do("pause")
    await campaign.do("cancel")
    await until(campaign.stats, lambda stats: stats["pending"] + stats["sending"] == 0)
    await shop.turn()


async def test_whoever_is_held_out_gets_nothing(shop: Shop) -> None:
    await shop.turn()
    before, rules = await shop.accepted(), seats(0, 400)
    campaign = await shop.launch(rules, holdout_percent=25)
    stats = await campaign.ended()
    assert stats["audience"] + stats["holdout"] == await shop.preview(rules) == 400
    assert 50 < stats["holdout"] < 150
    assert stats["delivered"] == stats["audience"] == await shop.accepted() - before
    held_out = {
        str(row["message_id"])
        for row in await shop.ledger.rows(
            "SELECT message_id FROM communication_log WHERE state = 'HOLDOUT' AND campaign_id::text = $1",
            campaign.campaign_id,
        )
    }
    assert len(held_out) == stats["holdout"]
    assert not held_out & {message["message_id"] for message in await campaign.messages()}
    assert not held_out & await shop.accepted_ids()


async def test_of_two_launches_at_once_one_is_a_conflict(shop: Shop) -> None:
    await shop.turn()
    before, campaign = await shop.accepted(), await shop.draft(seats(0, 50))
    answers = await asyncio.gather(*(campaign.do("launch") for _ in range(2)), return_exceptions=True)
    conflicts = [answer.status for answer in answers if isinstance(answer, aiohttp.ClientResponseError)]
    assert conflicts == [409]
    stats = await campaign.ended()
    assert (stats["audience"], stats["delivered"], await shop.accepted() - before) == (50, 50, 50)


async def test_inactive_customers_are_skipped(shop: Shop) -> None:
    await shop.turn()
    campaign = await shop.launch(seats(PEOPLE - 20, PEOPLE + INACTIVE))
    stats = await campaign.ended()
    assert (stats["audience"], stats["delivered"], stats["skipped"]) == (20 + INACTIVE, 20, INACTIVE)
    reasons = Counter((message["state"], message["reason"]) for message in await campaign.messages())
    assert reasons == {("DELIVERED", None): 20, ("SKIPPED", "INACTIVE"): INACTIVE}


async def test_inactive_customers_are_mailed_when_the_rule_says_so(shop: Shop) -> None:
    await shop.turn()
    rules = [*seats(0, PEOPLE + INACTIVE), {"field": "status", "operator": "=", "value": "INACTIVE"}]
    stats = await (await shop.launch(rules)).ended()
    assert (stats["audience"], stats["delivered"], stats["skipped"]) == (INACTIVE, INACTIVE, 0)


async def test_a_text_speaks_of_the_customer(shop: Shop) -> None:
    await shop.turn()
    await shop.product.ask(
        "POST", "/orders", json={"customer_email": "seat7@shop.example", "order_amount": "1234.5"}
    )

    async def ordered() -> int:
        found = await shop.product.ask("GET", "/profiles", params={"q": "seat7@shop.example"})
        return int(found["items"][0]["total_orders"])

    await until(ordered, lambda orders: orders == 1)
    template = (
        "{{ first_name }} of {{ attributes.city }}{{ attributes.none }}: {{ total_orders }}, {{ email }}"
    )
    campaign = await shop.launch(seats(7, 8), message_template=template, subject="{{ total_spend | money }}")
    await campaign.ended()
    (message,) = await campaign.messages()
    full = await campaign.in_full(message)
    assert full["body"] == "Person of Pune: 1, seat7@shop.example"
    assert "1,234.50" in full["subject"]
    assert full["address"] == "seat7@shop.example"
    assert [receipt["outcome"] for receipt in full["receipts"]] == ["DELIVERED"]
