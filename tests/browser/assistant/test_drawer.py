"""The drawer of the assistant: read, written in and left, by keyboard too, also by viewers."""

import signal
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from tests.browser.assistant.talking import (
    drawer_of,
    lure,
    open_anew,
    restart_assistant,
    say,
)
from tests.browser.looks import looks_finished
from tests.support.browser import Visitor
from tests.support.product import Product
from tests.support.screen import WIDE
from tests.support.waiting import until

BELOW = "log => log.scrollHeight - log.clientHeight - log.scrollTop"


async def test_a_long_answer_is_followed_unless_one_reads_further_up(person: Visitor) -> None:
    page = person.page
    drawer = await open_anew(person)
    log = drawer.get_by_role("log")
    status = drawer.get_by_role("status")
    to_end = drawer.get_by_role("button", name="To the end")
    await say(drawer, "Story, please")
    await expect(status).to_have_text("Thinking…")
    await expect(drawer.get_by_text("Once upon a time 150.")).to_be_visible()
    assert await log.evaluate(BELOW) <= 1
    await expect(to_end).to_be_hidden()

    await log.hover()
    await page.mouse.wheel(0, -200)
    await expect(to_end).to_be_visible()
    above = await log.evaluate("log => log.scrollTop")
    await expect(drawer.get_by_text("Once upon a time 250.")).to_be_attached()
    assert await log.evaluate("log => log.scrollTop") == above
    await to_end.click()
    await expect(to_end).to_be_hidden()
    await expect(log).to_be_focused()
    await expect(drawer.get_by_text("Once upon a time 300.")).to_be_attached()
    assert await log.evaluate(BELOW) <= 1
    await drawer.get_by_role("button", name="Stop").press("Enter")
    await expect(drawer.get_by_role("textbox", name="Ask the assistant")).to_be_focused()
    await expect(drawer.get_by_text("Stopped")).to_be_visible()
    await log.press("Home")
    await expect(to_end).to_be_visible()
    await page.emulate_media(reduced_motion="reduce")
    await page.set_viewport_size(WIDE)
    await looks_finished(page, "assistant-further-up")


async def test_an_answer_whose_process_dies_is_called_cut_off(person: Visitor, product: Product) -> None:
    drawer = await open_anew(person)
    await say(drawer, "Story, please")
    await expect(drawer.get_by_text("Once upon a time 3.")).to_be_visible()
    with person.watch.expecting(0, 502, 503):
        await restart_assistant(product, signal.SIGKILL)
        await expect(drawer.get_by_role("alert")).to_contain_text("The answer was cut off")
        await expect(drawer.get_by_role("button", name="Send")).to_be_visible()
    await say(drawer, "Hello again")
    await expect(drawer.get_by_text("Ready.")).to_be_visible()
    await expect(drawer.get_by_text("Story, please")).to_have_count(1)
    await expect(drawer.get_by_role("alert")).to_have_count(0)


async def test_what_is_too_long_is_not_sent_and_not_cut(person: Visitor) -> None:
    page = person.page
    drawer = await open_anew(person)
    field = drawer.get_by_role("textbox", name="Ask the assistant")
    await say(drawer, "Hello " * 700)
    await expect(drawer.get_by_text("4,199 of 4,000 characters: shorten it to send it")).to_be_visible()
    await expect(drawer.get_by_role("button", name="Send")).to_be_disabled()
    await expect(field).to_have_value("Hello " * 700)
    await expect(drawer.get_by_text("Ask about your customers")).to_be_visible()
    await page.emulate_media(reduced_motion="reduce")
    await page.set_viewport_size(WIDE)
    await looks_finished(page, "assistant-too-long")
    await say(drawer, "Hello")
    await expect(drawer.get_by_text("Ready.")).to_be_visible()
    await expect(field).to_have_value("")


async def test_the_palette_opens_the_assistant(person: Visitor) -> None:
    page = person.page
    await person.open("/campaigns")
    await expect(page.get_by_role("heading", name="Campaigns", level=1)).to_be_visible()
    await page.keyboard.press("Control+k")
    await page.get_by_role("textbox", name="Search or jump to").fill("assis")
    await page.get_by_role("button", name="Ask the assistant").click()
    field = drawer_of(page).get_by_role("textbox", name="Ask the assistant")
    await expect(field).to_be_focused()


async def has_role(person: Visitor, product: Product, role: str) -> None:
    """Given to them, and in their session."""
    owner = (await product.ask("GET", "/people"))["items"][0]["person_id"]
    await product.ask("PATCH", f"/people/{owner}", json={"role": role})

    async def session_role() -> str:
        answer = await person.context.request.get(f"{person.url}/api/v1/session")
        return str((await answer.json())["person"]["role"])

    await until(session_role, lambda now: now == role, within_s=30)


@pytest.fixture
async def viewer(person: Visitor, product: Product) -> AsyncIterator[Visitor]:
    """The same person, in a role that only looks."""
    await has_role(person, product, "viewer")
    yield person
    await has_role(person, product, "admin")


async def test_a_viewers_assistant_only_looks(viewer: Visitor, product: Product) -> None:
    campaign_id = await lure(product, "Nothing for viewers")
    page = viewer.page
    await viewer.open("/campaigns")
    await page.get_by_role("button", name="Assistant").click()
    drawer = drawer_of(page)
    await expect(drawer.get_by_text("It looks things up and changes nothing.")).to_be_visible()
    await expect(drawer.get_by_label("Loading")).to_be_hidden()
    if await drawer.get_by_role("button", name="Start over").is_visible():
        await drawer.get_by_role("button", name="Start over").click()
    await expect(drawer.get_by_role("button", name="Sum up my latest campaign")).to_be_visible()
    await expect(drawer.get_by_role("button", name="Prepare a campaign")).to_have_count(0)
    await page.emulate_media(reduced_motion="reduce")
    await page.set_viewport_size(WIDE)
    await looks_finished(page, "assistant-viewer")

    await say(drawer, "Hello")
    await expect(drawer.get_by_text("Ready.")).to_be_visible()
    # A model that wants to launch all the same has no tool for it.
    await say(drawer, "Look for customers with odd names")
    await expect(drawer.get_by_text("As you wish.")).to_be_visible()
    await expect(drawer.get_by_role("region")).to_have_count(0)
    assert (await product.ask("GET", f"/campaigns/{campaign_id}"))["status"] == "DRAFT"
