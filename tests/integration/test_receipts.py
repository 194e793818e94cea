"""Which receipts concern a message, and what they do to a campaign that completes at the same moment."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.postgres import PostgresServer
from tests.support.sending import HASHES, check_counters, launch
from tests.support.service import RunningService
from xencrm.campaigns.delivery import store
from xencrm.campaigns.receipts import service as receipts
from xencrm.campaigns.receipts.model import RetryPolicy
from xencrm.contracts.receipts import Outcome, ReceiptReceived
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Tx

PEOPLE = 4
POLICY = RetryPolicy(3, 0.01)


@pytest.fixture
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres, roles=("http",)) as running:
        await add_customers(running, [customer() for _ in range(PEOPLE)])
        yield running
        await check_counters(running)


async def messages(campaigns: RunningService, state: str) -> list[UUID]:
    query = "SELECT message_id FROM communication_log WHERE state = :state ORDER BY message_id"
    return [row[0] for row in await campaigns.rows(query, state=state)]


async def record(tx: Tx, message_id: UUID, outcome: Outcome, **fields: Any) -> None:
    given = {"attempt": 1, "vendor": "simulator", "occurred_at": utc_now(), **fields}
    receipt = ReceiptReceived(message_id=message_id, outcome=outcome, **given)
    await receipts.record_receipts(tx, [(uuid4(), receipt)], POLICY, HASHES)


@pytest.mark.parametrize("outcome", list(Outcome))
async def test_a_receipt_of_who_was_held_out_is_recorded_and_moves_nothing(
    campaigns: RunningService, outcome: Outcome
) -> None:
    await launch(campaigns, holdout_percent=50)
    await campaigns.rows("UPDATE communication_log SET state = 'HOLDOUT' RETURNING 1")
    await campaigns.rows(
        "UPDATE campaign_stats SET audience = 0, pending = 0, holdout = :people RETURNING 1", people=PEOPLE
    )
    held_out = (await messages(campaigns, "HOLDOUT"))[0]
    async with campaigns.database.transaction() as tx:
        await record(tx, held_out, outcome, body="Hello")
    assert len(await messages(campaigns, "HOLDOUT")) == PEOPLE
    assert await campaigns.rows("SELECT outcome, matched FROM delivery_receipts") == [(outcome, True)]
    assert await campaigns.rows("SELECT 1 FROM suppressions") == []
    assert await campaigns.rows("SELECT 1 FROM communication_log WHERE body IS NOT NULL") == []


@pytest.mark.parametrize("outcome", list(Outcome))
async def test_a_vendor_has_no_word_on_another_vendors_messages(
    campaigns: RunningService, outcome: Outcome
) -> None:
    await launch(campaigns)
    theirs = (await messages(campaigns, "PENDING"))[0]
    async with campaigns.database.transaction() as tx:
        await record(tx, theirs, outcome, vendor="webhook", body="Hello")
    assert len(await messages(campaigns, "PENDING")) == PEOPLE
    assert await campaigns.rows("SELECT vendor, matched FROM delivery_receipts") == [("webhook", False)]
    assert await campaigns.rows("SELECT 1 FROM suppressions") == []
    assert await campaigns.rows("SELECT 1 FROM communication_log WHERE body IS NOT NULL") == []
    async with campaigns.database.transaction() as tx:
        await record(tx, theirs, Outcome.DELIVERED)
    assert await messages(campaigns, "DELIVERED") == [theirs]


async def complete(campaigns: RunningService) -> list[UUID]:
    async with campaigns.database.transaction() as tx:
        return await store.complete_campaigns(tx, silent=[])


async def doubtful(campaigns: RunningService) -> tuple[UUID, list[UUID]]:
    """A campaign whose messages are all UNCONFIRMED, so that it may be completed."""
    campaign_id = await launch(campaigns)
    ids = await messages(campaigns, "PENDING")
    await campaigns.rows("UPDATE communication_log SET state = 'UNCONFIRMED' RETURNING 1")
    await campaigns.rows(
        "UPDATE campaign_stats SET pending = 0, unconfirmed = :people RETURNING 1", people=PEOPLE
    )
    return campaign_id, ids


async def somebody_waits(campaigns: RunningService) -> None:
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND datname = current_database()"
    )
    await campaigns.until(waiting, 1)


async def status_of(campaigns: RunningService, campaign_id: UUID) -> str:
    return str((await campaigns.get(f"/campaigns/{campaign_id}"))[1]["status"])


async def test_a_campaign_does_not_complete_while_a_late_refusal_makes_a_message_pending(
    campaigns: RunningService,
) -> None:
    campaign_id, ids = await doubtful(campaigns)
    async with campaigns.database.transaction() as tx:
        await record(tx, ids[0], Outcome.REFUSED, reason="TEMPORARY_FAILURE")
        completing = asyncio.create_task(complete(campaigns))
        await somebody_waits(campaigns)
    assert await completing == []
    assert await status_of(campaigns, campaign_id) == "RUNNING"
    assert await messages(campaigns, "PENDING") == [ids[0]]


async def test_a_late_refusal_that_meets_a_completion_fails_the_message(campaigns: RunningService) -> None:
    campaign_id, ids = await doubtful(campaigns)

    async def refuse() -> None:
        async with campaigns.database.transaction() as tx:
            await record(tx, ids[0], Outcome.REFUSED, reason="TEMPORARY_FAILURE")

    async with campaigns.database.transaction() as tx:
        assert await store.complete_campaigns(tx, silent=[]) == [campaign_id]
        refusing = asyncio.create_task(refuse())
        await somebody_waits(campaigns)
    await refusing
    assert await status_of(campaigns, campaign_id) == "COMPLETED"
    assert await messages(campaigns, "FAILED") == [ids[0]]
    assert await messages(campaigns, "PENDING") == []
