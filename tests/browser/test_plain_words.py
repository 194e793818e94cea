"""A sentence becomes a rule in the builder, and nothing is left out silently."""

from playwright.async_api import Locator, Page, expect

from tests.browser.looks import looks_finished
from tests.support.browser import Visitor
from tests.support.furnished import Furnished
from tests.support.screen import WIDE

SENTENCE = "active customers in Pune who spent over 5,000 but haven't ordered for 90 days"
RULES = {
    "combinator": "and",
    "rules": [
        {"field": "status", "operator": "=", "value": "ACTIVE"},
        {"field": "attributes.city", "operator": "=", "value": "Pune"},
        {"field": "total_spend", "operator": ">", "value": 5000},
        {"field": "days_since_last_order", "operator": ">=", "value": 90},
    ],
}


def sentence_of(page: Page) -> Locator:
    return page.get_by_label("Describe who you want to reach")


def conditions_of(page: Page) -> Locator:
    return page.get_by_role("region", name="Rule", exact=True).get_by_role("group", name="Condition")


async def say(page: Page, text: str) -> None:
    await sentence_of(page).fill(text)
    await sentence_of(page).press("Enter")


async def test_a_sentence_fills_the_builder_and_says_how_many_match(
    desk: Visitor, furnished: Furnished
) -> None:
    page = desk.page
    preview = await furnished.product.ask("POST", "/segments/preview", json={"rules": RULES, "sample": 0})
    assert preview["count"] > 0
    await desk.open("/segments/new")
    await say(page, SENTENCE)
    await expect(page.get_by_role("list", name="Understood").get_by_role("listitem")).to_have_count(4)
    await expect(conditions_of(page)).to_have_count(4)
    audience = page.get_by_role("complementary", name="Who matches")
    await expect(audience).to_contain_text(preview["words"])
    await expect(audience).to_contain_text(f"{preview['count']:,} customers")
    await page.get_by_role("button", name="Undo").click()
    await expect(conditions_of(page)).to_have_count(0)
    await expect(sentence_of(page)).to_have_value(SENTENCE)


async def test_what_is_left_out_is_said_with_its_reason(desk: Visitor) -> None:
    page = desk.page
    await desk.open("/segments/new")
    await say(page, "spendt over 5,000 and love dogs")
    await expect(page.get_by_role("list", name="Understood")).to_contain_text("took “spendt” as “spent”")
    await expect(page.get_by_role("list", name="Left out")).to_contain_text("“love dogs”: not understood")
    await page.emulate_media(reduced_motion="reduce")
    await page.set_viewport_size(WIDE)
    await looks_finished(page, "plain-words")


async def test_where_nothing_was_understood_the_builder_stays_and_a_hint_is_given(desk: Visitor) -> None:
    page = desk.page
    await desk.open("/segments/new")
    await page.get_by_role("list", name="Examples").get_by_role("button").nth(1).click()
    await expect(conditions_of(page)).to_have_count(2)
    await say(page, "qwertz")
    await expect(page.get_by_text("Nothing of this was understood.").first).to_be_visible()
    await expect(page.get_by_text("Say for example")).to_be_visible()
    await expect(conditions_of(page)).to_have_count(2)
