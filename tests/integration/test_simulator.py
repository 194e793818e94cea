"""The vendor simulator as its callers see it: a real process, real connections, real kills."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.simulator import (
    SimulatorProcess,
    message,
    new_keys,
    running,
    until,
)

FINAL = {"INVALID_EMAIL", "EMAIL_BOUNCED", "SPAM_DETECTED"}
RETRYABLE = {"RATE_LIMITED", "TEMPORARY_FAILURE", "QUOTA_EXCEEDED"}


@pytest.fixture
async def simulator(tmp_path: Path) -> AsyncIterator[SimulatorProcess]:
    async with running(tmp_path) as process:
        yield process


def is_acceptance(answer: dict[str, Any]) -> bool:
    return answer["reason"] not in RETRYABLE


async def test_nine_in_ten_are_delivered_and_the_rest_fail_for_every_reason(
    simulator: SimulatorProcess,
) -> None:
    answers = [answer for _ in range(6) for answer in await simulator.send(new_keys(1000))]
    reasons = Counter(answer["reason"] for answer in answers)
    assert 0.88 < reasons[None] / len(answers) < 0.92
    assert reasons.keys() == {None, *FINAL, *RETRYABLE}
    assert all((answer["status"] == "delivered") == (answer["reason"] is None) for answer in answers)


async def test_a_key_seen_before_gets_its_first_answer_also_after_a_restart(
    simulator: SimulatorProcess,
) -> None:
    keys = new_keys(300)
    first = await simulator.send(keys)
    await simulator.turn(success_rate=0)
    assert await simulator.send(keys) == first
    assert await simulator.kill() == -signal.SIGKILL
    await simulator.start()
    assert await simulator.send(keys) == first
    assert (await simulator.get("/v1/stats"))["duplicates_refused"] == 600


async def test_a_key_twice_in_one_batch_or_at_once_is_one_acceptance(simulator: SimulatorProcess) -> None:
    await simulator.turn(success_rate=1)
    key = new_keys(1)[0]
    replies = await asyncio.gather(*(simulator.send([key, key]) for _ in range(10)))
    assert len({answer["vendor_ref"] for reply in replies for answer in reply}) == 1
    assert await simulator.get("/v1/stats") == {
        "accepted": 1,
        "unique_accepted": 1,
        "delivered": 1,
        "failed": 0,
        "duplicates_refused": 19,
    }


async def test_single_and_batch_share_their_memory(simulator: SimulatorProcess) -> None:
    key = new_keys(1)[0]
    _, single = await simulator.ask("POST", "/v1/messages", message(key))
    assert await simulator.send([key]) == [single]


async def test_an_accepted_message_under_another_attempt_is_a_second_acceptance(
    simulator: SimulatorProcess,
) -> None:
    await simulator.turn(success_rate=1)
    await simulator.send(["a:1", "b:1", "a:2"])
    await simulator.send(["a:3", "b:1"])
    stats = await simulator.get("/v1/stats")
    assert (stats["accepted"], stats["unique_accepted"], stats["duplicates_refused"]) == (4, 2, 1)
    assert await simulator.accepted() == {"a": 3, "b": 1}


async def test_only_what_was_taken_counts_as_accepted(simulator: SimulatorProcess) -> None:
    await simulator.turn(success_rate=0)
    answers = await simulator.send(new_keys(600))
    taken = {answer["idempotency_key"].rpartition(":")[0] for answer in answers if is_acceptance(answer)}
    stats = await simulator.get("/v1/stats")
    assert 0 < len(taken) < 600
    assert stats["accepted"] == stats["unique_accepted"] == stats["failed"] == len(taken)
    assert (await simulator.accepted()).keys() == taken


async def test_a_refused_message_that_is_taken_later_is_accepted_once(simulator: SimulatorProcess) -> None:
    await simulator.turn(success_rate=0)
    first = await simulator.send(new_keys(200))
    refused = [answer["idempotency_key"] for answer in first if not is_acceptance(answer)]
    await simulator.turn(success_rate=1)
    await simulator.send(key.replace(":1", ":2") for key in refused)
    assert set((await simulator.accepted()).values()) == {1}
    assert (await simulator.get("/v1/stats"))["unique_accepted"] == 200


@pytest.mark.parametrize("limit", [1, 7, 1000])
async def test_accepted_pages_show_every_message_once(simulator: SimulatorProcess, limit: int) -> None:
    await simulator.turn(success_rate=1)
    keys = [*new_keys(20), "with a colon:in it:1".replace(" ", "_"), "no-colon", "odd?&=+%/:1"]
    await simulator.send(keys)
    accepted = await simulator.accepted(limit)
    assert accepted == dict.fromkeys([key.rpartition(":")[0] or key for key in keys], 1)


async def test_every_answer_given_before_kills_stands_and_nothing_is_counted_twice(
    simulator: SimulatorProcess,
) -> None:
    """Callers send again under the same key whatever they got no answer to."""
    answered: dict[str, dict[str, Any]] = {}
    kills = doubts = 0
    down = asyncio.Event()

    async def caller() -> None:
        nonlocal doubts
        while not down.is_set():
            keys = new_keys(random.choice([1, 50, 500]))
            while keys[0] not in answered:
                try:
                    answered.update(
                        (answer["idempotency_key"], answer) for answer in await simulator.send(keys)
                    )
                except (aiohttp.ClientError, OSError, RuntimeError):
                    doubts += 1
                    await asyncio.sleep(0.05)

    callers = [asyncio.create_task(caller()) for _ in range(6)]
    for _ in range(5):
        before = len(answered)
        await until(lambda: len(answered) > before + 1000)  # noqa: B023
        await asyncio.sleep(random.random() * 0.1)
        kills += await simulator.kill() == -signal.SIGKILL
        await simulator.start()
    down.set()
    await asyncio.gather(*callers)
    assert (kills, doubts > 5) == (5, True)
    await check_against(simulator, answered)


async def check_against(simulator: SimulatorProcess, answered: dict[str, dict[str, Any]]) -> None:
    keys = list(answered)
    for start in range(0, len(keys), 1000):
        part = keys[start : start + 1000]
        assert await simulator.send(part) == [answered[key] for key in part]
    taken = {key.rpartition(":")[0] for key, answer in answered.items() if is_acceptance(answer)}
    stats = await simulator.get("/v1/stats")
    assert await simulator.accepted() == dict.fromkeys(taken, 1)
    assert stats["accepted"] == stats["unique_accepted"] == stats["delivered"] + stats["failed"] == len(taken)
    assert stats["delivered"] == sum(answer["status"] == "delivered" for answer in answered.values())


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [message(f"{n}:1") for n in range(1001)]}, "messages"),
        ({"messages": [message("a:1"), message("b:1", to="")]}, "messages[1].to"),
        ({"messages": [message("")]}, "messages[0].idempotency_key"),
        ({"messages": [message(":1")]}, "messages[0].idempotency_key"),
        ({"messages": [message("a\nb:1")]}, "messages[0].idempotency_key"),
        ({"messages": [message("a" * 256)]}, "messages[0].idempotency_key"),
        ({"messages": [message("a:1", text=None)]}, "messages[0].text"),
        ({"messages": [message("a:1", colour="red")]}, "messages[0].colour"),
        ({"messages": [{"idempotency_key": "a:1", "text": "x"}]}, "messages[0].to"),
        ({"message": []}, "message"),
        ([], "body"),
    ],
)
async def test_a_batch_that_is_wrong_anywhere_is_refused_whole_and_says_where(
    wrong_bodies: SimulatorProcess, body: Any, field: str
) -> None:
    status, problem = await wrong_bodies.ask("POST", "/v1/messages/batch", body)
    assert (status, problem["errors"][0]["field"]) == (400, field)
    assert (await wrong_bodies.get("/v1/stats"))["accepted"] == 0


@pytest.fixture(scope="module")
async def wrong_bodies(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SimulatorProcess]:
    async with running(tmp_path_factory.mktemp("simulator")) as process:
        yield process


async def test_bodies_that_are_no_json_and_routes_that_are_none_are_refused(
    wrong_bodies: SimulatorProcess,
) -> None:
    async with wrong_bodies.http.post("/v1/messages", data=b"\xff{") as response:
        assert response.status == 400
    assert (await wrong_bodies.ask("GET", "/v1/nothing", None))[0] == 404
    async with wrong_bodies.http.delete("/v1/messages") as response:
        assert (response.status, response.headers["Allow"]) == (405, "POST")
    for query in ("limit=0", "limit=1001", "limit=x", "cursor=%C3%A4", "page=2"):
        assert (await wrong_bodies.ask("GET", f"/v1/accepted?{query}", None))[0] == 400, query


async def test_the_same_seed_draws_the_same_fates(tmp_path: Path) -> None:
    keys, drawn = new_keys(300), []
    for number, seed in enumerate(("7", "7", "8")):
        async with running(tmp_path / str(number), "--seed", seed) as simulator:
            drawn.append(await simulator.send(keys))
    assert drawn[0] == drawn[1] != drawn[2]


async def test_sigterm_lets_calls_finish_and_exits_with_0(simulator: SimulatorProcess) -> None:
    await simulator.turn(latency_ms=1000, success_rate=1)
    call = asyncio.create_task(simulator.send(["a:1"]))
    await until_taken(simulator, 1)
    stopping = asyncio.create_task(simulator.stop())
    assert (await call)[0]["status"] == "delivered"
    assert await asyncio.wait_for(stopping, 30) == 0


async def until_taken(simulator: SimulatorProcess, count: int) -> None:
    for _ in range(500):
        if (await simulator.get("/v1/stats"))["accepted"] >= count:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("waited in vain")


async def test_a_port_that_is_taken_ends_the_second_simulator(
    simulator: SimulatorProcess, tmp_path: Path
) -> None:
    second = SimulatorProcess(tmp_path / "second")
    second.port = simulator.port
    assert await (await second.spawn()).wait() == 1
