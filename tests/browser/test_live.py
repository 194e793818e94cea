"""What is on the screen follows what happens, also after the connection was lost."""

import os
import signal

from playwright.async_api import expect

from tests.support.browser import Visitor
from tests.support.furnished import Furnished
from tests.support.waiting import until

HEALED_MS = 60_000


async def order_something(furnished: Furnished) -> None:
    ask = furnished.product.ask_patiently
    customer = await ask("GET", f"/profiles/{furnished.ids.customer}")
    order = {"customer_email": customer["email"], "order_amount": 10}
    await ask("POST", "/orders", json=order)


async def test_the_dashboard_follows_along_and_heals_after_the_service_died(
    desk: Visitor, furnished: Furnished
) -> None:
    page, product = desk.page, furnished.product
    orders = (await product.ask("GET", "/dashboard"))["totals"]["orders"]
    tile = page.get_by_role("group", name="Figures").get_by_role("region", name="Orders")
    await desk.open("/dashboard")
    live = page.get_by_text("Live", exact=True)
    await expect(live).to_be_visible()
    await order_something(furnished)
    await expect(tile).to_contain_text(f"{orders + 1:,} in all")

    with desk.watch.expecting(0, 502, 503):
        former = product.pids()["campaigns"]
        os.kill(former, signal.SIGKILL)
        await expect(page.get_by_text("Reconnecting")).to_be_visible()
        await expect(live).to_be_visible(timeout=HEALED_MS)
    await order_something(furnished)
    await expect(tile).to_contain_text(f"{orders + 2:,} in all")
    await until(product.is_ready, bool)
