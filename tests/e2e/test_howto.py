"""The guide for senders, followed to the letter by somebody with a fresh installation."""

import base64
import hashlib
import hmac
import json
import os
import re
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from tests.support.pages import sections_of
from tests.support.ports import free_port
from tests.support.product import Product, running_product
from tests.support.reader import Reader
from tests.support.scripted_server import HangUp, Reply, problem, scripted_server
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
PAGE_FILE = ROOT / "docs" / "howto" / "send-your-data.md"
PAGE = sections_of(PAGE_FILE)
PAGE_TEXT = PAGE_FILE.read_text(encoding="utf-8")
SENT_BY_THE_PAGE = "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"
PIECE_ROWS = 10_000
FOLLOWED = {"A key"}


def following(heading: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A test that follows the section, which is given to it."""
    FOLLOWED.add(heading)
    return pytest.mark.parametrize("section", [PAGE[heading]], ids=[heading])


@pytest.fixture(scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    async with running_product(tmp_path_factory.mktemp("howto")) as running:
        yield running


@dataclass(frozen=True)
class Shop:
    """Sends webhooks about one order, signed with the page's secret."""

    url: str
    order: dict[str, Any]

    async def tell(self, webhook_id: str, secret: str = "change-me", **changes: Any) -> int:
        """The status of the answer."""
        body = json.dumps({**self.order, **changes}).encode()
        signature = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
        headers = {"X-Shopify-Hmac-Sha256": signature, "X-Shopify-Webhook-Id": webhook_id}
        async with aiohttp.ClientSession() as http, http.post(self.url, data=body, headers=headers) as answer:
            return answer.status


@pytest.fixture(scope="module")
def webhook_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
async def reader(
    product: Product, webhook_port: int, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Reader]:
    """In the folder of the project, as it were, with the key that the page makes first."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / ".venv").symlink_to(ROOT / ".venv")
    (folder / ".xencrm").symlink_to(product.home)
    lines = [json.dumps(order(f"p-{n}", "pia@example.com")) for n in range(2 * PIECE_ROWS + 1)]
    (folder / "orders.ndjson").write_text("\n".join(lines) + "\n")
    places = {"http://127.0.0.1:8000": product.url, "8080": str(webhook_port)}
    reader = Reader(folder, {"XENCRM_HOME": str(product.home)}, places, webhook_port)
    try:
        await reader.follow(PAGE["A key"])
        asks = f"curl -o /dev/null -w '%{{http_code}}' $API/events/{UUID(int=0)} -H \"$AUTH\""
        await until(lambda: reader.type(asks), lambda said: said == "404")
        yield reader
    finally:
        await reader.leave()


def order(order_id: str, email: str, amount: str = "1.00") -> dict[str, Any]:
    return {"order_id": order_id, "customer_email": email, "order_amount": amount}


async def customer(product: Product, email: str) -> dict[str, Any] | None:
    found = (await product.ask("GET", "/customers", params={"search": email}))["items"]
    return next((item for item in found if item["email"] == email), None)


async def totals(product: Product, email: str) -> tuple[str, int] | None:
    found = await customer(product, email)
    return (found["total_spend"], found["total_orders"]) if found else None


async def until_totals(product: Product, email: str, spend: str, orders: int, within_s: float = 20) -> None:
    await until(lambda: totals(product, email), lambda seen: seen == (spend, orders), within_s=within_s)


async def orders_of(product: Product, email: str) -> dict[str, dict[str, Any]]:
    found = await customer(product, email)
    assert found is not None
    page = await product.ask("GET", f"/customers/{found['customer_id']}/orders")
    return {item["order_id"]: item for item in page["items"]}


def test_every_section_with_something_to_type_is_followed() -> None:
    assert set(PAGE) == FOLLOWED


@following("One customer, one order")
async def test_a_first_customer_and_a_first_order(product: Product, reader: Reader, section: Any) -> None:
    await reader.follow(section)
    await until_totals(product, "asha@example.com", "1250.50", 1)
    found = await customer(product, "asha@example.com")
    assert found is not None
    assert found["attributes"] == {"city": "Pune", "tier": 2}


@following("Statuses and refunds")
async def test_an_order_that_is_paid_and_partly_refunded(
    product: Product, reader: Reader, section: Any
) -> None:
    await reader.type(
        """curl $API/customers -H "$AUTH" --json '{"name": "Asha", "email": "asha@example.com"}'"""
    )
    before = await until(lambda: totals(product, "asha@example.com"), bool)
    assert before is not None
    await reader.follow(section)

    async def partly_refunded() -> bool:
        found = (await orders_of(product, "asha@example.com")).get("1002", {})
        return (found.get("order_amount"), found.get("order_status")) == ("60.00", "COMPLETED")

    await until(partly_refunded, bool)
    await until_totals(product, "asha@example.com", f"{float(before[0]) + 60:.2f}", before[1] + 1)


@following("Opening balances")
async def test_an_opening_balance(product: Product, reader: Reader, section: Any) -> None:
    await reader.follow(section)
    await reader.follow(section)
    found = await until(lambda: customer(product, "ben@example.com"), bool)
    assert found is not None
    assert (found["total_spend"], found["opening_total_spend"]) == ("5000.00", "5000.00")
    assert (found["total_visits"], found["total_orders"]) == (12, 0)


@following("Many at once")
async def test_files_of_rows_also_when_they_are_sent_twice(
    product: Product, reader: Reader, section: Any
) -> None:
    await product.ask("POST", "/customers", json={"name": "Pia", "email": "pia@example.com"})
    for _ in range(2):
        await reader.follow(section)
    await until_totals(product, "chen@example.com", "20.00", 1)
    await until_totals(product, "eva@example.com", "35.90", 1)
    rows = 2 * PIECE_ROWS + 1
    await until_totals(product, "pia@example.com", f"{rows}.00", rows, within_s=60)
    assert await customer(product, "dana@example") is None


@following("Orders before their customers")
async def test_an_order_that_waits_for_its_customer(product: Product, reader: Reader, section: Any) -> None:
    await reader.follow(section)
    await until_totals(product, "farid@example.com", "10.00", 1)


@following("Python")
async def test_the_python_programs(product: Product, reader: Reader, section: Any) -> None:
    await reader.follow(section)
    await until_totals(product, "gita@example.com", "6080.00", 12_001, within_s=60)
    await until_totals(product, "hugo@example.com", "75.25", 1)


@following("Node")
async def test_the_node_program(product: Product, reader: Reader, section: Any) -> None:
    await reader.follow(section)
    await until_totals(product, "ines@example.com", "64.00", 1)


@following("A webhook from a shop")
async def test_a_shops_webhook_counts_once(
    product: Product, reader: Reader, section: Any, webhook_port: int
) -> None:
    reader.save(PAGE["Python"])
    await reader.follow(section)
    await until_totals(product, "jana@example.com", "49.90", 1)
    shop = Shop(f"http://127.0.0.1:{webhook_port}/", json.loads(section.files["shop-order.json"]))

    assert await shop.tell(SENT_BY_THE_PAGE) == 200
    assert await shop.tell("refund-1", financial_status="refunded") == 200
    await until_totals(product, "jana@example.com", "0.00", 0)
    assert await shop.tell(SENT_BY_THE_PAGE) == 200
    assert await shop.tell("forged", secret="guessed", id=5002) == 401

    pid = product.pids()["ingestion"]
    os.kill(pid, signal.SIGKILL)
    await until(lambda: shop.tell("while-away", id=5003), lambda status: status == 200, within_s=60)
    assert await shop.tell("nonsense", id=5004, current_total_price="much") == 200
    await until_totals(product, "jana@example.com", "49.90", 1)
    assert set(await orders_of(product, "jana@example.com")) == {"5001", "5003"}
    kept = (reader.folder / "refused.ndjson").read_text().splitlines()
    assert [json.loads(line)["reason"][:4] for line in kept] == ["400 "]


@following("Corrections and erasure")
async def test_a_customer_is_corrected_exported_and_erased(
    product: Product, reader: Reader, section: Any
) -> None:
    asha = {"name": "Asha Rao", "email": "asha@example.com", "phone": "+91 98765 43210"}
    await product.ask("POST", "/customers", json=asha)
    await until(lambda: customer(product, "asha@example.com"), bool)
    said = await reader.follow(section)
    corrected = json.loads(said.splitlines()[1])
    assert (corrected["email"], corrected["phone"]) == ("asha.rao@example.com", None)
    assert json.loads((reader.folder / "asha.json").read_text())["customer"] == corrected
    await until(lambda: customer(product, "asha.rao@example.com"), lambda found: found is None)


@pytest.mark.parametrize(
    ("command", "posts"),
    [(".venv/bin/python send_plainly.py", "/api/v1/orders"), ("node send.mjs", "/api/v1/orders")],
    ids=["python", "node"],
)
async def test_a_program_tries_again_with_the_same_key(reader: Reader, command: str, posts: str) -> None:
    reader.save(PAGE["Python"])
    reader.save(PAGE["Node"])
    wait = {"Retry-After": "1"}
    async with scripted_server() as server:
        queued = Reply(202, {"event_id": "e", "status": "queued"})
        server.script = [queued, problem(503, "away", wait), HangUp(), problem(429, "slower", wait), queued]
        assert (await reader.type(f"XENCRM_URL={server.url} {command}")).strip() == "queued"
        tries = [asked for asked in server.asked if asked.path == posts]
        assert len(tries) == 4
        assert len({(asked.headers["Idempotency-Key"], asked.body) for asked in tries}) == 1

        server.script = [problem(400, "Invalid input")]
        with pytest.raises(AssertionError, match="Invalid input"):
            await reader.type(f"XENCRM_URL={server.url} {command}")
        assert len(server.asked) == 6


async def test_each_refusal_of_the_table_is_met_as_it_says(product: Product) -> None:
    here = {"name": "Kim", "email": "kim@example.com"}
    for person in (here, {"name": "Lea", "email": "lea@example.com"}):
        await product.ask("POST", "/customers", json=person)
    kim = await until(lambda: customer(product, "kim@example.com"), bool)
    await until(lambda: customer(product, "lea@example.com"), bool)
    assert kim is not None
    viewer = await product.ask("POST", "/api-keys", json={"name": "viewer", "role": "viewer"})
    as_viewer = {"headers": {"Authorization": f"Bearer {viewer['key']}"}}
    await until(lambda: status_of(product, "GET", "/customers", **as_viewer), lambda status: status == 200)
    requests: dict[str, tuple[str, str, dict[str, Any]]] = {
        "400": ("POST", "/orders", {"json": order("1", "kim@example.com", "-1")}),
        "401": ("POST", "/orders", {"headers": {"Authorization": "Bearer wrong"}}),
        "403": ("POST", "/customers", {"json": here, **as_viewer}),
        "404": ("POST", "/orders", {"json": order("1", "nobody@example.com")}),
        "405": ("PUT", "/customers", {"json": here}),
        "409": ("PATCH", f"/customers/{kim['customer_id']}", {"json": {"email": "lea@example.com"}}),
        "413": ("POST", "/customers", {"json": {**here, "attributes": {"long": "x" * 1_000_000}}}),
        "415": ("POST", "/customers", {"data": b"name=Kim", "headers": {"Content-Type": "text/plain"}}),
    }
    listed = re.findall(r"^\| (4\d\d) \|", PAGE_TEXT, re.MULTILINE)
    assert set(listed) - {"429"} == requests.keys()
    for status, (method, path, options) in requests.items():
        assert await status_of(product, method, path, **options) == int(status)


async def status_of(product: Product, method: str, path: str, **options: Any) -> int:
    try:
        await product.ask(method, path, **options)
    except aiohttp.ClientResponseError as error:
        return error.status
    return 200
