"""`python -m bench --ui`: what people at a screen wait for, among a million profiles."""

import json
import statistics
import time
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode

from playwright.async_api import Browser, Page, expect
from rich.console import Console

from bench.campaigns import PROFILES, Row, fill, new_product
from bench.previews import RULES
from tests.support.browser import running_chromium, visiting
from tests.support.product import Product
from tests.support.screen import WIDE

MOST_EDIT_MS: Final = 300.0
MOST_LIST_MS: Final = 100.0
KEYSTROKES: Final = "0123456789"
READINGS: Final = 60
# Rules with one more condition, on the spend; its amount is typed, and ends with each digit in turn.
EDITED: Final[dict[str, tuple[list[dict[str, Any]], str]]] = {
    "the biggest spenders": ([], "9000"),
    "gold in Pune": (RULES["gold in Pune"]["rules"], "50"),
    "active with something bought": (RULES["active with something bought"]["rules"], "50"),
}
# What the pages ask for when they open, are searched, sorted or filtered.
LISTS: Final = {
    "customers": "/profiles?limit=50",
    "customers by spend": "/profiles?limit=50&sort=-total_spend",
    "customers by name": "/profiles?limit=50&sort=name",
    "customers by e-mail": "/profiles?limit=50&sort=email",
    "customers by last order": "/profiles?limit=50&sort=-last_order_at",
    "customers called asha": "/profiles?limit=50&q=asha",
    "customers with an address": "/profiles?limit=50&q=asha.rao1",
    "a customer": "/profiles/{customer_id}",
    "a customer's timeline": "/profiles/{customer_id}/timeline?limit=50",
    "segments": "/segments?limit=50",
    "campaigns": "/campaigns?limit=50",
    "statistics": "/campaignStats?limit=1000",
    "dashboard": "/dashboard?days=30",
    "audit log": "/audit?limit=100",
    "operations": "/operations",
}
console = Console()

# Told by the browser: from the key's own time stamp to the frame in which another number stands there.
_WATCH: Final = """side => {
  const shown = () => side.innerText.match(/[\\d,]+(?=\\s+customer)/)?.[0];
  const before = shown();
  let pressed;
  addEventListener('keydown', event => { pressed = event.timeStamp; }, { once: true, capture: true });
  const told = () => requestAnimationFrame(() => {
    const asked = performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("/preview"));
    window.tell([performance.now() - pressed, asked.at(-1).duration]);
  });
  const look = () => {
    const done = pressed !== undefined && shown() !== undefined && shown() !== before;
    done ? told() : requestAnimationFrame(look);
  };
  window.waited = new Promise(resolve => { window.tell = resolve; });
  look();
}"""


async def measure(environment: dict[str, str]) -> dict[str, Any]:
    async with new_product(environment) as product, running_chromium() as browser:
        await fill(product, PROFILES)
        console.print("  lists")
        lists = await lists_ms(product)
        console.print("  the segment builder")
        return {"lists": lists, "edits": await edits_ms(product, browser)}


async def lists_ms(product: Product) -> dict[str, dict[str, float]]:
    """One after the other, through the port in front."""
    newest = (await product.ask("GET", "/profiles?limit=1"))["items"][0]
    found = {}
    for name, path in LISTS.items():
        times = [await _read_ms(product, path.format(**newest)) for _ in range(READINGS)]
        found[name] = {"median": statistics.median(times), "p95": sorted(times)[READINGS * 95 // 100]}
    return found


async def _read_ms(product: Product, path: str) -> float:
    began = time.perf_counter()
    await product.ask("GET", path)
    return (time.perf_counter() - began) * 1000


async def edits_ms(product: Product, browser: Browser) -> dict[str, dict[str, float]]:
    """From the last keystroke in a segment's rule to the new count on the screen."""
    async with visiting(browser, product.url, viewport=WIDE) as visitor:
        page = visitor.page
        await page.goto(product.credentials["sign_in_url"])
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        found = {}
        for name, (conditions, amount) in EDITED.items():
            waited, asked = zip(*await _keystrokes_ms(page, product, conditions, amount), strict=True)
            found[name] = {
                "best": min(waited),
                "median": statistics.median(waited),
                "request": statistics.median(asked),
            }
        return found


async def _keystrokes_ms(
    page: Page, product: Product, conditions: list[dict[str, Any]], amount: str
) -> list[tuple[float, float]]:
    """In all, and what of it the request took."""
    spend = {"field": "total_spend", "operator": ">", "value": int(amount)}
    rules = {"combinator": "and", "rules": [*conditions, spend]}
    before = (await product.ask("POST", "/segments/preview", json={"rules": rules}))["count"]
    await page.goto(f"{product.url}/segments/new?{urlencode({'rules': json.dumps(rules)})}")
    value = page.get_by_label("Value of Total spend")
    side = page.get_by_role("complementary", name="Who matches")
    times = []
    for digit in KEYSTROKES:
        await value.fill(amount)
        await expect(side).to_contain_text(f"{before:,} customer")
        await value.press("End")
        await side.evaluate(_WATCH)
        await page.keyboard.press(digit)
        times.append(tuple(await page.evaluate("window.waited")))
    return times


def rows_of(found: dict[str, Any]) -> Iterator[Row]:
    """Name, figure and what is wanted."""
    for name, edit in found["edits"].items():
        yield f"last keystroke to the new count, {name}, median ms (wanted)", edit["median"], MOST_EDIT_MS
        yield "  best", edit["best"], MOST_EDIT_MS
        yield "  the request of it, median", edit["request"], MOST_EDIT_MS
    for name, read in found["lists"].items():
        yield f"{name}, p95 ms (wanted)", read["p95"], MOST_LIST_MS
