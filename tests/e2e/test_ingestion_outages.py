"""The broker or the Master DB is away for half a minute in mid traffic: 503s meanwhile, nothing is lost."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.books import Books
from tests.support.postgres import PostgresServer
from tests.support.product import Product, running_product
from tests.support.rabbitmq import RabbitServer
from tests.support.traffic import WEIGHTS, Answer, Traffic
from tests.support.waiting import until

IN_TIME_S = 6.0  # two seconds are promised; the machine may be slow
POSTS = ("order", "orders", "many orders", "customer", "customers")
Server = RabbitServer | PostgresServer


@dataclass(frozen=True)
class Away:
    """How long a server is away: at first it answers nothing, then it is not there."""

    frozen_s: float
    gone_s: float


LONG = Away(frozen_s=15, gone_s=15)
SHORT = Away(frozen_s=8, gone_s=6)


@pytest.fixture(params=[(RabbitServer, LONG), (PostgresServer, SHORT)], ids=["rabbitmq", "embedded"])
async def broker(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Server, Away]]:
    kind, away = request.param
    server: Server = kind()
    try:
        await server.start()
        yield server, away
    finally:
        await server.stop()


@pytest.fixture
async def master() -> AsyncIterator[PostgresServer]:
    server = PostgresServer()
    try:
        await server.start()
        yield server
    finally:
        await server.stop()


@pytest.fixture
async def product(
    tmp_path: Path, broker: tuple[Server, Away], master: PostgresServer
) -> AsyncIterator[Product]:
    settings = {
        "XENCRM_BROKER_URL": await broker_url(broker[0]),
        "XENCRM_MASTER_DB_URL": await master.create_database("master"),
        "XENCRM_LOG_LEVEL": "WARNING",
    }
    async with running_product(tmp_path, **settings) as product:
        yield product


async def broker_url(broker: Server) -> str:
    return broker.url if isinstance(broker, RabbitServer) else await broker.create_database("broker")


@pytest.mark.timeout(400)
async def test_outages_are_answered_503_and_lose_nothing(
    product: Product, broker: tuple[Server, Away], master: PostgresServer
) -> None:
    books = Books(product)
    traffic = Traffic([product.url], product.credentials["api_key"], one_kind_each=True, pause_s=0.2)
    server, away = broker
    async with at_work(traffic):
        without_broker = await answers_during(traffic, server, away)
        await until_acknowledged(traffic)
        without_master = await answers_during(traffic, master, away)
        await until_acknowledged(traffic)
    check_answers(without_broker)
    check_answers(without_master)
    for kind in POSTS:
        statuses = [answer.status for answer in without_broker if answer.kind == kind]
        assert 202 not in statuses[statuses.index(503) :], "nothing is durable without a broker"
    await books.until_at_rest(traffic.said)
    await books.check(traffic.said)
    assert (await product.ask_patiently("GET", "/operations"))["dead_letters"] == 0


@asynccontextmanager
async def at_work(traffic: Traffic) -> AsyncIterator[None]:
    is_over = asyncio.Event()
    posting = asyncio.create_task(traffic.run(is_over.is_set))
    await until_acknowledged(traffic)
    yield
    is_over.set()
    await posting


async def until_acknowledged(traffic: Traffic) -> None:
    """Requests of every kind are acknowledged from now on."""
    before = Counter(traffic.acknowledged)

    async def since() -> Counter[str]:
        return traffic.acknowledged - before

    await until(since, lambda counts: all(counts[kind] >= 3 for kind in WEIGHTS), within_s=90)


async def answers_during(traffic: Traffic, server: Server, away: Away) -> list[Answer]:
    """What the clients were told from the moment at which the server froze until it was started again."""
    answers: list[Answer] = []
    await server.freeze()
    traffic.on_answer = answers.append
    await asyncio.sleep(away.frozen_s)
    await server.kill()
    await asyncio.sleep(away.gone_s)
    traffic.on_answer = lambda _: None
    await server.start()
    return answers


def check_answers(answers: list[Answer]) -> None:
    """Posts of every kind were refused, all in time; what was not refused was acknowledged."""
    posts = [answer for answer in answers if answer.kind in POSTS]
    assert {answer.status for answer in posts} <= {202, 503}
    refused = Counter(answer.kind for answer in posts if answer.status == 503)
    assert all(refused[kind] >= 3 for kind in POSTS), refused
    assert all(int(answer.retry_after or 0) > 0 for answer in posts if answer.status == 503)
    assert max(answer.took_s for answer in posts) < IN_TIME_S
