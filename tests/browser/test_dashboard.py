"""What the dashboard says is what the API says."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from playwright.async_api import expect

from tests.support.browser import Visitor
from tests.support.furnished import Furnished
from tests.support.waiting import until

PERIODS = {7: "7 days", 30: "30 days", 90: "90 days", 365: "1 year"}
MILLION = Decimal(1_000_000)


def rounded(value: Decimal, digits: int) -> str:
    """As it is said: halves away from 0, nothing but zeros after the point left out."""
    text = f"{value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(value: str) -> str:
    amount = Decimal(value)
    return f"₹{amount:,.2f}".removesuffix(".00")


def short_money(value: str) -> str:
    amount = Decimal(value)
    return money(value) if amount < MILLION else f"₹{rounded(amount / MILLION, 1)}M"


def change(now: Any, before: Any) -> str:
    if not Decimal(before):
        return ""
    percent = (Decimal(now) - Decimal(before)) / Decimal(before) * 100
    size = rounded(abs(percent), 1 if abs(percent) < 10 else 0)
    return ("unchanged" if abs(percent) < Decimal("0.05") else "up " if percent > 0 else "down ") + f"{size}%"


def tiles_of(answer: dict[str, Any]) -> dict[str, str]:
    """The text of each tile, by its name."""
    now, before, sums = answer["current"], answer["previous"], answer["totals"]
    notes = {
        "revenue": f"{short_money(sums['revenue'])} in all",
        "orders": f"{sums['orders']:,} in all",
        "customers": f"{sums['customers']:,} in all, {sums['active_customers']:,} active",
        "campaigns": f"{sums['campaigns']:,} in all, {sums['active_campaigns']:,} active",
        "delivered": f"{sums['delivered']:,} in all",
        "failed": f"{sums['failed']:,} in all",
    }
    names = ("Revenue", "Orders", "New customers", "Campaigns launched", "Delivered", "Failed")
    return {
        name: name
        + (short_money(now[key]) if key == "revenue" else f"{now[key]:,}")
        + change(now[key], before[key])
        + note
        for name, (key, note) in zip(names, notes.items(), strict=True)
    }


@pytest.mark.parametrize("days", PERIODS)
async def test_the_figures_are_those_of_the_api(desk: Visitor, furnished: Furnished, days: int) -> None:
    page = desk.page
    await desk.open("/dashboard")
    await page.get_by_role("radiogroup", name="Period").get_by_text(PERIODS[days]).click()
    tiles = page.get_by_role("group", name="Figures").get_by_role("region")

    async def look() -> tuple[dict[str, str], dict[str, str]]:
        said = await furnished.product.ask("GET", "/dashboard", params={"days": str(days)})
        texts = await tiles.all_text_contents()
        return tiles_of(said), dict(zip(tiles_of(said), texts, strict=False))

    await until(look, lambda seen: seen[0] == seen[1])


async def test_a_chart_read_as_a_table_has_the_days_of_the_api(desk: Visitor, furnished: Furnished) -> None:
    page = desk.page
    await desk.open("/dashboard")
    said = await furnished.product.ask("GET", "/dashboard", params={"days": "30"})
    days = list(reversed(said["series"]["orders"]))
    for name, values in (
        ("Revenue", [money(day["revenue"]) for day in days]),
        ("Orders", [f"{day['orders']:,}" for day in days]),
    ):
        await page.get_by_role("button", name=f"Show {name.lower()} as a table").click()
        table = page.get_by_role("table").filter(has_text=f"Day{name}")
        await expect(table.get_by_role("row")).to_have_count(len(days) + 1)
        assert await table.get_by_role("cell").all_text_contents() == [
            text for day, value in zip(days, values, strict=True) for text in (shown_day(day["day"]), value)
        ]


def shown_day(day: str) -> str:
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    _, month, number = re.split("-", day)
    return f"{months[int(month) - 1]} {int(number)}"


async def test_a_large_amount_is_told_exactly_when_one_asks(desk: Visitor, furnished: Furnished) -> None:
    page = desk.page
    await desk.open("/dashboard?days=365")
    said = await furnished.product.ask("GET", "/dashboard", params={"days": "365"})
    tile = page.get_by_role("group", name="Figures").get_by_role("region", name="Revenue")
    await tile.get_by_text(short_money(said["current"]["revenue"]), exact=True).hover()
    await expect(page.get_by_role("tooltip")).to_have_text(money(said["current"]["revenue"]))
