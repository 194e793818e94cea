"""axe-core on a page as it is on the screen: WCAG 2.2, levels A and AA."""

from functools import cache
from pathlib import Path

from playwright.async_api import Page

SOURCE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
EVERYTHING = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
CONTRAST = ("color-contrast",)
RUN = "options => axe.run(document, options).then(({violations}) => violations)"
# What fades in has its colours in the end; two frames after it was put there it has begun to.
FADED_IN = """async () => {
    for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
    const ending = document.getAnimations().filter(each => each.effect?.getComputedTiming().endTime < 10_000);
    await Promise.allSettled(ending.map(each => each.finished));
}"""


@cache
def _source() -> str:
    return SOURCE.read_text(encoding="utf-8")


async def violations(page: Page, rules: tuple[str, ...] = EVERYTHING) -> str:
    """A paragraph for each element that breaks a rule, by its name or tag; empty when none does."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_source())
    await page.evaluate(FADED_IN)
    return "\n\n".join(
        f"{found['id']}: {' '.join(node['target'])}\n{node['html']}\n{node['failureSummary']}"
        for found in await page.evaluate(RUN, {"runOnly": list(rules), "resultTypes": ["violations"]})
        for node in found["nodes"]
    )


async def check_accessible(page: Page) -> None:
    """Fails with everything that is wrong."""
    found = await violations(page)
    assert not found, found
