"""A vendor that throttles, fails, refuses, and tells late, twice and in disorder."""

import asyncio
import json
import time
from collections import Counter
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from tests.support.shop import Shop, seats
from tests.support.waiting import until
from xencrm.kernel.secrets import derived_secret
from xencrm.simulator.webhook import signed

RETRYABLE = {"RATE_LIMITED", "TEMPORARY_FAILURE", "QUOTA_EXCEEDED"}
WEBHOOK = "/api/v1/vendors/simulator/receipts"

_REPEATS = """
    SELECT message_id FROM delivery_receipts WHERE message_id IN
        (SELECT message_id FROM communication_log WHERE campaign_id::text = $1)
    GROUP BY message_id, attempt, outcome HAVING count(*) > 1
"""

_IN_DOUBT = """
    SELECT count(*) FROM communication_log WHERE campaign_id::text = $1 AND doubt_since IS NOT NULL
"""


async def test_throttling_costs_no_attempt(shop: Shop) -> None:
    await shop.turn(http_429_rate=0.3)
    campaign = await shop.launch(seats(0, 200))
    stats = await campaign.ended()
    assert (stats["audience"], stats["delivered"]) == (200, 200)
    assert {message["attempt"] for message in await campaign.messages()} == {1}


@pytest.mark.parametrize("kind", [True, "close"], ids=["503", "hangs up"])
async def test_a_campaign_waits_for_a_vendor_that_is_away(shop: Shop, kind: object) -> None:
    await shop.turn(latency_ms=500)
    before = await shop.accepted()
    campaign = await shop.launch(seats(0, 300))
    await until(shop.accepted, lambda accepted: accepted >= before + 20)
    await shop.turn(outage=kind)
    await asyncio.sleep(2)
    stats = await campaign.stats()
    assert stats["status"] == "RUNNING"
    assert stats["delivered"] < 300
    (doubt,) = await shop.ledger.rows(_IN_DOUBT, campaign.campaign_id)
    assert doubt["count"] <= 120, "it is probed, not tried with every message"
    await shop.turn()
    stats = await campaign.ended()
    assert (stats["delivered"], stats["failed"], stats["unconfirmed"]) == (300, 0, 0)
    assert {message["attempt"] for message in await campaign.messages()} == {1}
    assert await shop.accepted() == before + 300


async def test_a_refused_message_is_tried_three_times(shop: Shop) -> None:
    await shop.turn(success_rate=0.0)
    before = await shop.accepted()
    campaign = await shop.launch(seats(0, 200))
    stats = await campaign.ended()
    messages = await campaign.messages()
    assert stats["failed"] == 200
    assert {message["attempt"] for message in messages} == {1, 2, 3}
    refused = [message for message in messages if message["reason"] in RETRYABLE]
    assert {message["attempt"] for message in refused} == {3}
    assert await shop.accepted() - before == 200 - len(refused)
    counted = Counter(message["reason"] for message in messages)
    assert {failure["reason"]: failure["count"] for failure in stats["failures"]} == counted
    full = await campaign.in_full(refused[0])
    assert [(receipt["attempt"], receipt["outcome"]) for receipt in full["receipts"]] == [
        (1, "REFUSED"),
        (2, "REFUSED"),
        (3, "REFUSED"),
    ]


async def test_receipts_that_come_late_twice_and_in_disorder_count_once(shop: Shop) -> None:
    await shop.turn(success_rate=0.8, receipts="webhook", late_ms=400, repeat_rate=0.5, reorder=True)
    before = await shop.product.simulator("/v1/stats")
    campaign = await shop.launch(seats(0, 400), message_template="Hi {{ name }}")
    stats = await campaign.ended()
    after = await shop.product.simulator("/v1/stats")
    assert stats["delivered"] == after["delivered"] - before["delivered"]
    assert stats["delivered"] + stats["failed"] == stats["audience"] == 400
    await asyncio.sleep(1)  # the repeats of the last receipts
    await shop.ledger.check_counters()
    assert {**await campaign.stats()} == stats
    assert await shop.ledger.rows(_REPEATS, campaign.campaign_id) == []


@pytest.mark.parametrize("late_ms", [0, 400])
async def test_a_message_keeps_its_text_however_its_receipts_come(shop: Shop, late_ms: int) -> None:
    await shop.turn(receipts="webhook", late_ms=late_ms, latency_ms=100, reorder=True)
    campaign = await shop.launch(seats(0, 200), message_template="Hi {{ name }}")
    await campaign.ended()
    texts = "SELECT count(*) FROM communication_log WHERE campaign_id::text = $1 AND body LIKE 'Hi Person %'"

    async def written() -> Any:
        return (await shop.ledger.rows(texts + " AND address <> ''", campaign.campaign_id))[0]["count"]

    await until(written, lambda count: count == 200)


async def post_receipts(shop: Shop, body: bytes, headers: dict[str, str]) -> int:
    url = shop.product.url + WEBHOOK
    headers = {"Content-Type": "application/json", **headers}
    async with aiohttp.ClientSession() as http, http.post(url, data=body, headers=headers) as answer:
        return answer.status


def receipts_secret(shop: Shop) -> str:
    settings = json.loads((shop.product.home / "run" / "env.json").read_text())
    return derived_secret(settings["XENCRM_SECRET"], "simulator-receipts")


def receipt_of(message_id: object, status: str = "delivered") -> bytes:
    receipt = {
        "receipt_id": uuid4().hex,
        "idempotency_key": f"{message_id}:1",
        "status": status,
        "reason": None if status == "delivered" else "EMAIL_BOUNCED",
        "occurred_at": "2026-01-01T00:00:00Z",
    }
    return json.dumps({"receipts": [receipt]}).encode()


async def test_receipts_for_an_unknown_message_are_kept_once_as_unmatched(shop: Shop) -> None:
    message_id, last = uuid4(), uuid4()
    body = receipt_of(message_id)
    for posted in (body, body, receipt_of(last)):
        headers = signed(posted, receipts_secret(shop), time.time())
        assert await post_receipts(shop, posted, headers) == 200
    query = "SELECT matched, outcome FROM delivery_receipts WHERE message_id = $1"
    await until(lambda: shop.ledger.rows(query, last), bool)
    rows = await shop.ledger.rows(query, message_id)
    assert rows == [{"matched": False, "outcome": "DELIVERED"}]


async def test_a_receipt_that_the_vendor_did_not_sign_changes_nothing(shop: Shop) -> None:
    await shop.turn()
    campaign = await shop.launch(seats(0, 5))
    stats = await campaign.ended()
    body = receipt_of((await campaign.messages())[0]["message_id"], "failed")
    secret, now = receipts_secret(shop), time.time()
    for headers in (
        {},
        signed(body, "guessed", now),
        signed(body, secret, now - 301),
        signed(body + b" ", secret, now),
        {**signed(body, secret, now), "X-XenCRM-Timestamp": str(int(now) + 1)},
    ):
        assert await post_receipts(shop, body, headers) == 401
    assert await post_receipts(shop, body, signed(body, secret, now)) == 200
    query = "SELECT outcome FROM delivery_receipts WHERE message_id = $1 ORDER BY recorded_at"
    message_id = (await campaign.messages())[0]["message_id"]
    rows = await until(lambda: shop.ledger.rows(query, message_id), lambda rows: len(rows) == 2)
    assert [row["outcome"] for row in rows] == ["DELIVERED", "FAILED"]
    assert await campaign.stats() == stats
