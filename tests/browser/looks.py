"""What each page and each part that opens is looked at for."""

from typing import Literal

from playwright.async_api import Page, ViewportSize

from tests.support.axe import CONTRAST, EVERYTHING, violations
from tests.support.screen import PHONE, WIDE, in_colours, is_as_wide_as_the_screen, take_picture

LOOKS: tuple[tuple[str, Literal["light", "dark"], ViewportSize], ...] = (
    ("light", "light", WIDE),
    ("dark", "dark", WIDE),
    ("phone", "light", PHONE),
)


async def looks_finished(page: Page, name: str) -> None:
    """In light, in dark and on a phone; pictures of all three are kept."""
    wrong = []
    for look, scheme, screen in LOOKS:
        await in_colours(page, scheme)
        await page.set_viewport_size(screen)
        await take_picture(page, f"{name}-{look}", screen=screen)
        # In the dark the page is the same but for its colours.
        if found := await violations(page, CONTRAST if scheme == "dark" else EVERYTHING):
            wrong.append(f"{look}: {found}")
        if not await is_as_wide_as_the_screen(page):
            wrong.append(f"{look}: something sticks out")
    assert not wrong, "\n\n".join(wrong)
