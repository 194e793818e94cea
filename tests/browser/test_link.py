"""The one-time link that `xencrm up` prints."""

import asyncio
import os
import re

from playwright.async_api import StorageState, expect

from tests.browser.conftest import Visit
from tests.support.axe import check_accessible
from tests.support.furnished import Furnished
from tests.support.product import XENCRM, Product


async def another_link(product: Product) -> str:
    environment = {**os.environ, "XENCRM_HOME": str(product.home)}
    process = await asyncio.create_subprocess_exec(
        XENCRM, "sign-in-link", env=environment, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    found = re.search(r"http\S+", said.decode())
    assert found is not None
    return found[0]


async def test_a_link_signs_in_once(visit: Visit, furnished: Furnished, owner: StorageState) -> None:
    product = furnished.product
    late = await visit(product.url)
    with late.watch.expecting(401):
        await late.page.goto(product.credentials["sign_in_url"])
        await expect(late.page.get_by_role("alert")).to_contain_text("does not work any more")
        await check_accessible(late.page)

    page = (await visit(product.url)).page
    await page.goto(await another_link(product))
    await expect(page.get_by_role("heading", name="Dashboard", level=1)).to_be_visible()
    assert "link=" not in page.url
    await page.go_back()
    await expect(page).not_to_have_url(re.compile("link="))


async def test_whoever_has_no_link_is_told_how_to_get_one(visit: Visit, furnished: Furnished) -> None:
    stranger = await visit(furnished.product.url)
    with stranger.watch.expecting(401):
        await stranger.open("/campaigns?q=sale")
        await expect(stranger.page.get_by_role("main")).to_contain_text("xencrm sign-in-link")
