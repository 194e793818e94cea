"""Every page looks finished and is for everybody: in light, in dark, and on a phone."""

import re
from pathlib import Path

import pytest
from playwright.async_api import StorageState, expect

from tests.browser.conftest import Visit
from tests.browser.looks import looks_finished
from tests.browser.page_table import LEADS_ELSEWHERE, PAGES, WITHOUT_A_SESSION, PageRow
from tests.support.browser import Visitor
from tests.support.furnished import Furnished
from tests.support.screen import WIDE

FRONTEND = Path(__file__).parents[2] / "frontend" / "src"
OPTIONS = {"viewport": WIDE, "reduced_motion": "reduce", "color_scheme": "light"}


def routes_of_the_router() -> set[str]:
    sources = [FRONTEND / "app" / "router.tsx", *FRONTEND.glob("pages/*/routes.tsx")]
    return {path for source in sources for path in re.findall(r'path: "(/[^"]*)"', source.read_text())}


def test_every_route_of_the_router_is_in_the_table() -> None:
    assert {row.route for row in (*PAGES, WITHOUT_A_SESSION)} | {LEADS_ELSEWHERE} == routes_of_the_router()


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row.name)
async def test_a_page_looks_finished(
    visit: Visit, furnished: Furnished, owner: StorageState, row: PageRow
) -> None:
    visitor = await visit(furnished.product.url, storage_state=owner, **OPTIONS)
    await visitor.open(row.path(furnished.ids))
    await expect(row.shown(visitor.page)).to_be_visible()
    await expect(visitor.page).to_have_title(re.compile(r".+ · XenCRM"))
    await looks_finished(visitor.page, row.name)


async def test_the_door_looks_finished(visit: Visit, furnished: Furnished) -> None:
    visitor = await visit(furnished.product.url, **OPTIONS)
    with visitor.watch.expecting(401):
        await visitor.open("/dashboard")
        await expect(visitor.page.get_by_role("heading", name="Sign in")).to_be_visible()
        await looks_finished(visitor.page, "sign-in")


async def test_an_address_that_leads_nowhere_says_so_and_leads_on(desk: Visitor) -> None:
    with desk.watch.expecting(404):
        await desk.open("/no-such-page")
    await expect(desk.page.get_by_role("heading", name="This page does not exist")).to_be_visible()
    await looks_finished(desk.page, "nowhere")
    await desk.page.get_by_role("link", name="Go to the dashboard").click()
    await expect(desk.page.get_by_role("heading", name="Dashboard", level=1)).to_be_visible()
