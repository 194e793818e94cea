"""The first minutes of somebody new: from the printed link to a campaign that has arrived, by mouse."""

import re
from pathlib import Path

from playwright.async_api import Browser, Locator, Page, expect

from tests.support.browser import visiting
from tests.support.furnished import PACE
from tests.support.product import Product, running_product

LATER_MS = 90_000


def printed_link(product: Product) -> str:
    found = re.search(r"open (http\S+)", product.output())
    assert found is not None, product.output()
    return found[1]


async def load_the_sample_data(page: Page) -> None:
    await page.get_by_role("button", name="Load sample data").click()
    await expect(page.get_by_role("heading", name="Dashboard", level=1)).to_be_visible(timeout=LATER_MS)
    customers = page.get_by_role("region", name="New customers")
    await expect(customers).to_contain_text("2,000", timeout=LATER_MS)


async def choose(box: Locator, option: str) -> None:
    await box.click()
    await box.page.get_by_role("option", name=option, exact=True).click()


async def build_a_segment(page: Page) -> str:
    """Those who spent a lot, and those in Pune who ordered more than once; how many, as it is shown."""
    await page.get_by_role("link", name="Segments", exact=True).click()
    await page.get_by_role("link", name="New segment").first.click()
    await page.get_by_role("textbox", name="Name").fill("Likely to buy")
    rule = page.get_by_role("group", name="Rule")
    await rule.get_by_role("button", name="Condition", exact=True).click()
    first = page.get_by_role("group", name="Condition 1")
    await choose(first.get_by_label("Field"), "Total spend")
    await choose(first.get_by_label("Comparison"), "is at least")
    await first.get_by_label("Value of Total spend").fill("40000")
    shown = page.get_by_role("complementary", name="Who matches")
    await expect(shown.get_by_role("list", name="Some of them")).to_be_visible()
    few = await matching(shown)
    await choose(rule.get_by_label("How the conditions go together").first, "any of these")
    await rule.get_by_role("button", name="Group", exact=True).click()
    group = page.get_by_role("group", name="Group")
    await choose(group.get_by_label("Field"), "City")
    await choose(group.get_by_label("Value of City"), "Pune")
    await group.get_by_role("button", name="Condition", exact=True).click()
    second = group.get_by_role("group", name="Condition 2")
    await choose(second.get_by_label("Field"), "Orders")
    await second.get_by_label("Value of Orders").fill("1")
    await expect(shown).to_contain_text("Pune")
    await expect(shown).not_to_contain_text(f"{few} customers")
    await page.get_by_role("button", name="Save segment").click()
    await expect(page.get_by_role("heading", name="Likely to buy")).to_be_visible()
    return await matching(shown)


async def matching(shown: Locator) -> str:
    found = re.search(r"([\d,]+) customers", " ".join((await shown.inner_text()).split()))
    assert found is not None
    return found[1]


# What must not be seen, not even for a moment.
WATCHED = """() => new MutationObserver(() => {
    if (document.body.innerText.includes("Too late to edit")) document.body.dataset.flashed = "yes"
}).observe(document.body, {childList: true, subtree: true})"""


async def write_a_campaign(page: Page, people: str) -> None:
    await page.get_by_role("link", name="Launch a campaign").click()
    await page.get_by_role("textbox", name="Name").fill("First greetings")
    await page.get_by_role("button", name="Continue to the message").click()
    await page.get_by_role("textbox", name="Subject").fill("Hello {{ first_name }}")
    await page.get_by_role("button", name="Continue to delivery").click()
    await page.get_by_role("button", name="Continue to review").click()
    await expect(page.get_by_role("definition").first).to_have_text(people)
    await page.evaluate(WATCHED)
    await page.get_by_role("button", name="Launch…").click()
    await page.get_by_role("dialog").get_by_role("button", name="Send to").click()


async def test_from_the_printed_link_to_a_campaign_that_arrived(
    broker_settings: dict[str, str], tmp_path: Path, browser: Browser
) -> None:
    async with (
        running_product(tmp_path, **PACE, **broker_settings) as product,
        visiting(browser, product.url) as visitor,
    ):
        page = visitor.page
        await page.goto(printed_link(product))
        await load_the_sample_data(page)
        people = await build_a_segment(page)
        await write_a_campaign(page, people)
        await expect(page.get_by_role("heading", name="First greetings")).to_be_visible()
        await expect(page.get_by_role("main")).to_contain_text("Completed", timeout=LATER_MS)
        await expect(page.locator("body")).not_to_have_attribute("data-flashed", "yes")
