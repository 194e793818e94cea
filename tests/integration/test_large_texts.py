"""Large texts: how much of them is at hand at once, and what else goes on meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.postgres import PostgresServer
from tests.support.sending import HASHES, LINKS, Sending, StandInVendor, check_counters, launch
from tests.support.service import RunningService
from xencrm.campaigns.delivery import store
from xencrm.campaigns.delivery.composing import Composer
from xencrm.campaigns.delivery.room import MOST_BYTES, Room
from xencrm.kernel.ids import uuid7

PEOPLE = 100
SIZE = 95_000
OF_A_MESSAGE = 2 * SIZE + 2_000
TURNS = [0]


@pytest.fixture
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres, roles=("http", "receipt_queue")) as running:
        await add_customers(running, [customer() for _ in range(PEOPLE)])
        yield running
        await check_counters(running)


@pytest.mark.parametrize("rates", [None, {"simulator": 10_000.0}], ids=["no rate", "a rate"])
async def test_calls_with_large_texts_are_bounded_and_each_message_is_sent_once(
    campaigns: RunningService, rates: dict[str, float] | None
) -> None:
    await launch(campaigns, message_template="x" * SIZE, html_template="<p>" + "y" * SIZE)
    vendor = StandInVendor()
    assert await Sending(campaigns, vendor, rates=rates).send()
    sizes = [sum(len(message.text) + len(message.html or "") for message in call) for call in vendor.calls]
    assert sum(sizes) > 2 * MOST_BYTES
    assert max(sizes) <= MOST_BYTES + OF_A_MESSAGE
    assert len(vendor.sent) == len({message.to for message in vendor.sent}) == PEOPLE
    await campaigns.until("SELECT delivered FROM campaign_stats", PEOPLE)


async def test_composing_lets_others_have_their_turn(campaigns: RunningService) -> None:
    await launch(campaigns, message_template="{% for i in (1..900) %}{{ name | upcase }} {% endfor %}")
    async with campaigns.database.transaction() as tx:
        campaign, *_ = await store.list_running(tx, "simulator", most_sending=PEOPLE)
        claimed = await store.claim_messages(tx, campaign, lease=uuid7(), lease_s=30, most=PEOPLE)
    composer = Composer(campaigns.database, "INR", LINKS, HASHES)
    with Room().share() as share:
        await composer.compose(campaign, claimed[:1], share)
        turns = asyncio.create_task(_count_turns())
        assert len(await composer.compose(campaign, claimed, share)) == PEOPLE
        turns.cancel()
        with suppress(asyncio.CancelledError):
            await turns
    assert TURNS[0] > 2


async def _count_turns() -> None:
    TURNS[0] = 0
    while True:
        TURNS[0] += 1
        await asyncio.sleep(0)
