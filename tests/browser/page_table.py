"""Every page of the web UI: what it is at, and what is on it once it is complete."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.async_api import Locator, Page

from tests.support.furnished import Ids

Find = Callable[[Page], Locator]


def heading(name: str) -> Find:
    return lambda page: page.get_by_role("heading", name=name, exact=True)


def link(name: str) -> Find:
    return lambda page: page.get_by_role("link", name=name).first


def image(name: str) -> Find:
    return lambda page: page.get_by_role("img", name=name)


def cell(name: str) -> Find:
    return lambda page: page.get_by_role("cell", name=name).first


def tab(name: str) -> Find:
    return lambda page: page.get_by_role("tab", name=name, exact=True)


@dataclass(frozen=True)
class PageRow:
    """`route` is as the router has it; `shown` is there when the page has its data."""

    name: str
    route: str
    shown: Find
    thing: Callable[[Ids], str] = lambda ids: ""

    def path(self, ids: Ids) -> str:
        return re.sub(r"\$\w+", self.thing(ids), self.route)


PAGES = (
    PageRow("dashboard", "/dashboard", image("Revenue over")),
    PageRow("customers", "/customers", cell("@")),
    PageRow("customer", "/customers/$customerId", tab("Timeline"), lambda ids: ids.customer),
    PageRow("segments", "/segments", link("Big spenders")),
    PageRow("segment-new", "/segments/new", heading("New segment")),
    PageRow("segment", "/segments/$segmentId", heading("Big spenders"), lambda ids: ids.segment),
    PageRow("campaigns", "/campaigns", link("Autumn sale")),
    PageRow("campaign-new", "/campaigns/new", heading("New campaign")),
    PageRow("campaign", "/campaigns/$campaignId", heading("Autumn sale"), lambda ids: ids.campaign),
    PageRow("campaign-edit", "/campaigns/$campaignId/edit", heading("Welcome back"), lambda ids: ids.draft),
    PageRow("campaign-stats", "/campaignStats", link("Autumn sale")),
    PageRow("people", "/people", cell("priya@shop.example")),
    PageRow("keys", "/keys", cell("Web shop")),
    PageRow("audit", "/audit", cell("Web shop")),
    PageRow("operations", "/operations", cell("customer_queue")),
)
WITHOUT_A_SESSION = PageRow("sign-in", "/sign-in", heading("Sign in"))
LEADS_ELSEWHERE = "/"
