"""One command on a machine with nothing else: what a person meets, what stops, and what comes back."""

import asyncio
import json
import os
import re
import signal
import stat
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import psutil
import pytest

from tests.support.pages import sections_of
from tests.support.product import XENCRM, Product, running_product
from tests.support.reader import Reader
from tests.support.waiting import until
from xencrm.local.leftovers import MARK

ROOT = Path(__file__).parents[2]
PARTS = {"postgres", "simulator", "campaigns", "ingestion", "mcp", "front"}
PUBLIC = {("post", "/api/v1/vendors/{vendor}/receipts")}  # signed by the vendor instead
EMAIL = "asha@shop.example"


@pytest.fixture(scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    async with running_product(tmp_path_factory.mktemp("first")) as running:
        yield running


async def asked(product: Product, method: str, path: str, **options: Any) -> tuple[int, str, Any]:
    """Status, content type, and the text or decoded JSON of an answer; no key is sent."""
    async with aiohttp.ClientSession() as http, http.request(method, product.url + path, **options) as answer:
        is_json = answer.content_type.endswith("json")
        body = await answer.json(content_type=None) if is_json else await answer.text()
        return answer.status, answer.content_type, body


async def posted(product: Product, path: str, body: dict[str, Any]) -> tuple[int, Any]:
    key = {"Authorization": f"Bearer {product.credentials['api_key']}"}
    status, _, answer = await asked(product, "POST", f"/api/v1{path}", json=body, headers=key)
    return status, answer


async def totals(product: Product, email: str = EMAIL) -> tuple[str, int] | None:
    found = (await product.ask("GET", "/profiles", params={"q": email}))["items"]
    return (found[0]["total_spend"], found[0]["total_orders"]) if found else None


def processes_of(product: Product) -> list[psutil.Process]:
    """All that works in the installation's folders or was started for it, but the supervisor."""
    folders = (product.home, product.cluster)
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            ours = str(product.home) in process.environ().get(MARK, "")
            inside = any(Path(process.cwd()).is_relative_to(folder) for folder in folders)
            if (ours or inside) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def test_the_credentials_are_for_the_owner_alone(product: Product) -> None:
    assert stat.S_IMODE((product.home / "credentials.json").stat().st_mode) == 0o600
    assert product.credentials.keys() == {"url", "api_key", "sign_in_url", "simulator_url"}
    assert product.credentials["url"] == product.url


def test_url_and_key_are_printed(product: Product) -> None:
    assert product.credentials["url"] in product.output()
    assert product.credentials["api_key"] in product.output()


async def test_the_printed_link_signs_the_owner_in_once(product: Product) -> None:
    link = product.credentials["sign_in_url"]
    page, _, token = link.partition("#link=")
    assert page == f"{product.url}/sign-in"
    assert link in product.output()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        async with browser.post(f"{product.url}/auth/link", json={"token": token}) as answer:
            session = await answer.json()
            assert (answer.status, session["person"]["role"]) == (200, "admin")
        for path in ("/session", "/profiles", "/customers"):
            async with browser.get(f"{product.url}/api/v1{path}") as answer:
                assert answer.status == 200, path
    status, _, _ = await asked(product, "POST", "/auth/link", json={"token": token})
    assert status == 401


async def test_another_link_is_made_by_command(product: Product) -> None:
    command = [XENCRM, "sign-in-link"]
    given = {**os.environ, "XENCRM_HOME": str(product.home)}
    made = await asyncio.to_thread(subprocess.run, command, env=given, capture_output=True, check=True)
    token = made.stdout.decode().strip().partition("#link=")[2]
    rebound = {"Host": f"evil.example:{product.port}"}
    for headers, expected in ((rebound, 403), ({}, 200)):
        body = {"token": token}
        status, _, _ = await asked(product, "POST", "/auth/link", json=body, headers=headers)
        assert status == expected


def test_each_part_is_named_by_its_pid_file(product: Product) -> None:
    assert product.process is not None
    pids = product.pids()
    assert pids.keys() == PARTS
    assert {process.pid for process in processes_of(product)} >= set(pids.values())
    assert product.process.pid not in pids.values()


async def test_a_customer_and_an_order_show_in_the_profile_within_two_seconds(product: Product) -> None:
    lags = [await seconds_until_shown(product, EMAIL)]
    while min(lags) >= 2 and len(lags) < 5:  # the machine may have been busy
        lags.append(await seconds_until_shown(product, f"other-{len(lags)}@shop.example"))
    assert min(lags) < 2, lags


async def seconds_until_shown(product: Product, email: str) -> float:
    """After both were posted."""
    status, answer = await posted(product, "/customers", {"name": "Asha Rao", "email": email})
    assert (status, answer["status"]) == (202, "queued")
    status, answer = await posted(product, "/orders", {"customer_email": email, "order_amount": 499.5})
    assert (status, answer["status"]) == (202, "queued")
    began = time.monotonic()
    await until(lambda: totals(product, email), lambda seen: seen == ("499.50", 1))
    return time.monotonic() - began


async def test_the_readme_is_true_to_the_letter(product: Product, tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    (tmp_path / ".xencrm").symlink_to(product.home)
    places = {"http://127.0.0.1:8000": product.url}
    newcomer = Reader(tmp_path, {"XENCRM_HOME": str(product.home)}, places, product.port)
    try:
        said = await newcomer.follow(sections_of(ROOT / "README.md")["First minute"])
    finally:
        await newcomer.leave()
    assert said.splitlines()[-1].startswith("COMPLETED")
    [profile] = (await product.ask("GET", "/profiles", params={"q": "asha@example.com"}))["items"]
    assert (profile["total_spend"], profile["total_orders"]) == ("1250.50", 1)


async def test_nothing_of_the_api_answers_without_a_key(product: Product) -> None:
    _, _, document = await asked(product, "GET", "/api/openapi.json")
    routes = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert len(routes) > 30
    for method, path in sorted(routes - PUBLIC):
        filled = re.sub(r"\{[^}]+\}", lambda _: str(uuid4()), path)
        status, kind, _ = await asked(product, method, filled)
        assert (status, kind) == (401, "application/problem+json"), (method, path)
        made_up = {"Authorization": "Bearer xk_0123456789ab_" + "x" * 40}
        status, _, _ = await asked(product, method, filled, headers=made_up)
        assert status == 401, (method, path)


async def test_the_document_says_which_routes_need_no_key(product: Product) -> None:
    _, _, document = await asked(product, "GET", "/api/openapi.json")
    assert document["security"]
    keyless = {
        (method, path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if operation.get("security") is not None
    }
    assert keyless == PUBLIC


@pytest.mark.parametrize("path", ["/api/docs", "/api/docs/swagger-ui-bundle.js", "/"])
async def test_pages_come_from_the_product_itself(product: Product, path: str) -> None:
    status, _, text = await asked(product, "GET", path)
    assert status == 200
    assert not re.search(r'(src|href)="(https?:)?//', text)


async def test_metrics_are_not_in_front(product: Product) -> None:
    status, _, _ = await asked(product, "GET", "/metrics")
    assert status == 404


async def test_metrics_of_each_service_are_where_the_run_folder_says(product: Product) -> None:
    places = json.loads((product.home / "run" / "metrics-targets.json").read_text())
    assert sorted(place["labels"]["part"] for place in places) == ["campaigns", "ingestion"]
    async with aiohttp.ClientSession() as http:
        for place in places:
            async with http.get(f"http://{place['targets'][0]}/metrics") as response:
                told = await response.text()
            assert f'xencrm_process_info{{process="all",service="{place["labels"]["part"]}"' in told
            assert "xencrm_database_up{" in told


async def test_ready_means_every_part_and_the_credentials(product: Product) -> None:
    path = product.home / "credentials.json"
    aside = path.with_name("credentials.aside")
    services = ("ingestion", "campaigns", "simulator")
    suspended = [psutil.Process(product.pids()[name]) for name in services]
    path.rename(aside)
    for process in suspended:
        process.suspend()
    try:
        status, _, answer = await asked(product, "GET", "/readyz")
    finally:
        for process in suspended:
            process.resume()
        aside.rename(path)
    assert status == 503
    assert answer["detail"] == f"not ready yet: {', '.join((*services, 'credentials'))}"
    await until(lambda: asked(product, "GET", "/readyz"), lambda seen: seen[0] == 200)


async def test_a_part_that_dies_is_back_at_once_on_its_port(product: Product) -> None:
    former = product.pids()
    for pid in former.values():
        os.kill(pid, signal.SIGKILL)

    async def all_back() -> bool:
        pids = product.pids()
        return pids.keys() == PARTS and not set(pids.values()) & set(former.values())

    await until(all_back, bool, within_s=90)
    await until(product.is_ready, bool, within_s=90)
    await product.simulator("/v1/stats")
    assert await totals(product) == ("499.50", 1)


async def test_what_was_there_is_there_after_a_stop_and_after_a_kill_of_the_supervisor(
    product: Product,
) -> None:
    key, former = product.credentials["api_key"], product.pids()
    assert await product.stop(signal.SIGINT) == 0
    assert processes_of(product) == []
    assert product.pids() == {}

    await product.start()
    assert product.credentials["api_key"] == key
    assert await totals(product) == ("499.50", 1)
    assert not set(product.pids().values()) & set(former.values())

    left_behind = processes_of(product)
    await product.stop(signal.SIGKILL)
    await product.start()
    assert product.credentials["api_key"] == key
    assert await totals(product) == ("499.50", 1)
    assert not set(processes_of(product)) & set(left_behind)
