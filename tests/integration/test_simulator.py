"""The vendor simulator as its callers see it: a real process, real connections, real kills."""

import asyncio
import random
import signal
import time
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
    own_address,
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


async def test_dials_are_turned_one_by_one_and_outlive_a_kill(simulator: SimulatorProcess) -> None:
    assert (await simulator.get("/v1/dials"))["success_rate"] == 0.9
    await simulator.turn(success_rate=1, latency_ms=20)
    turned = await simulator.turn(latency_jitter_ms=5)
    assert (turned["success_rate"], turned["latency_ms"], turned["latency_jitter_ms"]) == (1, 20, 5)
    await simulator.kill()
    await simulator.start()
    assert await simulator.get("/v1/dials") == turned


async def test_wrong_dials_are_all_named_and_none_is_turned(simulator: SimulatorProcess) -> None:
    wrong = {
        "success_rate": 1.1,
        "latency_ms": -1,
        "latency_jitter_ms": "5",
        "http_429_rate": True,
        "receipts": "pigeon",
        "late_ms": None,
        "repeat_rate": -0.1,
        "reorder": "yes",
        "outage": "sometimes",
        "colour": "red",
    }
    status, problem = await simulator.ask("PUT", "/v1/dials", {**wrong, "reorder": 2})
    assert status == 400
    assert [error["field"] for error in problem["errors"]] == list(wrong)
    assert (await simulator.get("/v1/dials"))["success_rate"] == 0.9


@pytest.mark.parametrize("body", [[], "on", 1, None])
async def test_dials_that_are_no_object_are_refused(simulator: SimulatorProcess, body: Any) -> None:
    assert (await simulator.ask("PUT", "/v1/dials", body))[0] == 400


async def test_webhook_receipts_need_a_receiver(simulator: SimulatorProcess) -> None:
    status, problem = await simulator.ask("PUT", "/v1/dials", {"receipts": "webhook"})
    assert (status, problem["errors"][0]["field"]) == (400, "receipts")


async def test_dials_are_for_this_machine_only(tmp_path: Path) -> None:
    address = own_address()
    if address is None:
        pytest.skip("this machine is on no network")
    async with running(tmp_path, "--host", "0.0.0.0") as simulator:
        elsewhere = f"http://{address}:{simulator.port}/v1/dials"
        forged = {"X-Forwarded-For": "127.0.0.1"}
        async with simulator.http.put(elsewhere, json={"outage": True}, headers=forged) as response:
            assert response.status == 403
        assert (await simulator.get("/v1/dials"))["outage"] is False


async def test_throttling_takes_nothing_and_says_when_to_come_back(simulator: SimulatorProcess) -> None:
    await simulator.turn(http_429_rate=1)
    async with simulator.http.post("/v1/messages", json=message("a:1")) as response:
        assert response.status == 429
        assert int(response.headers["Retry-After"]) >= 1
    assert (await simulator.get("/v1/stats"))["accepted"] == 0
    await simulator.turn(http_429_rate=0.5)
    codes = Counter([(await simulator.ask("POST", "/v1/messages", message("a:1")))[0] for _ in range(60)])
    assert codes.keys() == {200, 429}


async def test_an_outage_takes_nothing_answered_or_not(simulator: SimulatorProcess) -> None:
    await simulator.turn(outage=True)
    status, problem = await simulator.ask("POST", "/v1/messages", message("a:1"))
    assert (status, problem["taken"]) == (503, 0)
    await simulator.turn(outage="close")
    with pytest.raises(aiohttp.ClientError):
        await simulator.ask("POST", "/v1/messages", message("a:1"))
    assert (await simulator.get("/readyz")) == {"status": "ok"}
    await simulator.turn(outage=False, success_rate=1)
    assert (await simulator.send(["a:1"]))[0]["status"] == "delivered"
    assert (await simulator.get("/v1/stats"))["duplicates_refused"] == 0


async def test_latency_is_kept_for_every_call(simulator: SimulatorProcess) -> None:
    await simulator.turn(latency_ms=200, latency_jitter_ms=50)
    start = time.monotonic()
    await asyncio.gather(*(simulator.send(new_keys(10)) for _ in range(10)))
    assert 0.15 <= time.monotonic() - start < 1


async def test_a_caller_that_gave_up_finds_its_message_taken(simulator: SimulatorProcess) -> None:
    await simulator.turn(latency_ms=3000, success_rate=1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await simulator.send(["a:1"])
    await simulator.turn(latency_ms=0, success_rate=0)
    assert (await simulator.send(["a:1"]))[0]["status"] == "delivered"


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


async def test_sigterm_lets_calls_finish_and_exits_with_0(simulator: SimulatorProcess) -> None:
    await simulator.turn(latency_ms=1000, success_rate=1)
    call = asyncio.create_task(simulator.send(["a:1"]))
    await until_taken(simulator, 1)
    start = time.monotonic()
    stopping = asyncio.create_task(simulator.stop())
    assert (await call)[0]["status"] == "delivered"
    assert await stopping == 0
    assert time.monotonic() - start < 10


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
