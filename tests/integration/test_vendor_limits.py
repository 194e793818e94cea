"""What all senders know of a vendor: its rate, its pauses, and who tries first after trouble."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from functools import partial

import pytest

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.postgres import PostgresServer
from tests.support.sending import ScriptedVendor, Sending, StandInVendor, check_counters, launch
from tests.support.service import RunningService
from xencrm.campaigns.delivery import limits
from xencrm.campaigns.delivery.pace import PROBE_MESSAGES, Pace
from xencrm.campaigns.delivery.vendor import Answer, Outgoing, Throttled, Unsent, VendorDown

PEOPLE = 60
ROLES = ("http", "receipt_queue")
PAUSED = "SELECT coalesce(extract(epoch FROM closed_until - now()), 0) FROM vendor_limits"


@pytest.fixture
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres, roles=ROLES) as running:
        await add_customers(running, [customer() for _ in range(PEOPLE)])
        yield running
        await check_counters(running)


class TimedVendor(StandInVendor):
    """Remembers when each message came."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def answers(self, messages: Sequence[Outgoing]) -> list[Answer]:
        self.times += [time.monotonic()] * len(messages)
        return super().answers(messages)


async def pause_s(campaigns: RunningService) -> float:
    return float((await campaigns.rows(PAUSED))[0][0])


async def breaker(campaigns: RunningService) -> dict[str, object]:
    _, shown = await campaigns.get("/vendors", role="viewer")
    found = {item["name"]: item["breaker"] for item in shown["items"]}
    return dict(found["simulator"])


async def reopen(campaigns: RunningService) -> None:
    """As if the pause were over."""
    async with campaigns.database.transaction() as tx:
        await limits.end_probe(tx, "simulator")


async def test_tokens_are_shared_by_all_who_take_them(campaigns: RunningService) -> None:
    rate, taken, until = 200.0, [0, 0, 0], time.monotonic() + 2.0
    began = time.monotonic()

    async def take(number: int) -> None:
        while time.monotonic() < until:
            async with campaigns.database.transaction() as tx:
                taken[number] += await limits.take_tokens(tx, "simulator", rate_per_s=rate, wanted=50)
            await asyncio.sleep(0.005)

    await asyncio.gather(*(take(number) for number in range(3)))
    assert 0.6 * rate * 2 <= sum(taken) <= rate * (time.monotonic() - began + limits.BURST_S)
    assert min(taken) > 0


async def test_two_senders_together_keep_to_the_rate(campaigns: RunningService) -> None:
    await launch(campaigns)
    vendor, rate = TimedVendor(), 20.0
    sendings = [Sending(campaigns, vendor, lease_s=30, rates={"simulator": rate}) for _ in range(2)]

    async def send(sending: Sending) -> None:
        while await sending.send():
            pass

    await asyncio.gather(*(send(sending) for sending in sendings))
    assert len({message.message_id for message in vendor.sent}) == len(vendor.sent) == PEOPLE
    times = sorted(vendor.times)
    for first in range(PEOPLE):
        passed = sum(1 for at in times if times[first] <= at < times[first] + 1)
        assert passed <= rate * (1 + limits.BURST_S) + 1
    assert times[-1] - times[0] >= PEOPLE / rate - limits.BURST_S - 0.2


@pytest.mark.parametrize(("rate", "claimed"), [(None, 500), (5000.0, 500), (30.0, 100), (0.01, 1)])
def test_no_more_is_claimed_than_passes_in_a_third_of_a_lease(rate: float | None, claimed: int) -> None:
    rates = {} if rate is None else {"smtp": rate}
    assert Pace(concurrency=3, batch=500, lease_s=30, rates=rates).most_claimed("smtp") == claimed


async def test_a_call_has_its_whole_time_however_long_the_rate_kept_it_waiting(
    campaigns: RunningService,
) -> None:
    await launch(campaigns)
    vendor = StandInVendor(partial(asyncio.sleep, 0.2), idempotent=False)
    sending = Sending(campaigns, vendor, lease_s=6, rates={"simulator": 0.4})
    await sending.send()  # the first token comes after 2.5 s, and a call may last 2 s
    await campaigns.until("SELECT count(*) FROM communication_log WHERE state = 'DELIVERED'", 1)


async def test_a_stop_gives_back_what_waits_for_its_turn(campaigns: RunningService) -> None:
    await launch(campaigns)
    stop = asyncio.Event()
    sending = Sending(campaigns, StandInVendor(), rates={"simulator": 1.0})
    task = asyncio.create_task(sending.send(stop))
    await campaigns.until("SELECT count(*) > 0 FROM communication_log WHERE state = 'SENDING'", True)
    stop.set()
    await asyncio.wait_for(task, 30)
    rows = await campaigns.rows(
        "SELECT 1 FROM communication_log WHERE state = 'SENDING' AND lease IS NOT NULL"
    )
    assert rows == []


@pytest.mark.parametrize("asked", [Throttled(120.0), Unsent("429", pause_s=120.0)], ids=repr)
async def test_a_vendor_is_left_alone_for_as_long_as_it_asks(
    campaigns: RunningService, asked: Answer | Exception
) -> None:
    await launch(campaigns)
    vendor = ScriptedVendor(asked)
    assert await Sending(campaigns, vendor).send()
    assert not await Sending(campaigns, vendor).send()
    assert 110 < await pause_s(campaigns) <= 120
    assert (await breaker(campaigns))["state"] == "open"
    rows = await campaigns.rows("SELECT DISTINCT state, attempt, doubt_since FROM communication_log")
    assert rows == [("PENDING", 1, None)]


async def test_after_a_failure_one_sender_tries_a_few_and_then_all_go_on(
    campaigns: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FIRST_PAUSE_S", 14.0)
    await launch(campaigns)
    vendor = ScriptedVendor(VendorDown("refused"), VendorDown("refused"), VendorDown("refused"))
    sendings = [Sending(campaigns, vendor) for _ in range(3)]
    pauses = []
    for _ in range(3):
        await asyncio.gather(*(sending.send() for sending in sendings))
        pauses.append(await pause_s(campaigns))
        assert (await breaker(campaigns))["state"] == "open"
        assert not any([await sending.send() for sending in sendings])
        await reopen(campaigns)
    assert [len(call) for call in vendor.calls] == [PEOPLE, PROBE_MESSAGES, PROBE_MESSAGES]
    assert pauses == pytest.approx([14, 28, 56], abs=13)
    assert (await breaker(campaigns)) | {"until": None} == {
        "state": "half_open",
        "failures": 3,
        "until": None,
    }
    assert await sendings[0].send()
    assert await breaker(campaigns) == {"state": "closed", "failures": 0, "until": None}
    assert await sendings[1].send()
    assert [len(call) for call in vendor.calls[3:]] == [PROBE_MESSAGES, PEOPLE - PROBE_MESSAGES]


async def test_a_probe_that_nobody_hears_of_is_tried_by_another(campaigns: RunningService) -> None:
    async with campaigns.database.transaction() as tx:
        await limits.open_breaker(tx, "simulator", probing=False)
    await reopen(campaigns)
    tries = []
    for _ in range(2):
        async with campaigns.database.transaction() as tx:
            tries.append(await limits.begin_probe(tx, "simulator", within_s=60))
    assert tries == [True, False]
    await reopen(campaigns)
    async with campaigns.database.transaction() as tx:
        assert await limits.begin_probe(tx, "simulator", within_s=1)


async def test_pauses_grow_to_a_minute(campaigns: RunningService) -> None:
    for probing in (False, *[True] * 30):
        async with campaigns.database.transaction() as tx:
            await limits.open_breaker(tx, "simulator", probing=probing)
    assert 55 < await pause_s(campaigns) <= limits.MOST_PAUSE_S


async def test_a_call_that_fails_late_says_nothing_new(
    campaigns: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FIRST_PAUSE_S", 60.0)
    for _ in range(5):
        async with campaigns.database.transaction() as tx:
            await limits.open_breaker(tx, "simulator", probing=False)
    assert (await breaker(campaigns))["failures"] == 1


async def test_vendors_are_listed_with_what_they_lack(campaigns: RunningService) -> None:
    status, shown = await campaigns.get("/vendors", role="viewer")
    assert status == 200
    listed = {item["name"]: item for item in shown["items"]}
    assert listed["simulator"] == {
        "name": "simulator",
        "configured": True,
        "missing": [],
        "idempotent": True,
        "receipts": "answer",
        "rate_per_s": None,
        "breaker": {"state": "closed", "failures": 0, "until": None},
    }
