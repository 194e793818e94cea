"""Campaigns by webhook: what the receiver takes, answers and tells later."""

import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.postgres import PostgresServer
from tests.support.scripted_server import Asked, HangUp, Reply, ScriptedServer, scripted_server
from tests.support.sending import check_counters, launch
from tests.support.service import RunningService
from tests.support.waiting import until
from xencrm.campaigns.vendors.registry import build_vendors, configured
from xencrm.campaigns.vendors.signing import signed
from xencrm.kernel.settings import Settings

PEOPLE = 40
SECRET = "the webhook's own secret"
ROLES = ("http", "prepare", "send", "tend", "receipt_queue")


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with scripted_server() as server:
        server.routes = {("POST", "/messages"): Reply(202, b"")}
        yield server


@pytest.fixture
async def campaigns(postgres: PostgresServer, server: ScriptedServer) -> AsyncIterator[RunningService]:
    settings: dict[str, Any] = {
        "webhook_url": f"{server.url}/messages",
        "webhook_secret": SECRET,
        "webhook_receipts": True,
        "public_url": "https://shop.example",
        "webhook_allow_private": True,
    }
    async with running_campaigns(postgres, roles=ROLES, **settings) as running:
        await add_customers(running, [customer() for _ in range(PEOPLE)])
        yield running
        await check_counters(running)


async def stats_of(campaigns: RunningService, campaign_id: UUID) -> dict[str, Any]:
    return dict((await campaigns.get(f"/campaigns/{campaign_id}/stats"))[1])


def keys(server: ScriptedServer) -> list[str]:
    return [json.loads(asked.body)["idempotency_key"] for asked in server.asked]


def receipt(key: str, status: str, reason: str | None = None) -> dict[str, Any]:
    return {"receipt_id": uuid4().hex, "idempotency_key": key, "status": status, "reason": reason}


async def tell(campaigns: RunningService, *receipts: dict[str, Any], secret: str = SECRET) -> int:
    body = json.dumps({"receipts": receipts}).encode()
    headers = {"Content-Type": "application/json", **signed(body, secret, time.time())}
    status, _ = await campaigns.ask(
        "POST", "/vendors/webhook/receipts", role=None, data=body, headers=headers
    )
    return status


async def test_signed_receipts_settle_what_the_receiver_took(
    campaigns: RunningService, server: ScriptedServer
) -> None:
    campaign_id = await launch(campaigns, prepare=False, vendor="webhook")
    await until(lambda: stats_of(campaigns, campaign_id), lambda stats: stats["sent"] == PEOPLE)
    taken = keys(server)
    assert len(set(taken)) == PEOPLE
    forged = receipt(taken[0], "failed", "EMAIL_BOUNCED")
    assert await tell(campaigns, forged, secret="somebody else's secret") == 401
    assert await tell(campaigns, receipt(taken[0], "failed", "EMAIL_BOUNCED")) == 200
    assert await tell(campaigns, *(receipt(key, "delivered") for key in taken[1:])) == 200
    stats = await until(
        lambda: stats_of(campaigns, campaign_id), lambda stats: stats["status"] == "COMPLETED"
    )
    assert (stats["delivered"], stats["failures"]) == (PEOPLE - 1, [{"reason": "EMAIL_BOUNCED", "count": 1}])


async def test_bounces_and_complaints_suppress_even_late_and_told_again(
    campaigns: RunningService, server: ScriptedServer
) -> None:
    campaign_id = await launch(campaigns, prepare=False, vendor="webhook")
    await until(lambda: stats_of(campaigns, campaign_id), lambda stats: stats["sent"] == PEOPLE)
    bounced, complained, late, *others = keys(server)
    told = [receipt(bounced, "bounced"), receipt(complained, "complained"), receipt(late, "delivered")]
    assert await tell(campaigns, *told, *(receipt(key, "delivered") for key in others)) == 200
    await until(lambda: stats_of(campaigns, campaign_id), lambda stats: stats["status"] == "COMPLETED")
    for _ in range(2):
        assert await tell(campaigns, told[0], told[1], receipt(late, "bounced")) == 200
    await campaigns.until("SELECT count(*) FROM suppressions", 3)
    stats = await stats_of(campaigns, campaign_id)
    assert (stats["delivered"], stats["failures"]) == (PEOPLE - 1, [{"reason": "EMAIL_BOUNCED", "count": 1}])
    rows = await campaigns.rows("SELECT message_id, reason, email FROM suppressions")
    sent_to = {json.loads(a.body)["idempotency_key"]: json.loads(a.body)["to"] for a in server.asked}
    assert {(f"{row.message_id}:1", row.reason, row.email) for row in rows} == {
        (bounced, "BOUNCED", sent_to[bounced]),
        (complained, "COMPLAINED", sent_to[complained]),
        (late, "BOUNCED", sent_to[late]),
    }
    headers = json.loads(server.asked[0].body)["headers"]
    assert headers["List-Unsubscribe"].startswith("<https://shop.example/u/")
    again = await launch(campaigns, prepare=False, vendor="webhook")
    stats = await until(lambda: stats_of(campaigns, again), lambda stats: stats["sent"] == PEOPLE - 3)
    assert stats["skipped"] == 3


async def test_a_doubt_is_asked_about_with_the_same_key(
    campaigns: RunningService, server: ScriptedServer
) -> None:
    def delivered(_asked: Asked) -> Reply:
        return Reply(200, {"status": "delivered"})

    server.routes = {("POST", "/messages"): delivered}
    server.script = [HangUp(), Reply(503), Reply(429, headers={"Retry-After": "1"})]
    campaign_id = await launch(campaigns, prepare=False, vendor="webhook")
    stats = await until(
        lambda: stats_of(campaigns, campaign_id), lambda stats: stats["status"] == "COMPLETED"
    )
    assert (stats["delivered"], stats["unconfirmed"]) == (PEOPLE, 0)
    asked = Counter(keys(server))
    assert {key.rpartition(":")[2] for key in asked} == {"1"}
    assert sum(asked.values()) == PEOPLE + 3


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"webhook_url": "http://hooks.example/"}, "https"),
        ({"smtp_host": "mail.example", "smtp_from": "nobody"}, "nobody"),
        ({"vendor_rates": "pigeon=5"}, "pigeon"),
    ],
)
def test_a_setting_that_cannot_be_used_ends_the_process_at_its_start(
    given: dict[str, Any], said: str
) -> None:
    settings = Settings(webhook_secret=SECRET, **given)
    with pytest.raises(SystemExit, match=said):
        build_vendors(settings)


@pytest.mark.parametrize("rates", ["smtp", "smtp=", "smtp=-1", "smtp=0", "smtp=5,", "smtp=5;webhook=1"])
def test_rates_that_make_no_sense_are_refused(rates: str) -> None:
    with pytest.raises(ValueError, match=r"vendor_rates|XENCRM_VENDOR_RATES"):
        Settings(vendor_rates=rates)


def test_rates_are_given_by_vendor() -> None:
    assert Settings(vendor_rates="smtp=50,webhook=0.5").rates_of_vendors() == {"smtp": 50.0, "webhook": 0.5}


def test_a_vendor_is_configured_once_it_has_what_it_needs() -> None:
    assert configured(Settings()) == ()
    assert configured(Settings(smtp_host="mail.example")) == ()
    assert configured(Settings(smtp_host="mail.example", smtp_from="a@shop.example")) == ("smtp",)
