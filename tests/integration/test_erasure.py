"""Erased customers: what is left of them in the Business DB, whatever goes on at the same time."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import event as sqlalchemy_event

from tests.support.campaigns import (
    add_customers,
    add_orders,
    changed_event,
    customer,
    erased_event,
    order,
    publish_customers,
    publish_erased,
    running_campaigns,
)
from tests.support.postgres import PostgresServer
from tests.support.sending import (
    HASHES,
    Sending,
    StandInVendor,
    check_counters,
    launch,
    tables_with,
)
from tests.support.service import RunningService
from xencrm.campaigns.delivery import audience
from xencrm.campaigns.delivery import store as delivery
from xencrm.campaigns.erasure.consumer import projecting_customers
from xencrm.campaigns.receipts import service as receipts
from xencrm.campaigns.receipts.model import RetryPolicy
from xencrm.campaigns.subscriptions import projection
from xencrm.contracts.customers import CustomerChanged
from xencrm.contracts.receipts import Outcome, ReceiptReceived
from xencrm.contracts.topology import CUSTOMER_MV_QUEUE
from xencrm.kernel.clock import utc_now
from xencrm.kernel.ids import uuid7
from xencrm.kernel.messaging import dead_letters
from xencrm.kernel.messaging.envelope import Event, encode_frame
from xencrm.kernel.messaging.subscription import Received

ROLES = ("http", "customer_mv_queue", "order_mv_queue", "receipt_queue")
project_customers = projecting_customers(HASHES)
BODIES = projection(HASHES)[0].bodies
POLICY = RetryPolicy(max_attempts=3, base_s=0.01)
STATES = "SELECT state || ' ' || coalesce(reason, '') FROM communication_log WHERE customer_id = :id"
TEXTS = """
    SELECT count(*) FROM communication_log
    WHERE customer_id = :id AND num_nonnulls(address, subject, body, vendor_ref) > 0
"""


@pytest.fixture
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres, roles=ROLES) as running:
        yield running
        await check_counters(running)


def person(**fields: Any) -> CustomerChanged:
    """Someone whose texts stand nowhere else."""
    return customer(name=f"Zyx {uuid7().hex}", phone=f"+91 {random.getrandbits(60)}", **fields)


def texts_of(snapshot: CustomerChanged) -> list[str]:
    return [snapshot.name, snapshot.email, snapshot.phone or ""]


async def erase(campaigns: RunningService, *customer_ids: UUID) -> None:
    """In a transaction of its own, at once."""
    async with campaigns.database.transaction() as tx:
        events = [erased_event(customer_id) for customer_id in customer_ids]
        await project_customers(tx, [_received(event) for event in events])


def _received(event: Event) -> Received:
    return Received(event, msgspec.json.decode(event.data, type=BODIES[event.type]))


async def state_of(campaigns: RunningService, snapshot: CustomerChanged) -> str:
    return str((await campaigns.rows(STATES, id=snapshot.customer_id))[0][0]).strip()


async def settle(campaigns: RunningService) -> None:
    """Until all receipts are recorded."""
    await campaigns.until("SELECT count(*) FROM communication_log WHERE state = 'SENDING'", 0)


async def test_nothing_of_an_erased_customer_is_left_and_the_numbers_hold(campaigns: RunningService) -> None:
    gone, stays = person(attributes={"city": "Ooty"}), person()
    await add_customers(campaigns, [gone, stays])
    await add_orders(campaigns, [order(customer_id=gone.customer_id)])
    sent, half = await launch(campaigns), await launch(campaigns, holdout_percent=50)
    vendor = StandInVendor()
    assert await Sending(campaigns, vendor).send()
    await settle(campaigns)
    pending = await launch(campaigns)
    await publish_customers(
        campaigns, [customer(customer_id=gone.customer_id, name=f"{gone.name}\0", version=2)]
    )
    await campaigns.until("SELECT count(*) FROM dead_letters", 1)
    assert {"customers_mv", "communication_log_default", "dead_letters"} <= set(
        await tables_with(campaigns, texts_of(gone))
    )

    await publish_erased(campaigns, gone.customer_id)
    await campaigns.until("SELECT count(*) FROM tombstones", 1)
    assert await tables_with(campaigns, texts_of(gone)) == []
    assert "communication_log_default" in await tables_with(campaigns, texts_of(stays))
    assert (await campaigns.get(f"/profiles/{gone.customer_id}"))[0] == 404
    assert (
        len(await campaigns.rows("SELECT 1 FROM orders_mv WHERE customer_id = :id", id=gone.customer_id)) == 1
    )
    rows = await campaigns.rows(
        "SELECT campaign_id, state, reason FROM communication_log WHERE customer_id = :id",
        id=gone.customer_id,
    )
    states = {row.campaign_id: (row.state, row.reason) for row in rows}
    assert states[sent] == ("DELIVERED", None)
    assert states[pending] == ("SKIPPED", "ERASED")
    assert states[half] in (("HOLDOUT", None), ("SKIPPED", "ERASED"))
    found = await campaigns.rows(
        "SELECT receipt.reason, receipt.vendor_ref FROM delivery_receipts AS receipt"
        " JOIN communication_log USING (message_id) WHERE customer_id = :id",
        id=gone.customer_id,
    )
    assert [tuple(row) for row in found] == [(None, None)]
    assert await state_of(campaigns, stays)


@pytest.mark.parametrize(
    "order_of_events", ["change erase", "erase change", "change erase change", "erase erase"]
)
@pytest.mark.parametrize("in_one_frame", [True, False])
async def test_a_change_never_brings_an_erased_customer_back(
    campaigns: RunningService, order_of_events: str, in_one_frame: bool
) -> None:
    gone = person()
    await add_customers(campaigns, [gone])
    events = [
        erased_event(gone.customer_id)
        if word == "erase"
        else changed_event(customer(customer_id=gone.customer_id, name=gone.name, version=2 + number))
        for number, word in enumerate(order_of_events.split())
    ]
    for frame in [events] if in_one_frame else [[event] for event in events]:
        other = person()
        await campaigns.broker.publish(CUSTOMER_MV_QUEUE.topic, encode_frame([*frame, changed_event(other)]))
        query = "SELECT count(*) FROM customers_mv WHERE customer_id = :id"
        await campaigns.until(query, 1, id=other.customer_id)
    assert await tables_with(campaigns, texts_of(gone)) == []


async def test_statements_of_an_erasure_do_not_grow_with_the_batch(campaigns: RunningService) -> None:
    people = [person() for _ in range(60)]
    await add_customers(campaigns, people)
    for _ in range(3):
        await launch(campaigns)
    statements: list[str] = []
    engine = campaigns.database.engine.sync_engine

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    counts = []
    for batch in (people[:1], people[1:]):
        statements.clear()
        sqlalchemy_event.listen(engine, "before_cursor_execute", note)
        await erase(campaigns, *(item.customer_id for item in batch))
        sqlalchemy_event.remove(engine, "before_cursor_execute", note)
        counts.append(len(statements))
    assert counts == [9, 9], (
        "tombstones and profiles, messages, addresses, suppressions, receipts, dead letters, "
        "conversations locked and dropped, counters"
    )
    await campaigns.until("SELECT count(*) FROM communication_log WHERE state <> 'SKIPPED'", 0)


async def test_a_receipt_after_the_erasure_moves_the_state_and_keeps_no_text(
    campaigns: RunningService,
) -> None:
    people = [person() for _ in range(3)]
    await add_customers(campaigns, people)
    await launch(campaigns)

    async def erase_two() -> None:
        await erase(campaigns, *(item.customer_id for item in people[:2]))

    vendor = StandInVendor(during=erase_two)
    assert await Sending(campaigns, vendor).send()
    await settle(campaigns)
    assert len(vendor.sent) == 3
    assert [await state_of(campaigns, item) for item in people] == ["DELIVERED"] * 3
    assert await tables_with(campaigns, [*texts_of(people[0]), *texts_of(people[1])]) == []
    assert "communication_log_default" in await tables_with(campaigns, texts_of(people[2]))


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [(Outcome.FAILED, "FAILED"), (Outcome.REFUSED, "PENDING"), (Outcome.DELIVERED, "DELIVERED")],
)
async def test_a_vendors_late_words_on_an_erased_customer_are_dropped(
    campaigns: RunningService, outcome: Outcome, expected: str
) -> None:
    gone = person()
    await add_customers(campaigns, [gone])
    await launch(campaigns)
    (message_id,) = await _claim_all(campaigns)
    await erase(campaigns, gone.customer_id)
    words = {"reason": f"no such user {gone.email}", "vendor_ref": gone.email, "body": gone.name}
    await _receive(campaigns, message_id, outcome, **words, address=gone.email, subject=gone.name)
    assert await state_of(campaigns, gone) == expected
    assert await tables_with(campaigns, texts_of(gone)) == []
    while await Sending(campaigns, StandInVendor()).send():
        pass
    if outcome is Outcome.REFUSED:
        await campaigns.until(STATES, "SKIPPED ERASED", id=gone.customer_id)


async def test_who_is_erased_between_claim_and_call_is_not_written_to(campaigns: RunningService) -> None:
    gone, stays = person(), person()
    await add_customers(campaigns, [gone, stays])
    await launch(campaigns)

    async def erase_one() -> None:
        await erase(campaigns, gone.customer_id)

    vendor = StandInVendor()
    sending = Sending(campaigns, vendor, composed=erase_one)
    assert await sending.send()
    assert [message.to for message in vendor.sent] == [stays.email]
    assert await state_of(campaigns, gone) == "PENDING"
    assert await sending.send()
    await campaigns.until(STATES, "SKIPPED ERASED", id=gone.customer_id)
    await settle(campaigns)
    assert [message.to for message in vendor.sent] == [stays.email]
    assert await tables_with(campaigns, texts_of(gone)) == []


async def test_who_is_erased_while_the_audience_is_written_ends_skipped(campaigns: RunningService) -> None:
    gone, stays = person(), person()
    await add_customers(campaigns, [gone, stays])
    campaign_id = await launch(campaigns, prepare=False)
    async with campaigns.database.transaction() as held:
        await held.exec_driver_sql(
            f"SELECT 1 FROM campaign_stats WHERE campaign_id = '{campaign_id}' FOR UPDATE"
        )
        preparing = asyncio.create_task(audience.prepare_chunk(campaigns.database, campaign_id, zone="UTC"))
        await _until_somebody_waits(campaigns)
        await erase(campaigns, gone.customer_id)
    assert not await preparing
    assert await state_of(campaigns, gone) == "PENDING"
    vendor = StandInVendor()
    assert await Sending(campaigns, vendor).send()
    await campaigns.until(STATES, "SKIPPED ERASED", id=gone.customer_id)
    await settle(campaigns)
    assert [message.to for message in vendor.sent] == [stays.email]
    assert (await campaigns.rows(TEXTS, id=gone.customer_id))[0][0] == 0


async def test_who_was_erased_before_the_audience_is_written_is_not_in_it(campaigns: RunningService) -> None:
    gone, stays = person(), person()
    await add_customers(campaigns, [gone, stays])
    campaign_id = await launch(campaigns, prepare=False)
    await erase(campaigns, gone.customer_id)
    assert not await audience.prepare_chunk(campaigns.database, campaign_id, zone="UTC")
    found = await campaigns.rows("SELECT customer_id FROM communication_log")
    assert [row.customer_id for row in found] == [stays.customer_id]


async def test_what_may_have_been_handed_over_is_called_unconfirmed(campaigns: RunningService) -> None:
    gone = person()
    await add_customers(campaigns, [gone])
    for call_has_ended in (True, False):
        await launch(campaigns)
        await _claim_all(campaigns, lease_s=0)
        if call_has_ended:
            await _end_leases(campaigns)
            await campaigns.rows("UPDATE communication_log SET not_before = 'infinity' RETURNING 1")
    await erase(campaigns, gone.customer_id)
    await _end_leases(campaigns)
    rows = await campaigns.rows("SELECT state, reason FROM communication_log ORDER BY message_id")
    assert [tuple(row) for row in rows] == [("UNCONFIRMED", "IN_DOUBT"), ("PENDING", None)]
    assert not await Sending(campaigns, StandInVendor()).send()
    await campaigns.rows("UPDATE campaigns SET updated_at = now() - interval '1 hour' RETURNING 1")
    async with campaigns.database.transaction() as tx:
        assert await delivery.give_up_doubt(tx, budget_s=0, most=10) == 1
    assert await state_of(campaigns, gone) == "UNCONFIRMED IN_DOUBT"


async def test_receipts_and_an_erasure_at_the_same_moment_come_one_after_the_other(
    campaigns: RunningService,
) -> None:
    for receipt_first in (True, False):
        gone = person()
        await add_customers(campaigns, [gone])
        await launch(campaigns)
        (message_id,) = await _claim_all(campaigns)
        words = {"vendor_ref": gone.email, "body": gone.name, "address": gone.email}
        receipt = _receipt(message_id, Outcome.DELIVERED, **words)
        erasure = [_received(erased_event(gone.customer_id))]
        async with campaigns.database.transaction() as tx:
            if receipt_first:
                await receipts.record_receipts(tx, [receipt], POLICY, HASHES)
                other = asyncio.create_task(erase(campaigns, gone.customer_id))
            else:
                await project_customers(tx, erasure)
                other = asyncio.create_task(_record(campaigns, receipt))
            await _until_somebody_waits(campaigns)
        await other
        assert (await state_of(campaigns, gone)).split()[0] == "DELIVERED"
        assert await tables_with(campaigns, texts_of(gone)) == []


async def test_everything_at_once(campaigns: RunningService) -> None:
    """Campaigns are prepared and sent while their customers change and are erased."""
    rng = random.Random(7)
    people = [person() for _ in range(120)]
    doomed = people[::2]
    await add_customers(campaigns, people)
    vendor = StandInVendor(during=lambda: asyncio.sleep(0.01))
    sending = Sending(campaigns, vendor)
    over = asyncio.Event()

    async def change_and_erase() -> None:
        for item in rng.sample(doomed, len(doomed)):
            events = [erased_event(item.customer_id)]
            for version in (2, 3):
                changed = customer(
                    customer_id=item.customer_id, name=item.name, email=item.email, version=version
                )
                events.insert(rng.randrange(len(events) + 1), changed_event(changed))
            for event in events:
                await campaigns.broker.publish(CUSTOMER_MV_QUEUE.topic, encode_frame([event]))
            await asyncio.sleep(0.005)
        await campaigns.until("SELECT count(*) FROM tombstones", len(doomed))
        over.set()

    async def campaign_on() -> None:
        while not over.is_set():
            await launch(campaigns)

    async def send_on() -> None:
        while await sending.send() or not over.is_set():
            await asyncio.sleep(0)

    await asyncio.gather(change_and_erase(), campaign_on(), send_on())
    while await sending.send():
        pass
    await settle(campaigns)
    assert await tables_with(campaigns, [text for item in doomed for text in texts_of(item)]) == []
    left = await campaigns.rows("SELECT customer_id FROM customers_mv")
    assert {row.customer_id for row in left} == {item.customer_id for item in people[1::2]}
    states = await campaigns.rows("SELECT DISTINCT state, reason FROM communication_log")
    assert {tuple(row) for row in states} == {("DELIVERED", None), ("SKIPPED", "ERASED")}


async def test_a_letter_of_an_erased_customer_that_is_replayed_writes_nothing(
    campaigns: RunningService,
) -> None:
    gone = person()
    letter = dead_letters.of_event(CUSTOMER_MV_QUEUE, changed_event(gone), "a bad day")
    await erase(campaigns, gone.customer_id)
    async with campaigns.database.transaction() as tx:
        await dead_letters.insert(tx, [letter])
    page = (await campaigns.get("/operations/dead-letters"))[1]
    path = f"/operations/dead-letters/{page['items'][0]['dead_letter_id']}/replay"
    assert (await campaigns.ask("POST", path))[0] == 202
    await publish_customers(campaigns, [other := person()])
    await campaigns.until("SELECT string_agg(name, ',') FROM customers_mv", other.name)
    assert await tables_with(campaigns, texts_of(gone)) == []


async def _claim_all(campaigns: RunningService, *, lease_s: float = 30) -> Sequence[UUID]:
    async with campaigns.database.transaction() as tx:
        ids: list[UUID] = []
        for running in await delivery.list_running(tx, "simulator", most_sending=100):
            claimed = await delivery.claim_messages(tx, running, lease=uuid7(), lease_s=lease_s, most=100)
            ids += [item.message_id for item in claimed]
        return ids


async def _end_leases(campaigns: RunningService) -> None:
    async with campaigns.database.transaction() as tx:
        await delivery.end_leases(tx, most=100)


def _receipt(message_id: UUID, outcome: Outcome, **words: str) -> tuple[UUID, ReceiptReceived]:
    body = ReceiptReceived(
        message_id=message_id, attempt=1, outcome=outcome, vendor="simulator", occurred_at=utc_now(), **words
    )
    return uuid7(), body


async def _record(campaigns: RunningService, receipt: tuple[UUID, ReceiptReceived]) -> None:
    async with campaigns.database.transaction() as tx:
        await receipts.record_receipts(tx, [receipt], POLICY, HASHES)


async def _receive(campaigns: RunningService, message_id: UUID, outcome: Outcome, **words: str) -> None:
    await _record(campaigns, _receipt(message_id, outcome, **words))


async def _until_somebody_waits(campaigns: RunningService) -> None:
    """For a lock in this database."""
    waiting = "wait_event_type = 'Lock' AND datname = current_database()"
    await campaigns.until(f"SELECT count(*) > 0 FROM pg_stat_activity WHERE {waiting}", True)
