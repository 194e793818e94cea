"""The simulator's dials: what may be turned, by whom, and what each does to callers."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.simulator import SimulatorProcess, message, new_keys, own_address, running


@pytest.fixture
async def simulator(tmp_path: Path) -> AsyncIterator[SimulatorProcess]:
    async with running(tmp_path) as process:
        yield process


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
    await asyncio.gather(*(simulator.send(new_keys(10)) for _ in range(50)))
    assert 0.15 <= time.monotonic() - start < 50 * 0.15


async def test_a_caller_that_gave_up_finds_its_message_taken(simulator: SimulatorProcess) -> None:
    await simulator.turn(latency_ms=3000, success_rate=1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await simulator.send(["a:1"])
    await simulator.turn(latency_ms=0, success_rate=0)
    assert (await simulator.send(["a:1"]))[0]["status"] == "delivered"
