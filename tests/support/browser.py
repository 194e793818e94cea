"""Debian's Chromium at a running product. Whatever goes wrong behind the screen is kept, to fail the test."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    StorageState,
    async_playwright,
    expect,
)

from tests.support.debian import ensure_installed
from tests.support.product import Product

CHROMIUM = Path("/usr/bin/chromium")
# No name but this machine's is found: what asks for another host fails.
ARGUMENTS = ["--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"]
PATIENCE_MS = 20_000
# What Chromium itself writes about answers and connections; those are watched where they arrive.
OF_THE_NETWORK = "Failed to load resource"


@asynccontextmanager
async def running_chromium() -> AsyncIterator[Browser]:
    ensure_installed(CHROMIUM, "chromium", "Chromium")
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


def origin_of(url: str) -> str:
    return "{0.scheme}://{0.netloc}".format(urlsplit(url))


@dataclass
class Watch:
    """Complaints on the console, uncaught errors, refusals, failures, and requests to another origin."""

    own: str
    others: tuple[str, ...]
    troubles: list[str] = field(default_factory=list)
    _expected: set[int] = field(default_factory=set)

    def over(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.troubles.append(f"uncaught: {error.error}"))
        context.on("request", self._request)
        context.on("requestfailed", self._failed)
        context.on("response", self._response)

    @contextmanager
    def expecting(self, *statuses: int) -> Iterator[None]:
        """Answers that the test brings about itself; 0 is no answer at all."""
        before = set(self._expected)
        self._expected |= set(statuses)
        try:
            yield
        finally:
            self._expected = before

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(OF_THE_NETWORK):
            self.troubles.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        allowed = (self.own, *self.others) if request.is_navigation_request() else (self.own,)
        is_remote = request.url.startswith("http") and origin_of(request.url) not in allowed
        if is_remote and not self._is_of_others(request):
            self.troubles.append(f"leaves the origin: {request.url}")

    def _failed(self, request: Request) -> None:
        # ERR_ABORTED: the page went on before the answer was there.
        is_wrong = request.failure != "net::ERR_ABORTED" and 0 not in self._expected
        if is_wrong and not self._is_of_others(request):
            self.troubles.append(f"{request.failure}: {request.method} {request.url}")

    def _is_of_others(self, request: Request) -> bool:
        """What another site's page loads is not ours to watch."""
        return not request.is_navigation_request() and origin_of(request.frame.url) in self.others

    def _response(self, response: Response) -> None:
        is_ours = origin_of(response.url) == self.own
        if is_ours and response.status >= 400 and response.status not in self._expected:
            self.troubles.append(f"{response.status}: {response.request.method} {response.url}")


@dataclass(frozen=True)
class Visitor:
    """Somebody at a browser of their own: cookies and storage are shared with nobody."""

    url: str
    context: BrowserContext
    page: Page
    watch: Watch

    async def open(self, path: str) -> None:
        await self.page.goto(self.url + path)


@asynccontextmanager
async def visiting(browser: Browser, url: str, *others: str, **options: Any) -> AsyncIterator[Visitor]:
    """A visitor of the product at `url`, who may also go to the other origins; fails with their troubles."""
    context = await browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    watch = Watch(url, others)
    watch.over(context)
    try:
        yield Visitor(url, context, await context.new_page(), watch)
        assert not watch.troubles, "\n".join(watch.troubles)
    finally:
        await context.close()


async def owner_of(browser: Browser, product: Product) -> StorageState:
    """The cookie of the owner, who opened the link that was printed."""
    async with visiting(browser, product.url) as visitor:
        await visitor.page.goto(product.credentials["sign_in_url"])
        await expect(visitor.page.get_by_role("heading", name="Dashboard", level=1)).to_be_visible()
        return await visitor.context.storage_state()
