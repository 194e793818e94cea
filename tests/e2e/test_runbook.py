"""The runbook, followed to the letter on a running product: looking, mending, backup and restore."""

import json
import os
import re
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.support.books import Books
from tests.support.ledger import open_ledger
from tests.support.mentions import tables_with
from tests.support.pages import sections_of
from tests.support.ports import free_port
from tests.support.product import Product, running_product
from tests.support.reader import Reader
from tests.support.shop import PACE, Campaign, Shop
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
PAGE = sections_of(ROOT / "docs" / "runbook.md")
LOOKED_AT = (
    "`XenCRMWaitingOrdersOld`",
    "Dead letters",
    "A stuck consumer",
    "A full disk",
    "Rebuild the profiles",
)
RESTORED = ("Take a backup", "Restore the Master DB", "Rebuild the profiles", "Restore the Business DB")
GONE = "gone@shop.example"
OLD = {"customer_email": "stays@shop.example", "order_amount": "10.00", "order_id": "old"}
LATE = {"customer_email": "stays@shop.example", "order_amount": "7.00", "order_id": "late"}


@pytest.fixture(scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    async with running_product(tmp_path_factory.mktemp("runbook"), **PACE) as running:
        yield running


@pytest.fixture(scope="module")
async def operator(product: Product, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Reader]:
    """Somebody in the folder of the installation who has taken the first look."""
    folder = tmp_path_factory.mktemp("operator")
    (folder / ".venv").symlink_to(ROOT / ".venv")
    (folder / ".xencrm").symlink_to(product.home)
    reader = Reader(folder, {"XENCRM_HOME": str(product.home)}, {}, free_port())
    try:
        await reader.follow(PAGE["First look"])
        yield reader
    finally:
        await reader.leave()


def variable(product: Product, name: str) -> str:
    return str(json.loads((product.home / "run" / "env.json").read_text())[name])


async def run_sql(url: str, statement: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(statement))
    finally:
        await connection.close()


async def put(product: Product, path: str, body: dict[str, Any]) -> None:
    """Posts, and waits until it is applied."""
    event_id = (await product.ask("POST", path, json=body))["event_id"]
    await until(lambda: product.ask("GET", f"/events/{event_id}"), lambda seen: seen["status"] == "applied")


async def id_of(product: Product, email: str) -> str:
    [found] = (await product.ask_patiently("GET", "/customers", params={"search": email}))["items"]
    return str(found["customer_id"])


def test_everything_that_the_runbook_types_is_typed_here() -> None:
    assert set(PAGE) == {"First look", *LOOKED_AT, *RESTORED}


async def test_what_is_looked_at_when_something_is_wrong(product: Product, operator: Reader) -> None:
    waiting = [{"customer_email": "nobody@shop.example", "order_amount": 1, "order_id": "waits-1"}]
    await product.ask("POST", "/orders/batch", json=waiting)
    frame = "INSERT INTO frame (queue, body) VALUES ('order_queue', 'nonsense')"
    await run_sql(variable(product, "XENCRM_BROKER_URL"), frame)
    letters = "SELECT FROM dead_letters"
    await until(lambda: run_sql(variable(product, "XENCRM_MASTER_DB_URL"), letters), bool)

    said = {name: await operator.follow(PAGE[name]) for name in LOOKED_AT}
    assert "waits-1" in said["`XenCRMWaitingOrdersOld`"]
    assert "undecodable" in said["Dead letters"]
    assert "communication_log_default" in said["A full disk"]
    assert "told Campaigns 0 customers" in said["Rebuild the profiles"]
    log = await until(lambda: tasks_of(product, "ingestion"), lambda tasks: "order_queue" in tasks)
    assert any("PostgresSubscription.receive" in place for place in log["order_queue"])


async def test_every_part_says_in_which_functions_it_waits_and_goes_on(product: Product) -> None:
    parts = {name: pid for name, pid in product.pids().items() if name != "postgres"}
    for name, pid in parts.items():
        os.kill(pid, signal.SIGUSR1)
        await until(partial(tasks_of, product, name), bool)
    assert product.pids().items() >= parts.items()


async def tasks_of(product: Product, part: str) -> dict[str, list[str]]:
    lines = [json.loads(line) for line in product.logs()[part].splitlines() if line.startswith("{")]
    return {line["task"]: line["waits_in"] for line in lines if line["event"] == "process.task"}


async def test_what_was_restored_from_a_backup_is_made_right_again(
    product: Product, operator: Reader
) -> None:
    await put(product, "/customers", {"name": "Stays", "email": OLD["customer_email"]})
    await put(product, "/customers", {"name": "Gone", "email": GONE})
    await put(product, "/orders", OLD)
    key = await product.ask("POST", "/api-keys", json={"name": "shop", "role": "viewer"})
    async with open_ledger(product) as ledger:
        shop = Shop(product, ledger)
        campaign = await launched(shop)
        await operator.follow(PAGE["Take a backup"])

        await shop.turn()
        assert (await campaign.ended())["delivered"] == 2
    await put(product, "/orders", LATE)
    await product.ask("DELETE", f"/api-keys/{key['key_id']}")
    await erase(product, GONE)

    await restore_master(product, operator)
    await until(lambda: accepts(product, key["key"]), lambda accepted: not accepted)
    await put(product, "/orders", LATE)
    await until(lambda: totals_of(product), lambda seen: seen == ("17.00", 2))

    await operator.follow(PAGE["Restore the Business DB"])
    await rebuild(product, operator)
    assert await totals_of(product) == ("17.00", 2)
    business = variable(product, "XENCRM_BUSINESS_DB_URL")
    await until(lambda: tables_with(business, [GONE]), lambda tables: not tables)
    async with open_ledger(product) as ledger:
        again = replace(campaign, shop=Shop(product, ledger))
        assert (await again.stats())["status"] == "PAUSED"
        await again.do("resume")
        await again.ended()
        assert await again.shop.accepted() == 2


async def launched(shop: Shop) -> Campaign:
    """To both, while the vendor takes nothing."""
    await shop.turn(outage=True)
    campaign = await shop.launch([{"field": "email", "operator": "endsWith", "value": "@shop.example"}])
    await until(campaign.stats, lambda stats: stats["status"] == "RUNNING")
    return campaign


async def erase(product: Product, email: str) -> None:
    path = f"/customers/{await id_of(product, email)}"
    await product.ask_patiently("DELETE", path)
    await until(lambda: product.ask("GET", "/profiles", params={"q": email}), lambda page: not page["items"])


async def restore_master(product: Product, operator: Reader) -> None:
    said = await operator.follow(PAGE["Restore the Master DB"])
    assert "late" in said, "what is lost is shown"
    assert re.search(r" 20[24]\b", said), "who was erased is erased again"
    await until(
        lambda: product.ask("GET", "/customers", params={"search": GONE}), lambda page: page["items"] == []
    )
    stays = await id_of(product, OLD["customer_email"])
    orders = await product.ask("GET", f"/customers/{stays}/orders")
    assert [order["order_id"] for order in orders["items"]] == ["old"]
    await rebuild(product, operator)
    assert await totals_of(product) == ("10.00", 1)


async def rebuild(product: Product, operator: Reader) -> None:
    """As if a minute had passed."""
    for table in ("customers_mv", "orders_mv"):
        older = f"UPDATE {table} SET synced_at = synced_at - interval '2 minutes'"
        await run_sql(variable(product, "XENCRM_BUSINESS_DB_URL"), older)
    await operator.follow(PAGE["Rebuild the profiles"])
    await until(Books(product).copies_astray, lambda astray: not any(astray.values()))


async def totals_of(product: Product) -> tuple[str, int]:
    page = await product.ask_patiently("GET", "/profiles", params={"q": OLD["customer_email"]})
    [profile] = page["items"]
    return profile["total_spend"], profile["total_orders"]


async def accepts(product: Product, key: str) -> bool:
    """Whether Ingestion does."""
    try:
        await product.ask_patiently("GET", "/customers", headers={"Authorization": f"Bearer {key}"})
    except aiohttp.ClientResponseError as error:
        return error.status != 401
    return True
