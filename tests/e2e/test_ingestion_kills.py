"""Everything is killed at random while orders and customers are posted: I4 and I5 hold."""

import random
from pathlib import Path

import pytest

from tests.support.books import Books
from tests.support.cli import xencrm
from tests.support.crew import crew_beside
from tests.support.killing import (
    Kill,
    Plan,
    RabbitKeeper,
    Target,
    kill_while_posting,
    part_of,
    postgres_of,
    process_of,
)
from tests.support.product import Product, running_product
from tests.support.rabbitmq import RabbitServer
from tests.support.traffic import Said, Traffic
from tests.support.waiting import until

FULL = Plan(orders=50_000, processes=60, each_server=5)
SHORT = Plan(orders=12_000, processes=20, each_server=5)
PARTS = ("ingestion", "campaigns", "front")
BESIDE = (
    ("ingestion", "api"),
    ("ingestion", "consume"),
    ("ingestion", "relay"),
    ("campaigns", "project"),
    ("campaigns", "relay"),
)
ASKED = 20
QUIET = {"XENCRM_LOG_LEVEL": "WARNING"}


@pytest.mark.timeout(900)
async def test_kills_lose_and_double_nothing_with_rabbitmq(
    tmp_path: Path, rabbit_server: RabbitServer
) -> None:
    keeper = RabbitKeeper(rabbit_server)
    async with running_product(tmp_path, XENCRM_BROKER_URL=rabbit_server.url, **QUIET) as product:
        await survive(product, FULL, keeper.target())
        await keeper.close()


@pytest.mark.timeout(600)
async def test_kills_lose_and_double_nothing_with_the_embedded_broker(tmp_path: Path) -> None:
    async with running_product(tmp_path, **QUIET) as product:
        await survive(product, SHORT)


@pytest.mark.timeout(600)
async def test_kills_lose_and_double_nothing_with_divided_queues(tmp_path: Path, rabbitmq_url: str) -> None:
    settings = {"XENCRM_BROKER_URL": rabbitmq_url, "XENCRM_PARTITIONS": "3", **QUIET}
    async with running_product(tmp_path, **settings) as product:
        await survive(product, SHORT, moves=False)


async def survive(product: Product, plan: Plan, *brokers: Target, moves: bool = True) -> None:
    books = Books(product)
    servers = [postgres_of(product, books.master_url), *brokers]
    async with crew_beside(product, BESIDE) as crew:
        processes = [part_of(product, name) for name in PARTS] + [process_of(member) for member in crew]
        urls = [product.url, f"http://127.0.0.1:{crew[0].port}"]
        traffic = Traffic(urls, product.credentials["api_key"], moves=moves)
        kills = await kill_while_posting(traffic, books, plan, processes, servers)
        await books.until_at_rest(traffic.said)
        await books.check(traffic.said)
        check_kills(kills, plan, processes, servers)
        await check_standings(product, traffic.said)
        await check_rebuild(product, books)
    assert (await product.ask_patiently("GET", "/operations"))["dead_letters"] == 0


def check_kills(kills: list[Kill], plan: Plan, processes: list[Target], servers: list[Target]) -> None:
    """There were as many as promised, and each met a busy system."""
    names = [kill.name for kill in kills]
    assert sum(names.count(target.name) for target in processes) >= plan.processes
    assert all(names.count(target.name) >= plan.each_server for target in servers)
    assert all(kill.in_flight > 0 for kill in kills)
    behind = [kill.behind for kill in kills if kill.behind is not None]
    assert sum(orders > 0 for orders in behind) > len(behind) / 2, behind


async def check_rebuild(product: Product, books: Books) -> None:
    """A rebuild after a loss makes the copies what they were."""
    before = await books.copied()
    await books.lose_copies()
    result = await xencrm("rebuild", "profiles", home=product.home)
    assert result.exit_code == 0, result.output
    await until(books.copied, lambda copied: copied == before, within_s=60)


async def check_standings(product: Product, said: Said) -> None:
    """What clients are told of some of their events and batches."""
    for event_id in random.sample(said.event_ids, ASKED):
        assert (await product.ask_patiently("GET", f"/events/{event_id}"))["status"] == "applied"
    for batch_id in random.sample([*said.batches], ASKED):
        batch = await product.ask_patiently("GET", f"/batches/{batch_id}")
        assert (batch["status"], batch["applied"]) == ("done", batch["rows"])
