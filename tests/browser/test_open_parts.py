"""Dialogs, drawers, menus and tabs are for everybody too, when they are open."""

import re
from dataclasses import dataclass
from typing import Literal

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.looks import looks_finished
from tests.support.browser import Visitor
from tests.support.furnished import Furnished, Ids
from tests.support.screen import WIDE

Role = Literal["button", "dialog", "menu", "menuitem", "region", "tab", "table", "tabpanel"]


@dataclass(frozen=True)
class Part:
    """`path` may name an id in braces; `press` is clicked, in order; `shown` is what there is then."""

    name: str
    path: str
    press: tuple[tuple[Role, str], ...]
    shown: tuple[Role, str]

    def at(self, ids: Ids) -> str:
        return self.path.format(**vars(ids))


PARTS = (
    Part("account", "/dashboard", (("button", "Account of Owner"),), ("menu", "")),
    Part("new-key", "/keys", (("button", "New key"),), ("dialog", "New key")),
    Part("invite", "/people", (("button", "Invite"),), ("dialog", "Invite")),
    Part("person", "/people", (("button", "Actions on priya"),), ("menu", "")),
    Part("segment-menu", "/segments", (("button", "More for Big spenders"),), ("menu", "")),
    Part("segment-copy", "/segments/{segment}", (("button", "Save as copy"),), ("dialog", "")),
    Part("campaign-menu", "/campaigns", (("button", "More for Autumn sale"),), ("menu", "")),
    Part("customer-orders", "/customers/{customer}", (("tab", "Orders"),), ("tabpanel", "Orders")),
    Part("customer-messages", "/customers/{customer}", (("tab", "Messages"),), ("tabpanel", "Messages")),
    Part("customer-menu", "/customers/{customer}", (("button", "Manage"),), ("menu", "")),
    Part(
        "customer-correct",
        "/customers/{customer}",
        (("button", "Manage"), ("menuitem", "Correct")),
        ("dialog", ""),
    ),
    Part(
        "customer-erase",
        "/customers/{customer}",
        (("button", "Manage"), ("menuitem", "Erase")),
        ("dialog", ""),
    ),
    Part("campaign-messages", "/campaigns/{campaign}", (("tab", "Messages"),), ("table", "")),
    Part("campaign-setup", "/campaigns/{campaign}", (("tab", "Set-up"),), ("tabpanel", "Set-up")),
    Part("campaign-paused", "/campaigns/{paused}", (), ("button", "Resume")),
    Part("campaign-cancel", "/campaigns/{paused}", (("button", "Cancel"),), ("dialog", "Cancel this")),
    Part("campaign-correct", "/campaigns/{paused}/edit", (), ("button", "Save, stay paused")),
    Part("draft-message", "/campaigns/{draft}/edit?step=message", (), ("region", "The message as text")),
    Part("draft-delivery", "/campaigns/{draft}/edit?step=delivery", (), ("button", "Continue to review")),
    Part("draft-review", "/campaigns/{draft}/edit?step=review", (), ("region", "The message as text")),
    Part(
        "draft-launch", "/campaigns/{draft}/edit?step=review", (("button", "Launch…"),), ("dialog", "Send to")
    ),
)


def find(page: Page, part: tuple[Role, str]) -> Locator:
    role, name = part
    return page.get_by_role(role, name=re.compile(f"^{re.escape(name)}")).first


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
async def test_what_opens_looks_finished(desk: Visitor, furnished: Furnished, part: Part) -> None:
    page = desk.page
    await page.emulate_media(reduced_motion="reduce")
    await page.set_viewport_size(WIDE)
    await desk.open(part.at(furnished.ids))
    for pressed in part.press:
        await find(page, pressed).click()
    await expect(find(page, part.shown)).to_be_visible()
    await looks_finished(page, part.name)
