"""A campaign that is watched, stopped, corrected and sent on, with the mouse."""

from uuid import uuid4

from playwright.async_api import expect

from tests.support.axe import check_accessible
from tests.support.browser import Visitor
from tests.support.furnished import Furnished
from tests.support.waiting import until

FEW = {"combinator": "and", "rules": [{"field": "total_spend", "operator": ">", "value": 25000}]}
TYPO, RIGHT = "Hi {{ first_name }}, a tpyo", "Hi {{ first_name }}, no typo"


async def test_the_rest_gets_the_corrected_text(desk: Visitor, furnished: Furnished) -> None:
    page, name = desk.page, f"Corrected {uuid4().hex[:6]}"
    segment = await furnished.segment(f"For {name}", FEW)
    campaign = await furnished.half_sent(name, segment, message_template=TYPO)
    await desk.open(f"/campaigns/{campaign}")
    await expect(page.get_by_role("heading", name=name)).to_be_visible()
    await page.get_by_role("button", name="Pause", exact=True).click()
    await expect(page.get_by_role("main")).to_contain_text("Paused")
    await page.get_by_role("link", name="Correct the message").click()
    await page.get_by_role("textbox", name="Text", exact=True).fill(RIGHT)
    await expect(page.get_by_role("region", name="The message as text")).to_contain_text("no typo")
    await check_accessible(page)
    await page.get_by_role("button", name="Save, stay paused").click()
    await furnished.turn()
    await page.get_by_role("button", name="Resume", exact=True).click()
    await expect(page.get_by_role("main")).to_contain_text("Completed")
    await furnished.has_status(campaign, "COMPLETED")

    ask = furnished.product.ask
    messages = (await ask("GET", f"/campaigns/{campaign}/messages?limit=1000"))["items"]
    assert len(messages) == (await furnished.stats(campaign))["audience"]
    by_version = {message["template_version"]: message["message_id"] for message in messages}
    drawer = page.get_by_role("dialog")
    await desk.open(f"/campaigns/{campaign}?tab=messages&message={by_version[1]}")
    await expect(drawer).to_contain_text("a tpyo")
    await desk.open(f"/campaigns/{campaign}?tab=messages&message={by_version[2]}")
    await expect(drawer).to_contain_text("no typo")
    await page.keyboard.press("Escape")
    await expect(drawer).to_be_hidden()
    await expect(page.get_by_role("tab", name="Messages")).to_have_attribute("aria-selected", "true")


async def test_progress_is_watched_as_it_happens(desk: Visitor, furnished: Furnished) -> None:
    page, name = desk.page, f"Watched {uuid4().hex[:6]}"
    segment = await furnished.segment(f"For {name}", FEW)
    campaign = await furnished.half_sent(name, segment)
    await desk.open(f"/campaigns/{campaign}")
    progress = page.get_by_role("progressbar").first
    await expect(progress).not_to_have_attribute("aria-valuenow", "0")
    seen = await progress.get_attribute("aria-valuenow")
    assert seen is not None
    assert int(seen) < 100
    await expect(progress).not_to_have_attribute("aria-valuenow", seen)
    await furnished.turn()
    await expect(progress).to_have_attribute("aria-valuenow", "100")
    await expect(page.get_by_role("main")).to_contain_text("Completed")


async def test_a_campaign_is_cancelled_only_after_one_more_question(
    desk: Visitor, furnished: Furnished
) -> None:
    page, name = desk.page, f"Cancelled {uuid4().hex[:6]}"
    segment = await furnished.segment(f"For {name}", FEW)
    campaign = await furnished.paused(name, segment)
    await desk.open(f"/campaigns/{campaign}")
    await page.get_by_role("button", name="Cancel", exact=True).click()
    question = page.get_by_role("dialog", name="Cancel this campaign?")
    await expect(question).to_be_visible()
    await check_accessible(page)
    await question.get_by_role("button", name="Keep").click()
    await expect(question).to_be_hidden()
    assert (await furnished.stats(campaign))["status"] == "PAUSED"
    await page.get_by_role("button", name="Cancel", exact=True).click()
    await question.get_by_role("button", name="Cancel the campaign").click()
    await expect(page.get_by_role("main")).to_contain_text("Cancelled")
    await until(lambda: furnished.stats(campaign), lambda stats: stats["cancelled"] and not stats["pending"])


async def test_a_deleted_segment_can_be_brought_back(desk: Visitor, furnished: Furnished) -> None:
    page, name = desk.page, f"Short-lived {uuid4().hex[:6]}"
    segment = await furnished.segment(name, FEW)
    row = page.get_by_role("row").filter(has_text=name)
    await desk.open(f"/segments?q={name.replace(' ', '%20')}")
    await row.get_by_role("button", name=f"More for {name}").click()
    await page.get_by_role("menuitem", name="Delete").click()
    await expect(row).to_be_hidden()
    await page.get_by_role("button", name="Undo").click()
    await expect(row).to_be_visible()
    await page.reload()
    await expect(row).to_be_visible()
    await row.get_by_role("button", name=f"More for {name}").click()
    await page.get_by_role("menuitem", name="Delete").click()
    await expect(row).to_be_hidden()
    # Whoever leaves the page has made up their mind.
    await page.get_by_role("link", name="Dashboard").click()
    await expect(page.get_by_role("heading", name="Dashboard", level=1)).to_be_visible()
    await page.get_by_role("link", name="Segments", exact=True).click()
    await expect(page.get_by_role("link", name="Big spenders")).to_be_visible()
    await expect(row).to_be_hidden()
    listed = (await furnished.product.ask("GET", "/segments", params={"q": name}))["items"]
    assert segment not in {each["segment_id"] for each in listed}
