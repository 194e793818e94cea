"""What people expect of any good tool: keys, addresses, the way back."""

import re

from playwright.async_api import Page, expect

from tests.support.axe import check_accessible
from tests.support.browser import Visitor


async def palette_of(page: Page) -> None:
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("textbox", name="Search or jump to")).to_be_focused()


async def test_the_keyboard_leads_anywhere(desk: Visitor) -> None:
    page = desk.page
    await desk.open("/dashboard")
    await expect(page.get_by_role("heading", name="Dashboard", level=1)).to_be_visible()
    await palette_of(page)
    await check_accessible(page)
    await page.keyboard.type("camp")
    await expect(page.get_by_role("button", name="New campaign")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{desk.url}/campaigns")
    await palette_of(page)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("textbox", name="Search or jump to")).to_be_hidden()


async def test_the_palette_searches_customers(desk: Visitor) -> None:
    page = desk.page
    await desk.open("/segments")
    await expect(page.get_by_role("heading", name="Segments", level=1)).to_be_visible()
    await palette_of(page)
    await page.keyboard.type("sharma")
    await page.get_by_role("button", name="Search customers for “sharma”").click()
    await expect(page).to_have_url(f"{desk.url}/customers?q=sharma")
    await expect(page.get_by_role("searchbox", name=re.compile("Search"))).to_have_value("sharma")
    await expect(page.get_by_role("row").nth(1)).to_contain_text("Sharma")


async def test_an_address_keeps_what_was_searched_and_chosen(desk: Visitor) -> None:
    page = desk.page
    await desk.open("/campaigns")
    await page.get_by_role("tab", name="Paused").click()
    await page.get_by_role("searchbox", name="Search campaigns").fill("arriv")
    await expect(page).to_have_url(re.compile(r"view=PAUSED.*q=arriv|q=arriv.*view=PAUSED"))
    await expect(page.get_by_role("link", name="New arrivals")).to_be_visible()
    await expect(page.get_by_role("link", name="Autumn sale")).to_be_hidden()
    await page.reload()
    await expect(page.get_by_role("searchbox", name="Search campaigns")).to_have_value("arriv")
    await expect(page.get_by_role("tab", name="Paused")).to_have_attribute("aria-selected", "true")
    await page.get_by_role("link", name="New arrivals").click()
    await expect(page.get_by_role("heading", name="New arrivals")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("searchbox", name="Search campaigns")).to_have_value("arriv")
    await expect(page.get_by_role("link", name="New arrivals")).to_be_visible()
