"""The assistant, with a model that follows a script: it proposes, and the person decides."""

import re

import aiohttp
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


async def campaign_named(product: Product, name: str) -> dict[str, str]:
    found = await product.ask("GET", "/campaigns", params={"q": name})
    assert len(found["items"]) == 1, found
    campaign: dict[str, str] = found["items"][0]
    return campaign


async def test_a_campaign_is_prepared_launched_and_reported_once_it_is_approved(
    person: Visitor, product: Product
) -> None:
    page = person.page
    drawer = await open_anew(person)
    await say(drawer, "Win back the big spenders")
    segment = drawer.get_by_role("region", name="Create a segment")
    await expect(segment).to_contain_text("Customers who have spent more than ₹20,000.")
    assert (await product.ask("GET", "/segments", params={"q": "Worth winning back"}))["items"] == []
    await segment.get_by_role("button", name="Create segment").click()

    draft = drawer.get_by_role("region", name="Draft a campaign")
    await expect(segment).to_contain_text("Done")
    await expect(draft).to_contain_text("something new is here")
    await draft.get_by_role("button", name="Create draft").click()

    launch = drawer.get_by_role("region", name="Launch a campaign")
    await expect(launch).to_contain_text("Will get a message")
    assert (await campaign_named(product, "Win back"))["status"] == "DRAFT"
    # What is said and what waits survive the page.
    await page.reload()
    await page.get_by_role("button", name="Assistant").click()
    await launch.get_by_role("button", name=re.compile("Launch to [0-9]+ customers")).click()
    await expect(drawer.get_by_text("It is decided: The person approved")).to_be_visible()

    campaign = await campaign_named(product, "Win back")
    stats = await until(
        lambda: product.ask("GET", f"/campaigns/{campaign['campaign_id']}/stats"),
        lambda stats: stats["status"] == "COMPLETED",
        within_s=60,
    )
    await say(drawer, "Numbers, please")
    await expect(drawer.get_by_text(f"Delivered: {stats['delivered']:,}")).to_be_visible()
    await launch.get_by_role("link", name="Open").click()
    await expect(page).to_have_url(f"{person.url}/campaigns/{campaign['campaign_id']}")
    await expect(drawer).to_be_hidden()


async def test_a_customer_who_gives_orders_by_name_changes_nothing(person: Visitor, product: Product) -> None:
    await lure(product, "Not yet")
    # Even a model that obeys gets no further than a card.
    drawer = await open_anew(person)
    await say(drawer, "Look for customers with odd names")
    card = drawer.get_by_role("region", name="Launch a campaign")
    await expect(card).to_contain_text("Not yet")
    assert (await campaign_named(product, "Not yet"))["status"] == "DRAFT"
    await card.get_by_role("button", name="Decline").click()
    await expect(card).to_contain_text("Not done")
    await expect(drawer.get_by_text("As you wish.")).to_be_visible()
    assert (await campaign_named(product, "Not yet"))["status"] == "DRAFT"


async def test_an_approval_is_good_for_what_the_card_showed_also_after_a_restart(
    person: Visitor, product: Product
) -> None:
    campaign_id = await lure(product, "Changed meanwhile")
    drawer = await open_anew(person)
    await say(drawer, "Look for customers with odd names")
    card = drawer.get_by_role("region", name="Launch a campaign")
    await expect(card).to_contain_text("Changed meanwhile")
    await restart_assistant(product)
    await product.ask("PATCH", f"/campaigns/{campaign_id}", json={"message_template": "Something else"})
    await card.get_by_role("button", name="Launch to").click()
    await expect(drawer.get_by_text("As you wish.")).to_be_visible()
    await expect(card.get_by_role("button")).to_have_count(0)
    await expect(card).not_to_contain_text("Done")
    assert (await campaign_named(product, "Changed meanwhile"))["status"] == "DRAFT"


async def test_an_answer_is_cut_short_by_the_person(person: Visitor) -> None:
    drawer = await open_anew(person)
    await say(drawer, "Story, please")
    await expect(drawer.get_by_text("Once upon a time 3.")).to_be_visible()
    await drawer.get_by_role("button", name="Stop").click()
    await expect(drawer.get_by_text("Stopped")).to_be_visible()
    await say(drawer, "Hello again")
    await expect(drawer.get_by_text("Ready.")).to_be_visible()
    await expect(drawer.get_by_text("Story, please")).to_be_visible()


async def test_of_several_cards_each_is_decided_by_itself_and_the_keyboard_stays_there(
    person: Visitor, product: Product
) -> None:
    page = person.page
    drawer = await open_anew(person)
    await say(drawer, "Several at once")
    wanted = drawer.get_by_role("region", name="Create a segment").first
    unwanted = drawer.get_by_role("region", name="Create a segment").last
    await expect(unwanted).to_contain_text("Unwanted")
    status = drawer.get_by_role("status")
    await expect(status).to_have_text("2 wait for your decision: Create a segment, Create a segment")

    await wanted.get_by_role("button", name="Create segment").press("Enter")
    await expect(wanted).to_be_focused()
    await expect(wanted).to_contain_text("Done")
    await expect(status).to_have_text("Waiting for your decision: Create a segment")
    await expect(drawer.get_by_text("Decided:")).to_be_hidden()
    await page.emulate_media(reduced_motion="reduce")
    await page.set_viewport_size(WIDE)
    await looks_finished(page, "assistant-several")

    await unwanted.get_by_role("button", name="Decline").press("Enter")
    await expect(unwanted).to_be_focused()
    await expect(unwanted).to_contain_text("Not done")
    await expect(drawer.get_by_text("Decided: 2.")).to_be_visible()
    await expect(status).to_be_empty()
    kept = {each["name"] for each in (await product.ask("GET", "/segments", params={"q": "wanted"}))["items"]}
    assert kept == {"Wanted"}


async def test_what_is_decided_in_one_window_is_decided_in_the_other(
    person: Visitor, product: Product
) -> None:
    await lure(product, "In two windows")
    drawer = await open_anew(person)
    await say(drawer, "Look for customers with odd names")
    here = drawer.get_by_role("region", name="Launch a campaign")
    await expect(here.get_by_role("button", name="Decline")).to_be_enabled()
    other = await person.context.new_page()
    await other.goto(person.url + "/campaigns")
    await other.get_by_role("button", name="Assistant").click()
    there = drawer_of(other).get_by_role("region", name="Launch a campaign")
    await there.get_by_role("button", name="Decline").click()
    await expect(drawer_of(other).get_by_text("As you wish.")).to_be_visible()

    with person.watch.expecting(409):
        await here.get_by_role("button", name="Launch to").click()
        await expect(drawer.get_by_text("This was decided before")).to_be_visible()
        await expect(here).to_contain_text("Not done")
    await expect(here.get_by_role("button")).to_have_count(0)
    await expect(drawer.get_by_text("As you wish.")).to_be_visible()

    await say(drawer_of(other), "Hello from the other window")
    await expect(drawer_of(other).get_by_text("Ready.")).to_be_visible()
    await expect(drawer.get_by_text("Hello from the other window")).to_be_hidden()
    await person.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(drawer.get_by_text("Hello from the other window")).to_be_visible()


async def test_what_rules_do_not_read_the_assistant_may(person: Visitor) -> None:
    """The model's first rule asks for a field that there is none of; the validator has it corrected."""
    page = person.page
    await person.open("/segments/new")
    await page.get_by_label("Describe who you want to reach").fill("those in Pune who love our shop")
    await page.get_by_role("button", name="Build the rule").click()
    await page.get_by_role("button", name="Let the assistant read it").click()
    await expect(page.get_by_text("Read by the assistant as:")).to_contain_text("more than ₹20,000")
    await expect(page.get_by_role("list", name="Left out")).to_contain_text("somewhere near the sea")
    # The model said nothing of it, and its rule does not ask about the city.
    await expect(page.get_by_role("list", name="Left out")).to_contain_text("in Pune")
    await expect(page.get_by_text("The rules alone had left out: “love our shop”.")).to_be_visible()
    await page.emulate_media(reduced_motion="reduce")
    await page.set_viewport_size(WIDE)
    await looks_finished(page, "plain-words-assistant")
    await expect(page.get_by_role("group", name="Condition")).to_have_count(1)
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("list", name="Understood")).to_contain_text("Pune")


async def test_what_other_pages_make_a_browser_send_is_refused(person: Visitor) -> None:
    drawer = await open_anew(person)
    for token in ({}, {"x-csrf-token": "guessed"}):
        answer = await person.page.request.post(
            f"{person.url}/assistant/messages", data={"text": "Hello"}, headers=token
        )
        assert answer.status == 403, await answer.text()
    await person.page.reload()
    await person.page.get_by_role("button", name="Assistant").click()
    await expect(drawer.get_by_text("Ask about your customers")).to_be_visible()
    async with aiohttp.ClientSession() as http, http.get(f"{person.url}/assistant/conversation") as answered:
        assert answered.status == 401


async def test_tags_in_an_answer_are_text_and_the_drawer_is_for_everybody(person: Visitor) -> None:
    page = person.page
    drawer = await open_anew(person)
    await say(drawer, "Hello")
    await expect(drawer.get_by_text("two <b>tags</b>")).to_be_visible()
    await say(drawer, "Win back the big spenders, again")
    await expect(drawer.get_by_role("region", name="Create a segment")).to_be_visible()
    await expect(drawer.get_by_role("button", name="Send")).to_be_visible()
    await page.emulate_media(reduced_motion="reduce")
    await page.set_viewport_size(WIDE)
    await looks_finished(page, "assistant")


async def test_without_a_model_there_is_no_assistant(desk: Visitor) -> None:
    page = desk.page
    await desk.open("/segments/new")
    await expect(page.get_by_role("button", name="Search")).to_be_visible()
    await expect(page.get_by_role("button", name="Assistant")).to_be_hidden()
    await page.get_by_label("Describe who you want to reach").fill("those who love our shop")
    await page.get_by_role("button", name="Build the rule").click()
    await expect(page.get_by_text("Nothing of this was understood.").last).to_be_visible()
    await expect(page.get_by_role("button", name="Let the assistant read it")).to_have_count(0)
    await page.keyboard.press("Control+j")
    await page.keyboard.press("Control+k")
    await page.get_by_role("textbox", name="Search or jump to").fill("as")
    await expect(page.get_by_role("button", name="Dashboard")).to_be_visible()
    await expect(page.get_by_role("button", name="Ask the assistant")).to_have_count(0)
    await expect(drawer_of(page)).to_have_count(0)
