"""Vendors that take a message a call: calls go out side by side, and what they ask joins few statements."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from sqlalchemy import text

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.postgres import PostgresServer
from tests.support.sending import ScriptedVendor, Sending, StandInVendor, check_counters, launch
from tests.support.service import RunningService
from tests.support.statements import captured, indexes_used, plans_of
from xencrm.campaigns.delivery import limits, store
from xencrm.campaigns.delivery.vendor import Answer, Outgoing, Refused, Unanswered

PEOPLE = 60
AT_ONCE = 12
STARTED = "SELECT count(*) FROM communication_log WHERE state = 'SENDING' AND started"


@pytest.fixture
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres, roles=("http", "receipt_queue")) as running:
        await add_customers(running, [customer() for _ in range(PEOPLE)])
        yield running
        await check_counters(running)


class SideBySide(StandInVendor):
    """Each call waits until as many are under way as may be; `started` counts them and all answered ones."""

    calls_at_once = AT_ONCE

    def __init__(self, campaigns: RunningService) -> None:
        super().__init__(self._meet, idempotent=False, max_batch=1)
        self.started: list[int] = []
        self._barrier = asyncio.Barrier(AT_ONCE)
        self._campaigns = campaigns

    async def _meet(self) -> None:
        if await self._barrier.wait() == 0:
            self.started.append((await self._campaigns.rows(STARTED))[0][0])
        await self._barrier.wait()


async def test_no_more_are_started_than_calls_may_be_under_way(campaigns: RunningService) -> None:
    await launch(campaigns)
    vendor = SideBySide(campaigns)
    async with asyncio.timeout(20):
        assert await Sending(campaigns, vendor).send()
    assert len({message.message_id for message in vendor.sent}) == len(vendor.sent) == PEOPLE
    assert len(vendor.started) == PEOPLE // AT_ONCE
    assert all(count <= AT_ONCE * place for place, count in enumerate(vendor.started, start=1))


async def test_what_calls_ask_at_once_is_one_statement(campaigns: RunningService) -> None:
    await launch(campaigns)
    with captured(campaigns.database) as statements:
        async with asyncio.timeout(20):
            assert await Sending(campaigns, SideBySide(campaigns)).send()
    starts = [each for each in statements if "SET started = true" in each.text]
    assert PEOPLE // AT_ONCE <= len(starts) <= 2 * PEOPLE // AT_ONCE


async def test_a_vendor_is_left_alone_once_several_calls_in_a_row_are_not_answered(
    campaigns: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FIRST_PAUSE_S", 60.0)
    await launch(campaigns)
    vendor = ScriptedVendor(*[Unanswered("reset")] * PEOPLE, idempotent=False, max_batch=1)
    assert await Sending(campaigns, vendor).send()
    assert len(vendor.sent) == 3
    assert not await Sending(campaigns, vendor).send()
    assert await campaigns.rows("SELECT failures FROM vendor_limits") == [(1,)]


class Picky(StandInVendor):
    """Refuses the first message that it is given for ever, as a receiver does that answers it 404."""

    def answers(self, messages: Sequence[Outgoing]) -> list[Answer]:
        refused = self.sent[0].message_id
        said = Refused("REJECTED", suspicion="404")
        answered = zip(messages, super().answers(messages), strict=True)
        return [said if message.message_id == refused else answer for message, answer in answered]


@pytest.mark.parametrize("max_batch", [1, 100])
async def test_one_that_is_refused_for_ever_fails_after_its_attempts_and_holds_up_nobody(
    campaigns: RunningService, max_batch: int
) -> None:
    campaign_id = await launch(campaigns)
    vendor = Picky(max_batch=max_batch)
    for attempt in range(1, 4):
        assert await Sending(campaigns, vendor).send()
        await campaigns.until("SELECT count(*) FROM communication_log WHERE state = 'SENDING'", 0)
        assert await campaigns.rows("SELECT 1 FROM vendor_limits WHERE failures > 0") == []
        skip_pause = (
            "UPDATE communication_log SET not_before = '-infinity' WHERE state = 'PENDING' RETURNING 1"
        )
        assert len(await campaigns.rows(skip_pause)) == (attempt < 3)
    assert len(vendor.sent) == PEOPLE + 2
    async with campaigns.database.transaction() as tx:
        assert await store.complete_campaigns(tx, silent=[]) == [campaign_id]
    _, stats = await campaigns.get(f"/campaigns/{campaign_id}/stats")
    assert (stats["delivered"], stats["failures"]) == (PEOPLE - 1, [{"reason": "REJECTED", "count": 1}])


async def test_a_vendor_that_refuses_everybody_so_is_left_alone(
    campaigns: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FIRST_PAUSE_S", 60.0)
    await launch(campaigns)
    vendor = ScriptedVendor(*[Refused("REJECTED", suspicion="404")] * PEOPLE, max_batch=1)
    assert await Sending(campaigns, vendor).send()
    assert len(vendor.sent) == 3
    assert not await Sending(campaigns, vendor).send()


@pytest.mark.parametrize("idempotent", [True, False])
async def test_messages_are_looked_up_by_their_ids_also_where_the_ledger_was_empty_a_moment_ago(
    campaigns: RunningService, idempotent: bool
) -> None:
    async with campaigns.database.transaction() as tx:
        await tx.execute(text("ANALYZE"))
    await launch(campaigns)
    with captured(campaigns.database) as statements:
        assert await Sending(campaigns, StandInVendor(idempotent=idempotent)).send()
    last_looks = [each for each in statements if "message.lease_until -" in each.text]
    assert len(last_looks) == 1
    for plan in await plans_of(campaigns.database, last_looks[0]):
        of_the_ledger = {index for index in indexes_used(plan) if index.startswith("communication_log")}
        assert of_the_ledger == {"communication_log_default_pkey"}
