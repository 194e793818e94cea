"""The way out of a message, as its reader sees it."""

import re
from uuid import uuid4

import pytest
from playwright.async_api import ViewportSize, expect

from tests.browser.conftest import Visit
from tests.support.axe import check_accessible
from tests.support.furnished import Furnished
from tests.support.screen import PHONE, WIDE, is_as_wide_as_the_screen

THREE = {"combinator": "and", "rules": [{"field": "total_spend", "operator": ">", "value": 60000}]}


async def link_of_a_message(furnished: Furnished) -> tuple[str, str]:
    """The customer, and the address that their message ends with."""
    segment = await furnished.segment(f"Few {uuid4()}", THREE)
    campaign = await furnished.launched("With a way out", segment, message_template="{{ unsubscribe_url }}")
    await furnished.has_status(campaign, "COMPLETED")
    ask = furnished.product.ask
    suppressed = {each["customer_id"] for each in (await ask("GET", "/suppressions"))["items"]}
    messages = (await ask("GET", f"/campaigns/{campaign}/messages"))["items"]
    message = next(
        each for each in messages if each["state"] == "DELIVERED" and each["customer_id"] not in suppressed
    )
    found = re.search(r"http\S+", (await ask("GET", f"/messages/{message['message_id']}"))["body"])
    assert found is not None
    return message["customer_id"], found[0]


@pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["wide", "phone"])
async def test_a_reader_unsubscribes_without_signing_in(
    visit: Visit, furnished: Furnished, screen: ViewportSize
) -> None:
    customer, link = await link_of_a_message(furnished)
    assert link.startswith(f"{furnished.product.url}/u/")
    reader = await visit(furnished.product.url, viewport=screen)
    page = reader.page
    await page.goto(link)
    await expect(page.get_by_role("heading", name="Unsubscribe?")).to_be_visible()
    await check_accessible(page)
    assert await is_as_wide_as_the_screen(page)
    await page.get_by_role("button", name="Unsubscribe").click()
    await expect(page.get_by_role("status")).to_contain_text("You will get no more news")
    await check_accessible(page)
    listed = (await furnished.product.ask("GET", "/suppressions"))["items"]
    assert customer in {each["customer_id"] for each in listed}
