"""What is on the screen: its sizes, what sticks out of it, pictures of it."""

from pathlib import Path

from playwright.async_api import Page, ViewportSize

SHOTS = Path(__file__).parents[1] / "browser" / "shots"
WIDE: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 360, "height": 740}


async def is_as_wide_as_the_screen(page: Page) -> bool:
    """Nothing sticks out that one would have to scroll sideways for."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


async def take_picture(page: Page, name: str) -> None:
    """The whole page, for people to look at."""
    SHOTS.mkdir(exist_ok=True)
    await page.screenshot(path=SHOTS / f"{name}.png", full_page=True, animations="disabled")
