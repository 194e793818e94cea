"""Who asks too often is told when to ask again, by both services and on both ways in."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import pytest

from tests.support.campaigns import running_campaigns
from tests.support.ingestion import running_ingestion
from tests.support.people import running_both, signed_in
from tests.support.postgres import PostgresServer
from tests.support.service import RunningService, key_of

PER_SECOND = 2
BURST = 4
CUSTOMER = json.dumps({"name": "Asha", "email": "asha@shop.example"}).encode()

Ask = Callable[[str], Awaitable[tuple[int, float]]]


async def chunks() -> AsyncIterator[bytes]:
    yield CUSTOMER


@pytest.fixture(params=["the lean way", "the way behind", "campaigns"])
async def ask(request: pytest.FixtureRequest, postgres: PostgresServer) -> AsyncIterator[Ask]:
    """Asks with the key of a role; the status, and the seconds to wait of a refusal."""
    if request.param == "campaigns":
        async with running_campaigns(postgres, rate_limit=PER_SECOND) as running:
            yield lambda role: answered(running, "GET", "/segments", None, role)
        return
    master = await postgres.create_database(f"master_{uuid4().hex}")
    broker = await postgres.create_database(f"broker_{uuid4().hex}")
    async with running_ingestion(master, broker, rate_limit=PER_SECOND) as running:
        body = (lambda: CUSTOMER) if request.param == "the lean way" else chunks
        yield lambda role: answered(running, "POST", "/customers", body(), role)


async def answered(
    running: RunningService, method: str, path: str, body: object, role: str
) -> tuple[int, float]:
    headers = {"Authorization": f"Bearer {key_of(role)}", "Content-Type": "application/json"}
    url = f"{running.url}/api/v1{path}"
    async with running.http.request(method, url, data=body, headers=headers) as answer:
        if answer.status == 429:
            assert answer.content_type == "application/problem+json"
            assert (await answer.json())["detail"] == f"This key may make {PER_SECOND} a second."
        return answer.status, float(answer.headers.get("Retry-After", "nan"))


async def test_who_asks_too_often_is_told_when_to_ask_again(ask: Ask) -> None:
    began = time.monotonic()
    good = 0
    while (answer := await ask("admin"))[0] < 300:
        good += 1
    assert answer == (429, 1.0)
    assert BURST <= good <= BURST + 1 + PER_SECOND * (time.monotonic() - began)
    assert (await ask("marketer"))[0] < 300
    await asyncio.sleep(answer[1])
    assert (await ask("admin"))[0] < 300


async def test_a_person_who_asks_too_often_is_told_so_in_each_of_their_sessions(
    postgres: PostgresServer,
) -> None:
    async with running_both(postgres, rate_limit=0.1) as both:
        one, again, other = [
            await signed_in(both.campaigns, "viewer", f"{name}@shop.example") for name in ("a", "a", "b")
        ]
        assert one.person_id == again.person_id
        assert (await one.ask(both.campaigns, "GET", "/session"))[0] == 200
        status, problem, headers = await again.answered(both.campaigns, "GET", "/session")
        assert (status, problem["detail"]) == (429, "You may make 0.1 a second.")
        assert float(headers["Retry-After"]) >= 1
        assert (await other.ask(both.campaigns, "GET", "/session"))[0] == 200
