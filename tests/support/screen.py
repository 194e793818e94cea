"""What is on the screen: its sizes, what sticks out of it, pictures of it."""

from pathlib import Path
from typing import Literal

from playwright.async_api import Page, ViewportSize, expect

SHOTS = Path(__file__).parents[1] / "browser" / "shots"
WIDE: ViewportSize = {"width": 1280, "height": 860}
HIGHEST = 6_000
# Two frames after a change of the size everything has found its place.
SETTLED_HEIGHT = """() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(
    () => resolve(document.documentElement.scrollHeight))))"""
PHONE: ViewportSize = {"width": 360, "height": 740}


async def is_as_wide_as_the_screen(page: Page) -> bool:
    """Nothing sticks out that one would have to scroll sideways for."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


async def in_colours(page: Page, scheme: Literal["light", "dark"]) -> None:
    """What the system prefers, and the page follows."""
    await page.emulate_media(color_scheme=scheme)
    await expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)


async def take_picture(page: Page, name: str, *, screen: ViewportSize) -> None:
    """For people to look at, on a screen as high as the page; of an endless list its beginning."""
    SHOTS.mkdir(exist_ok=True)
    height = int(await page.evaluate(SETTLED_HEIGHT))
    shown = height if screen["height"] < height < HIGHEST else screen["height"]
    await page.set_viewport_size({"width": screen["width"], "height": shown})
    await page.screenshot(path=SHOTS / f"{name}.png", animations="disabled")
