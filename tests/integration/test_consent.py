"""Who said no is not written to: whoever said it, whenever, under whatever address."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.campaigns import add_customers, customer, publish_erased, running_campaigns
from tests.support.postgres import PostgresServer
from tests.support.sending import (
    HASHES,
    LINKS,
    ScriptedVendor,
    Sending,
    StandInVendor,
    check_counters,
    launch,
    tables_with,
)
from tests.support.service import RunningService
from xencrm.campaigns.consent.links import Link, Purpose
from xencrm.campaigns.delivery import audience
from xencrm.campaigns.delivery.vendor import Failed, Unanswered
from xencrm.campaigns.receipts import service as receipts
from xencrm.campaigns.receipts.model import RetryPolicy
from xencrm.contracts.customers import CustomerChanged
from xencrm.contracts.receipts import Outcome, ReceiptReceived
from xencrm.kernel.clock import utc_now
from xencrm.kernel.ids import uuid7

ROLES = ("http", "customer_mv_queue", "receipt_queue")
STATE = """
    SELECT state || coalesce(' ' || reason, '') FROM communication_log
    WHERE customer_id = :id ORDER BY message_id DESC LIMIT 1
"""
ONE_CLICK = {
    "data": "List-Unsubscribe=One-Click",
    "headers": {"Content-Type": "application/x-www-form-urlencoded"},
}


@pytest.fixture
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres, roles=ROLES, public_url="https://shop.example") as running:
        yield running
        await check_counters(running)


async def state_of(campaigns: RunningService, person: CustomerChanged) -> str:
    return str((await campaigns.rows(STATE, id=person.customer_id))[0][0])


async def settle(campaigns: RunningService) -> None:
    await campaigns.until("SELECT count(*) FROM communication_log WHERE state = 'SENDING'", 0)


async def send(
    campaigns: RunningService, vendor: StandInVendor | None = None, **fields: Any
) -> StandInVendor:
    """A campaign to everybody, sent to its end."""
    vendor = vendor or StandInVendor()
    await launch(campaigns, **fields)
    sending = Sending(campaigns, vendor)
    while await sending.send():
        await settle(campaigns)
    return vendor


async def suppress(campaigns: RunningService, **given: Any) -> dict[str, Any]:
    status, made = await campaigns.post("/suppressions", given, role="marketer")
    assert status == 201, made
    return dict(made)


async def suppressions(campaigns: RunningService, **params: str) -> list[dict[str, Any]]:
    status, page = await campaigns.get("/suppressions", role="marketer", params=params)
    assert status == 200, page
    return list(page["items"])


async def message_of(campaigns: RunningService, person: CustomerChanged) -> tuple[UUID, date]:
    query = "SELECT message_id, campaign_month FROM communication_log WHERE customer_id = :id ORDER BY 1 DESC"
    row = (await campaigns.rows(query, id=person.customer_id))[0]
    return row.message_id, row.campaign_month


async def ask_page(campaigns: RunningService, method: str, url: str, **options: Any) -> tuple[int, str, Any]:
    path = url.removeprefix(LINKS.base)
    async with campaigns.http.request(method, campaigns.url + path, **options) as response:
        return response.status, await response.text(), response.headers


async def url_for(campaigns: RunningService, person: CustomerChanged) -> str:
    return LINKS.unsubscribe_url(*await message_of(campaigns, person))


@pytest.mark.parametrize("idempotent", [True, False])
@pytest.mark.parametrize("by", ["email", "customer_id"])
async def test_who_is_suppressed_between_preparation_and_call_is_skipped(
    campaigns: RunningService, idempotent: bool, by: str
) -> None:
    no, yes = customer(), customer()
    await add_customers(campaigns, [no, yes])
    await launch(campaigns)

    async def say_no() -> None:
        await suppress(campaigns, **{by: str(getattr(no, by))})

    vendor = StandInVendor(idempotent=idempotent)
    sending = Sending(campaigns, vendor, composed=say_no)
    assert await sending.send()
    await settle(campaigns)
    assert not await sending.send()
    assert [message.to for message in vendor.sent] == [yes.email]
    assert await state_of(campaigns, no) == "SKIPPED SUPPRESSED"
    assert await state_of(campaigns, yes) == "DELIVERED"


async def test_a_batch_of_nobody_but_suppressed_people_ends(campaigns: RunningService) -> None:
    people = [customer() for _ in range(5)]
    await add_customers(campaigns, people)
    await launch(campaigns)
    status, taken = await campaigns.post("/suppressions/batch", {"emails": [item.email for item in people]})
    assert (status, taken["accepted"], taken["added"]) == (200, 5, 5)
    vendor = StandInVendor(max_batch=2)
    assert await Sending(campaigns, vendor).send()
    await campaigns.until("SELECT count(*) FROM communication_log WHERE reason = 'SUPPRESSED'", 5)
    assert vendor.sent == []


async def test_an_attempt_in_doubt_is_not_asked_about_again_and_nobody_claims_to_know(
    campaigns: RunningService,
) -> None:
    no = customer()
    await add_customers(campaigns, [no])
    await launch(campaigns)
    vendor = ScriptedVendor(Unanswered("reset"))
    sending = Sending(campaigns, vendor)
    assert await sending.send()
    await suppress(campaigns, email=no.email)
    await campaigns.rows("UPDATE communication_log SET not_before = '-infinity' RETURNING 1")
    await campaigns.rows("DELETE FROM vendor_limits RETURNING 1")
    assert await sending.send()
    await settle(campaigns)
    assert await state_of(campaigns, no) == "UNCONFIRMED IN_DOUBT"
    assert len(vendor.sent) == 1


async def test_suppressed_people_are_counted_before_and_skipped_at_preparation(
    campaigns: RunningService,
) -> None:
    by_address, by_customer, yes = customer(), customer(), [customer() for _ in range(7)]
    away = customer(status="INACTIVE")
    await add_customers(campaigns, [by_address, by_customer, away, *yes])
    for given in (
        {"email": by_address.email},
        {"customer_id": str(by_customer.customer_id)},
        {"email": away.email},
    ):
        await suppress(campaigns, **given)
    rule = {"combinator": "and", "rules": [{"field": "total_orders", "operator": ">=", "value": 0}]}
    _, segment = await campaigns.post("/segments", {"name": uuid4().hex, "rules": rule})
    body = {"name": "n", "segment_id": segment["segment_id"], "message_template": "{{ unsubscribe_url }}"}
    for holdout in (50, 0):
        _, made = await campaigns.post("/campaigns", {**body, "holdout_percent": holdout})
        path = f"/campaigns/{made['campaign_id']}"
        status, shown = await campaigns.ask("POST", f"{path}/preview")
        assert status == 200, shown
        assert (await campaigns.ask("POST", f"{path}/launch"))[0] == 202
        while await audience.prepare_chunk(campaigns.database, UUID(made["campaign_id"]), zone="UTC"):
            pass
        _, stats = await campaigns.get(f"{path}/stats")
        assert shown["count"] == 10 == stats["audience"] + stats["holdout"]
        assert shown["holdout"] == stats["holdout"]
        assert shown["suppressed"] + shown["inactive"] == stats["skipped"]
    assert (shown["suppressed"], shown["inactive"], stats["pending"]) == (3, 0, 7)
    assert await state_of(campaigns, by_customer) == "SKIPPED SUPPRESSED"
    sample = shown["samples"][0]["text"]
    assert sample.startswith("https://shop.example/u/")
    status, page, _ = await ask_page(campaigns, "POST", sample)
    assert (status, "test message" in page) == (200, True)
    assert {item["reason"] for item in await suppressions(campaigns)} == {"MANUAL"}


async def test_the_link_in_a_message_unsubscribes_when_it_is_confirmed(campaigns: RunningService) -> None:
    no, yes = customer(), customer()
    await add_customers(campaigns, [no, yes])
    vendor = await send(campaigns, message_template="Bye: {{ unsubscribe_url }}")
    (message,) = [item for item in vendor.sent if item.to == no.email]
    url = message.text.removeprefix("Bye: ")
    assert dict(message.headers) == {
        "List-Unsubscribe": f"<{url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    for method in ("GET", "HEAD"):
        status, page, headers = await ask_page(campaigns, method, url)
        assert status == 200
        assert "script" not in page
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
    assert '<form method="post">' in (await ask_page(campaigns, "GET", url))[1]
    assert await suppressions(campaigns) == []

    for _ in range(2):
        status, page, _ = await ask_page(campaigns, "POST", url)
        assert (status, "You are unsubscribed" in page) == (200, True)
    (kept,) = await suppressions(campaigns)
    assert (kept["reason"], kept["email"], kept["customer_id"]) == (
        "UNSUBSCRIBED",
        no.email,
        str(no.customer_id),
    )
    assert kept["message_id"] == str(message.message_id)
    assert [item.to for item in (await send(campaigns)).sent] == [yes.email]
    assert await state_of(campaigns, no) == "SKIPPED SUPPRESSED"


async def test_one_click_of_a_mail_program_unsubscribes_at_once(campaigns: RunningService) -> None:
    no = customer()
    await add_customers(campaigns, [no])
    await send(campaigns)
    url = await url_for(campaigns, no)
    assert (await ask_page(campaigns, "POST", url, **ONE_CLICK))[0] == 200
    assert [item["reason"] for item in await suppressions(campaigns)] == ["UNSUBSCRIBED"]


async def test_a_link_that_is_none_of_ours_leads_nowhere(campaigns: RunningService) -> None:
    no = customer()
    await add_customers(campaigns, [no])
    await send(campaigns)
    message_id, month = await message_of(campaigns, no)
    bad = [
        f"{LINKS.base}/u/{LINKS.token(Link(Purpose.OPEN, message_id, month))}",
        LINKS.unsubscribe_url(message_id, month)[:-1],
        f"{LINKS.base}/u/nonsense",
        f"{LINKS.base}/u/%C3%A9",
    ]
    for url in bad:
        for method in ("GET", "POST"):
            assert (await ask_page(campaigns, method, url))[0] == 404, url
    assert (await ask_page(campaigns, "POST", LINKS.unsubscribe_url(uuid7(), month)))[0] == 404
    assert await suppressions(campaigns) == []


async def test_an_unsubscription_binds_all_but_transactional_campaigns(campaigns: RunningService) -> None:
    no = customer()
    await add_customers(campaigns, [no])
    await send(campaigns)
    await ask_page(campaigns, "POST", await url_for(campaigns, no))
    for kind in ("PROMOTIONAL", "NEWSLETTER", "REMINDER"):
        assert (await send(campaigns, campaign_type=kind)).sent == []
    vendor = await send(campaigns, campaign_type="TRANSACTIONAL")
    assert [(item.to, item.headers) for item in vendor.sent] == [(no.email, ())]
    await suppress(campaigns, customer_id=str(no.customer_id))
    assert (await send(campaigns, campaign_type="TRANSACTIONAL")).sent == []


async def test_a_new_address_frees_of_a_bounce_and_of_nothing_else(campaigns: RunningService) -> None:
    people = {reason: customer() for reason in ("UNSUBSCRIBED", "MANUAL", "COMPLAINED", "BOUNCED")}
    await add_customers(campaigns, list(people.values()))
    await send(campaigns)
    await ask_page(campaigns, "POST", await url_for(campaigns, people["UNSUBSCRIBED"]))
    await suppress(campaigns, email=people["MANUAL"].email)
    for reason in ("COMPLAINED", "BOUNCED"):
        await hear(campaigns, people[reason], Outcome(reason))
    assert (await send(campaigns)).sent == []
    moved = [
        customer(customer_id=item.customer_id, email=f"new{number}@shop.example", version=2)
        for number, item in enumerate(people.values())
    ]
    await add_customers(campaigns, moved)
    assert [item.to for item in (await send(campaigns)).sent] == ["new3@shop.example"]
    heir = customer(email=people["COMPLAINED"].email)
    await add_customers(campaigns, [heir])
    assert [item.to for item in (await send(campaigns)).sent] == ["new3@shop.example"]


async def hear(campaigns: RunningService, person: CustomerChanged, outcome: Outcome) -> None:
    """The vendor's word on the person's newest message."""
    message_id, _ = await message_of(campaigns, person)
    said = ReceiptReceived(
        message_id=message_id, attempt=1, outcome=outcome, vendor="simulator", occurred_at=utc_now()
    )
    async with campaigns.database.transaction() as tx:
        await receipts.record_receipts(tx, [(uuid7(), said)], RetryPolicy(3, 0.01), HASHES)


async def test_a_bounce_or_complaint_suppresses_however_late_and_once(campaigns: RunningService) -> None:
    bounced, complained = customer(), customer()
    await add_customers(campaigns, [bounced, complained])
    await send(campaigns)
    for _ in range(2):
        await hear(campaigns, bounced, Outcome.BOUNCED)
        await hear(campaigns, complained, Outcome.COMPLAINED)
    assert [await state_of(campaigns, item) for item in (bounced, complained)] == ["DELIVERED"] * 2
    found = {item["email"]: item["reason"] for item in await suppressions(campaigns)}
    assert found == {bounced.email: "BOUNCED", complained.email: "COMPLAINED"}
    assert len(await suppressions(campaigns)) == 2


async def test_a_vendor_that_knows_of_no_such_mailbox_is_believed(campaigns: RunningService) -> None:
    gone, full = customer(), customer()
    await add_customers(campaigns, [gone, full])

    class Picky(StandInVendor):
        def answers(self, messages: Any) -> Any:
            return [Failed("EMAIL_BOUNCED", bounced=message.to == gone.email) for message in messages]

    await send(campaigns, Picky())
    assert [await state_of(campaigns, item) for item in (gone, full)] == ["FAILED EMAIL_BOUNCED"] * 2
    assert [item["email"] for item in await suppressions(campaigns)] == [gone.email]
    assert [item.to for item in (await send(campaigns)).sent] == [full.email]


@pytest.mark.parametrize("reason", ["UNSUBSCRIBED", "COMPLAINED", "BOUNCED", "MANUAL"])
async def test_who_comes_back_after_an_erasure_is_still_suppressed_and_only_a_hash_is_kept(
    campaigns: RunningService, reason: str
) -> None:
    gone = customer(name=f"Zyx {uuid7().hex}")
    await add_customers(campaigns, [gone])
    await send(campaigns)
    if reason == "UNSUBSCRIBED":
        await ask_page(campaigns, "POST", await url_for(campaigns, gone))
    elif reason == "MANUAL":
        await suppress(campaigns, email=gone.email, note=f"{gone.name} wrote a letter")
    else:
        await hear(campaigns, gone, Outcome(reason))
    assert (await send(campaigns)).sent == []
    await publish_erased(campaigns, gone.customer_id)
    await campaigns.until("SELECT count(*) FROM tombstones", 1)
    assert await tables_with(campaigns, [gone.name, gone.email]) == []
    (kept,) = await suppressions(campaigns, q=gone.email)
    assert kept["reason"] == reason
    assert [kept[name] for name in ("email", "customer_id", "message_id", "note")] == [None] * 4

    back = customer(email=gone.email)
    await add_customers(campaigns, [back])
    assert (await send(campaigns)).sent == []
    assert await state_of(campaigns, back) == "SKIPPED SUPPRESSED"


async def test_an_erased_persons_link_and_complaint_still_count(campaigns: RunningService) -> None:
    people = [customer(), customer()]
    await add_customers(campaigns, people)
    await send(campaigns)
    url = await url_for(campaigns, people[0])
    await publish_erased(campaigns, *(item.customer_id for item in people))
    await campaigns.until("SELECT count(*) FROM tombstones", 2)
    assert (await ask_page(campaigns, "POST", url))[0] == 200
    await hear(campaigns, people[1], Outcome.COMPLAINED)
    assert await tables_with(campaigns, [item.email for item in people]) == []
    await add_customers(campaigns, [customer(email=item.email) for item in people])
    assert (await send(campaigns)).sent == []
    await add_customers(campaigns, [customer(email="yes@shop.example")])
    assert [item.to for item in (await send(campaigns)).sent] == ["yes@shop.example"]


async def test_an_erased_customer_keeps_bound_under_all_known_addresses(campaigns: RunningService) -> None:
    gone = customer(email="old@shop.example")
    await add_customers(campaigns, [gone])
    await send(campaigns)
    await suppress(campaigns, email=gone.email)
    await add_customers(
        campaigns, [customer(customer_id=gone.customer_id, email="new@shop.example", version=2)]
    )
    await publish_erased(campaigns, gone.customer_id)
    await campaigns.until("SELECT count(*) FROM tombstones", 1)
    await add_customers(campaigns, [customer(email=f"{name}@shop.example") for name in ("old", "new", "yes")])
    assert [item.to for item in (await send(campaigns)).sent] == ["yes@shop.example"]


async def test_unsubscribing_and_erasing_at_the_same_moment_leave_no_address(
    campaigns: RunningService,
) -> None:
    people = [customer() for _ in range(20)]
    await add_customers(campaigns, people)
    await send(campaigns)
    urls = [await url_for(campaigns, item) for item in people]

    async def erase() -> None:
        for item in people:
            await publish_erased(campaigns, item.customer_id)

    answers = await asyncio.gather(*(ask_page(campaigns, "POST", url) for url in urls), erase())
    assert {answer[0] for answer in answers if answer} == {200}
    await campaigns.until("SELECT count(*) FROM tombstones", len(people))
    assert await tables_with(campaigns, [item.email for item in people]) == []
    await campaigns.until("SELECT count(DISTINCT email_hash) FROM suppressions", len(people))


async def test_a_test_message_refuses_a_suppressed_customer(campaigns: RunningService) -> None:
    no, back = customer(), customer(email="back@shop.example")
    await add_customers(campaigns, [no, back])
    campaign_id = await launch(campaigns, prepare=False)
    await campaigns.ask("POST", f"/campaigns/{campaign_id}/pause")
    await suppress(campaigns, customer_id=str(no.customer_id))
    await suppress(campaigns, email="BACK@shop.example")
    await campaigns.rows(
        "UPDATE suppressions SET email = NULL, customer_id = NULL WHERE email LIKE 'back%' RETURNING 1"
    )
    for person in (no, back):
        status, problem = await campaigns.post(
            f"/campaigns/{campaign_id}/test", {"customer_id": str(person.customer_id)}
        )
        assert (status, "written to" in problem["detail"]) == (422, True)


async def test_suppressions_are_kept_once_searched_paged_and_lifted(campaigns: RunningService) -> None:
    person = customer(email="asha@shop.example")
    await add_customers(campaigns, [person])
    made = await suppress(campaigns, email=" Asha@Shop.example ", note=" by phone ")
    assert (made["email"], made["customer_id"], made["note"]) == (
        person.email,
        str(person.customer_id),
        "by phone",
    )
    assert made == await suppress(campaigns, email=person.email, note="again")
    assert made == await suppress(campaigns, customer_id=str(person.customer_id))
    _, profile = await campaigns.get(f"/profiles/{person.customer_id}", role="viewer")
    assert [each["reason"] for each in profile["suppressions"]] == ["MANUAL"]
    for number in range(3):
        await suppress(campaigns, email=f"other{number}@x.example")
    assert [item["email"] for item in await suppressions(campaigns, q="shop")] == [person.email]
    assert await suppressions(campaigns, reason="BOUNCED") == []
    _, first = await campaigns.get("/suppressions", params={"limit": "3"})
    _, second = await campaigns.get("/suppressions", params={"limit": "3", "cursor": first["next_cursor"]})
    assert [len(first["items"]), len(second["items"]), second["next_cursor"]] == [3, 1, None]
    path = f"/suppressions/{made['suppression_id']}"
    assert [(await campaigns.ask("DELETE", path))[0] for _ in range(2)] == [204, 404]
    assert await suppressions(campaigns, q=person.email) == []


async def test_a_batch_takes_good_addresses_beside_bad_ones(campaigns: RunningService) -> None:
    emails = ["a@x.example", "nonsense", "A@x.example", "b@x.example", "c\r\n@x.example"]
    body = {"emails": emails, "reason": "UNSUBSCRIBED", "note": "from the old tool"}
    for added in (2, 0):
        status, taken = await campaigns.post("/suppressions/batch", body, role="marketer")
        assert (status, taken["accepted"], taken["added"]) == (200, 3, added)
        assert [row["index"] for row in taken["rejected"]] == [1, 4]
    assert {item["reason"] for item in await suppressions(campaigns)} == {"UNSUBSCRIBED"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "email"),
        ({"email": "nonsense"}, "email"),
        ({"email": "a@x.example", "customer_id": str(uuid4())}, "email"),
        ({"customer_id": str(uuid4())}, "customer_id"),
        ({"email": "a@x.example", "note": "  "}, "note"),
        ({"email": "a@x.example", "why": "x"}, "why"),
    ],
)
async def test_what_cannot_be_suppressed_is_named(campaigns: RunningService, body: Any, field: str) -> None:
    status, problem = await campaigns.post("/suppressions", body)
    assert (status, problem["errors"][0]["field"]) == (400, field)
