"""A vendor that takes the same message twice: what nobody answered for is never sent again by itself."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.campaigns import add_customers, customer, publish_erased, running_campaigns
from tests.support.postgres import PostgresServer
from tests.support.sending import HASHES, ScriptedVendor, Sending, StandInVendor, check_counters, launch
from tests.support.service import RunningService
from xencrm.campaigns.delivery import deciding, store
from xencrm.campaigns.delivery.vendor import Accepted, InDoubt, Unanswered, Unsent, VendorDown
from xencrm.campaigns.receipts import service as receipts
from xencrm.campaigns.receipts.model import RetryPolicy
from xencrm.contracts.receipts import Outcome, ReceiptReceived
from xencrm.kernel.clock import utc_now

PEOPLE = 6
ROLES = ("http", "receipt_queue", "customer_mv_queue")
STATES = "SELECT state || ' ' || coalesce(reason, '') FROM communication_log"
STARTED = "SELECT started FROM communication_log WHERE state = 'SENDING'"


@pytest.fixture
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres, roles=ROLES) as running:
        await add_customers(running, [customer() for _ in range(PEOPLE)])
        yield running
        await check_counters(running)


async def states(campaigns: RunningService) -> dict[str, int]:
    return Counter(str(row[0]).strip() for row in await campaigns.rows(STATES))


async def settle(campaigns: RunningService) -> None:
    """Until all receipts are recorded."""
    await campaigns.until("SELECT count(*) FROM communication_log WHERE state = 'SENDING'", 0)


async def end_leases(campaigns: RunningService) -> None:
    await campaigns.rows(
        "UPDATE communication_log SET lease_until = now() WHERE lease_until > now() RETURNING 1"
    )
    async with campaigns.database.transaction() as tx:
        await store.end_leases(tx, most=100)


async def unconfirmed(campaigns: RunningService, **fields: Any) -> tuple[UUID, list[UUID]]:
    """A campaign whose messages all went unanswered some time ago, and their ids."""
    campaign_id = await launch(campaigns, **fields)
    while await Sending(campaigns, ScriptedVendor(InDoubt("no answer"), idempotent=False)).send():
        pass
    await settle(campaigns)
    await campaigns.until("SELECT count(*) FROM vendor_limits WHERE closed_until > now()", 0)
    rows = await campaigns.rows("SELECT message_id FROM communication_log WHERE state = 'UNCONFIRMED'")
    return campaign_id, [row[0] for row in rows]


async def complete(campaigns: RunningService) -> list[UUID]:
    async with campaigns.database.transaction() as tx:
        return await store.complete_campaigns(tx, silent=[])


async def status_of(campaigns: RunningService, campaign_id: UUID) -> str:
    return str((await campaigns.get(f"/campaigns/{campaign_id}"))[1]["status"])


async def test_only_the_messages_of_the_next_call_are_started(campaigns: RunningService) -> None:
    started: list[dict[bool, int]] = []

    async def look() -> None:
        started.append(Counter(row[0] for row in await campaigns.rows(STARTED)))

    await launch(campaigns)
    vendor = StandInVendor(during=look, idempotent=False, max_batch=2)
    assert await Sending(campaigns, vendor).send()
    await settle(campaigns)
    assert [len(call) for call in vendor.calls] == [2, 2, 2]
    assert [counts[False] for counts in started] == [4, 2, 0]
    assert started[0][True] == 2
    assert await states(campaigns) == {"DELIVERED": PEOPLE}


async def test_of_a_dead_sender_the_started_are_unconfirmed_and_the_rest_is_sent_by_another(
    campaigns: RunningService,
) -> None:
    under_way = asyncio.Event()

    async def hang() -> None:
        under_way.set()
        await asyncio.sleep(60)

    await launch(campaigns)
    dying = StandInVendor(during=hang, idempotent=False, max_batch=2)
    sending = asyncio.create_task(Sending(campaigns, dying).send())
    await under_way.wait()
    sending.cancel()
    with suppress(asyncio.CancelledError):
        await sending
    await end_leases(campaigns)
    assert await states(campaigns) == {"UNCONFIRMED IN_DOUBT": 2, "PENDING": 4}
    assert await campaigns.rows("SELECT 1 FROM communication_log WHERE doubt_since IS NOT NULL") == []

    living = StandInVendor(idempotent=False)
    while await Sending(campaigns, living).send():
        pass
    await settle(campaigns)
    assert await states(campaigns) == {"UNCONFIRMED IN_DOUBT": 2, "DELIVERED": 4}
    sent = [message.message_id for message in [*dying.sent, *living.sent]]
    assert len(set(sent)) == len(sent) == PEOPLE


@pytest.mark.parametrize("silence", [InDoubt("reset"), TimeoutError(), Unanswered("no reply")], ids=repr)
async def test_what_is_not_answered_is_unconfirmed_with_its_text_and_not_sent_again(
    campaigns: RunningService, silence: Any
) -> None:
    await launch(campaigns, message_template="Hi {{ email }}")
    vendor = ScriptedVendor(silence, idempotent=False)
    assert await Sending(campaigns, vendor).send()
    await settle(campaigns)
    assert await states(campaigns) == {"UNCONFIRMED IN_DOUBT": PEOPLE}
    assert not await Sending(campaigns, vendor).send()
    assert len(vendor.sent) == PEOPLE
    message = vendor.sent[0]
    _, shown = await campaigns.get(f"/messages/{message.message_id}")
    assert (shown["address"], shown["body"]) == (message.to, message.text)
    assert [(receipt["outcome"], receipt["attempt"]) for receipt in shown["receipts"]] == [("UNANSWERED", 1)]


@pytest.mark.parametrize("answer", [VendorDown("refused"), Unsent("not reached")], ids=repr)
async def test_what_never_left_is_sent_later_with_the_same_attempt(
    campaigns: RunningService, answer: Any
) -> None:
    await launch(campaigns)
    vendor = ScriptedVendor(answer, idempotent=False)
    assert await Sending(campaigns, vendor).send()
    assert await states(campaigns) == {"PENDING": PEOPLE}
    await campaigns.until("SELECT count(*) FROM vendor_limits WHERE closed_until > now()", 0)
    assert await Sending(campaigns, vendor).send()
    await settle(campaigns)
    assert await states(campaigns) == {"DELIVERED": PEOPLE}
    assert {message.attempt for message in vendor.sent} == {1}


async def test_an_answer_after_all_resolves_the_doubt(campaigns: RunningService) -> None:
    _, ids = await unconfirmed(campaigns)
    late = ReceiptReceived(
        message_id=ids[0], attempt=1, outcome=Outcome.DELIVERED, vendor="simulator", occurred_at=utc_now()
    )
    async with campaigns.database.transaction() as tx:
        await receipts.record_receipts(tx, [(uuid4(), late)], RetryPolicy(3, 0.01), HASHES)
    assert await states(campaigns) == {"DELIVERED": 1, "UNCONFIRMED IN_DOUBT": PEOPLE - 1}


async def test_a_person_sends_again_and_the_completed_campaign_runs_for_it(campaigns: RunningService) -> None:
    campaign_id, ids = await unconfirmed(campaigns)
    assert await complete(campaigns) == [campaign_id]
    status, shown = await campaigns.ask("POST", f"/messages/{ids[0]}/resend", role="marketer")
    assert (status, shown["state"], shown["attempt"], shown["reason"]) == (200, "PENDING", 2, None)
    assert await status_of(campaigns, campaign_id) == "RUNNING"
    assert await complete(campaigns) == []
    assert (await campaigns.ask("POST", f"/messages/{ids[0]}/resend"))[0] == 409

    vendor = StandInVendor(idempotent=False)
    while await Sending(campaigns, vendor).send():
        pass
    await settle(campaigns)
    assert [message.key for message in vendor.sent] == [f"{ids[0]}:2"]
    assert await complete(campaigns) == [campaign_id]
    _, stats = await campaigns.get(f"/campaigns/{campaign_id}/stats")
    assert (stats["delivered"], stats["unconfirmed"]) == (1, PEOPLE - 1)


async def test_a_paused_campaign_stays_paused_when_a_message_is_sent_again(campaigns: RunningService) -> None:
    campaign_id, ids = await unconfirmed(campaigns)
    await campaigns.ask("POST", f"/campaigns/{campaign_id}/pause")
    assert (await campaigns.ask("POST", f"/messages/{ids[0]}/resend"))[0] == 200
    assert await status_of(campaigns, campaign_id) == "PAUSED"


async def test_a_person_gives_up(campaigns: RunningService) -> None:
    campaign_id, ids = await unconfirmed(campaigns)
    status, shown = await campaigns.ask("POST", f"/messages/{ids[0]}/give-up", role="marketer")
    assert (status, shown["state"], shown["reason"]) == (200, "FAILED", "GIVEN_UP")
    assert shown["settled_at"] is not None
    for verb in ("give-up", "resend"):
        assert (await campaigns.ask("POST", f"/messages/{ids[0]}/{verb}"))[0] == 409
    _, stats = await campaigns.get(f"/campaigns/{campaign_id}/stats")
    assert stats["failures"] == [{"reason": "GIVEN_UP", "count": 1}]


async def test_what_is_not_unconfirmed_is_not_decided_on(campaigns: RunningService) -> None:
    await launch(campaigns)
    (pending,) = (await campaigns.rows("SELECT message_id FROM communication_log LIMIT 1"))[0]
    for verb in ("resend", "give-up"):
        assert (await campaigns.ask("POST", f"/messages/{pending}/{verb}"))[0] == 409
        assert (await campaigns.ask("POST", f"/messages/{uuid4()}/{verb}"))[0] == 404
        assert (await campaigns.ask("POST", f"/messages/{pending}/{verb}", role="viewer"))[0] == 403


async def test_of_a_cancelled_campaign_or_an_erased_customer_a_message_can_only_be_given_up(
    campaigns: RunningService,
) -> None:
    campaign_id, ids = await unconfirmed(campaigns)
    query = "SELECT customer_id FROM communication_log WHERE message_id = :id"
    (gone,) = (await campaigns.rows(query, id=ids[0]))[0]
    await publish_erased(campaigns, gone)
    await campaigns.until("SELECT count(*) FROM tombstones", 1)
    assert (await campaigns.ask("POST", f"/messages/{ids[0]}/resend"))[0] == 409
    await campaigns.ask("POST", f"/campaigns/{campaign_id}/cancel")
    assert (await campaigns.ask("POST", f"/messages/{ids[1]}/resend"))[0] == 409
    for message_id in ids[:2]:
        assert (await campaigns.ask("POST", f"/messages/{message_id}/give-up"))[0] == 200
    assert await states(campaigns) == {"FAILED GIVEN_UP": 2, "UNCONFIRMED IN_DOUBT": PEOPLE - 2}


async def test_words_on_an_earlier_attempt_do_not_touch_the_one_sent_again(campaigns: RunningService) -> None:
    _, ids = await unconfirmed(campaigns)
    await campaigns.ask("POST", f"/messages/{ids[0]}/resend")
    for outcome in (Outcome.UNANSWERED, Outcome.ACCEPTED, Outcome.REFUSED):
        word = ReceiptReceived(
            message_id=ids[0], attempt=1, outcome=outcome, vendor="simulator", occurred_at=utc_now()
        )
        async with campaigns.database.transaction() as tx:
            await receipts.record_receipts(tx, [(uuid4(), word)], RetryPolicy(3, 0.01), HASHES)
    _, shown = await campaigns.get(f"/messages/{ids[0]}")
    assert (shown["state"], shown["attempt"]) == ("PENDING", 2)


async def test_a_campaign_is_not_completed_while_a_message_of_it_is_sent_again(
    campaigns: RunningService,
) -> None:
    campaign_id, ids = await unconfirmed(campaigns)
    async with campaigns.database.transaction() as tx:
        await deciding.resend(tx, ids[0])
        completing = asyncio.create_task(complete(campaigns))
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            " AND datname = current_database()"
        )
        await campaigns.until(waiting, 1)
    assert await completing == []
    assert await status_of(campaigns, campaign_id) == "RUNNING"
    assert (await states(campaigns))["PENDING"] == 1


async def test_of_an_archived_campaign_a_message_can_only_be_given_up(campaigns: RunningService) -> None:
    campaign_id, ids = await unconfirmed(campaigns)
    await complete(campaigns)
    assert (await campaigns.ask("POST", f"/campaigns/{campaign_id}/archive"))[0] == 200
    status, problem = await campaigns.ask("POST", f"/messages/{ids[0]}/resend")
    assert (status, "archived" in problem["detail"]) == (409, True)
    assert await status_of(campaigns, campaign_id) == "COMPLETED"
    assert (await campaigns.ask("POST", f"/messages/{ids[0]}/give-up"))[0] == 200


async def test_what_is_sent_again_has_all_the_time_for_its_receipt(campaigns: RunningService) -> None:
    campaign_id = await launch(campaigns)
    accepting = ScriptedVendor(Accepted("first"), Accepted(), idempotent=False)
    assert await Sending(campaigns, accepting).send()
    await settle(campaigns)

    async def expire() -> int:
        async with campaigns.database.transaction() as tx:
            return await store.expire_sent(tx, wait_s=3600, silent=[], most=100)

    aged = "UPDATE communication_log SET sent_at = now() - interval '2 hours' RETURNING message_id"
    message_id = (await campaigns.rows(aged))[0][0]
    assert await expire() == PEOPLE
    assert (await campaigns.ask("POST", f"/messages/{message_id}/resend"))[0] == 200
    shown = (await campaigns.get(f"/messages/{message_id}"))[1]
    assert (shown["state"], shown["sent_at"], shown["vendor_ref"]) == ("PENDING", None, None)
    assert await Sending(campaigns, accepting).send()
    await settle(campaigns)
    assert await expire() == 0
    assert await states(campaigns) == {"SENT": 1, "UNCONFIRMED NO_RECEIPT": PEOPLE - 1}
    assert await complete(campaigns) == []
    assert await status_of(campaigns, campaign_id) == "RUNNING"
