"""The simulator's webhook against a real receiver that verifies every POST as a service would."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from tests.support.simulator import (
    Receiver,
    SimulatorProcess,
    new_keys,
    receiving,
    running,
    until,
    with_webhook,
)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def simulator(tmp_path: Path, receiver: Receiver) -> AsyncIterator[SimulatorProcess]:
    async with running(tmp_path, *with_webhook(receiver)) as process:
        await process.turn(receipts="webhook")
        yield process


def ids(keys: list[str]) -> list[UUID]:
    return [UUID(key.rpartition(":")[0]) for key in keys]


async def test_what_was_accepted_gets_one_signed_receipt_each_many_in_a_post(
    simulator: SimulatorProcess, receiver: Receiver
) -> None:
    answers = await simulator.send(new_keys(1000, attempt=2))
    taken = [answer["idempotency_key"] for answer in answers if answer["status"] == "accepted"]
    assert all(answer["reason"] for answer in answers if answer["status"] != "accepted")
    await until(lambda: len(receiver.receipts) >= len(taken))
    assert Counter(receiver.message_ids) == Counter(ids(taken))
    assert len(receiver.posts) < 20
    assert {receipt.attempt for receipt in receiver.receipts} == {2}
    told = Counter(receipt.outcome.upper() for receipt in receiver.receipts)
    stats = await simulator.get("/v1/stats")
    assert (told["DELIVERED"], told["FAILED"]) == (stats["delivered"], stats["failed"])
    assert all((receipt.reason is None) == (receipt.outcome == "delivered") for receipt in receiver.receipts)


async def test_a_key_that_was_accepted_stays_accepted_and_gets_no_second_receipt(
    simulator: SimulatorProcess, receiver: Receiver
) -> None:
    await simulator.turn(success_rate=1)
    keys = new_keys(10)
    first = await simulator.send(keys)
    await until(lambda: len(receiver.receipts) == 10)
    await simulator.turn(receipts="answer")
    assert await simulator.send(keys) == first
    await simulator.turn(receipts="webhook")
    await simulator.send([*keys, *(last := new_keys(1))])
    await until(lambda: ids(last)[0] in receiver.message_ids)
    assert len(receiver.receipts) == 11


async def test_receipts_come_again_and_again_until_they_are_received(
    simulator: SimulatorProcess, receiver: Receiver
) -> None:
    await simulator.turn(success_rate=1)
    receiver.status = 503
    keys = new_keys(50)
    await simulator.send(keys)
    await until(lambda: receiver.refused >= 3)
    receiver.status = 204
    await until(lambda: len(receiver.receipts) >= 50)
    assert Counter(receiver.message_ids) == Counter(ids(keys))


async def test_receipts_not_yet_received_survive_a_kill(
    simulator: SimulatorProcess, receiver: Receiver
) -> None:
    await simulator.turn(success_rate=1)
    receiver.status = 500
    keys = new_keys(300)
    await simulator.send(keys)
    await until(lambda: receiver.refused >= 1)
    await simulator.kill()
    receiver.status = 204
    await simulator.start()
    await until(lambda: len(receiver.receipts) >= 300)
    assert set(receiver.message_ids) == set(ids(keys))


async def test_receipts_are_late_by_what_the_dial_says(
    simulator: SimulatorProcess, receiver: Receiver
) -> None:
    await simulator.turn(success_rate=1, late_ms=700)
    sent_at = time.time()
    await simulator.send(new_keys(5))
    await until(lambda: len(receiver.receipts) == 5)
    assert 0.7 <= receiver.times[0] - sent_at < 30


async def test_repeated_receipts_are_the_same_receipt(
    simulator: SimulatorProcess, receiver: Receiver
) -> None:
    await simulator.turn(success_rate=1, repeat_rate=1)
    await simulator.send(new_keys(20))
    await until(lambda: len(receiver.receipts) >= 40)
    times = Counter(receiver.receipts)
    assert (len(times), set(times.values())) == (20, {2})
    assert len({receipt.vendor_receipt_id for receipt in times}) == 20


@pytest.mark.parametrize("reorder", [False, True])
async def test_receipts_keep_their_order_unless_reordered(
    simulator: SimulatorProcess, receiver: Receiver, reorder: bool
) -> None:
    await simulator.turn(success_rate=1, reorder=reorder)
    keys = [key for _ in range(5) for key in sorted(new_keys(20))]
    for start in range(0, 100, 20):
        await simulator.send(keys[start : start + 20])
    await until(lambda: len(receiver.receipts) >= 100)
    assert set(receiver.message_ids) == set(ids(keys))
    assert (receiver.message_ids != ids(keys)) is reorder


async def test_every_acceptance_is_told_through_kills_of_the_simulator(
    simulator: SimulatorProcess, receiver: Receiver
) -> None:
    await simulator.turn(repeat_rate=0.1, reorder=True)
    taken: list[str] = []
    for _ in range(3):
        for _ in range(4):
            answers = await simulator.send(new_keys(500))
            taken += [answer["idempotency_key"] for answer in answers if answer["status"] == "accepted"]
        await asyncio.sleep(0.1)
        await simulator.kill()
        await simulator.start()
    await until(lambda: len(set(receiver.message_ids)) >= len(taken))
    assert set(receiver.message_ids) == set(ids(taken))
    fates = {(receipt.message_id, receipt.outcome, receipt.reason) for receipt in receiver.receipts}
    assert len(fates) == len(taken)
