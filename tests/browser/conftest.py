"""One browser for these tests, a product that most of them share, and visitors with cookies of their own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from playwright.async_api import Browser, StorageState

from tests.support.browser import Visitor, owner_of, running_chromium, visiting
from tests.support.furnished import PACE, Furnished, furnish
from tests.support.product import running_product

Visit = Callable[..., Awaitable[Visitor]]


@pytest.fixture(scope="package")
async def browser() -> AsyncIterator[Browser]:
    async with running_chromium() as browser:
        yield browser


@pytest.fixture
async def visit(browser: Browser) -> AsyncIterator[Visit]:
    """`await visit(url, *other_origins, **options)`: somebody at a new browser; their troubles fail."""
    async with AsyncExitStack() as visitors:

        async def come(url: str, *others: str, **options: Any) -> Visitor:
            return await visitors.enter_async_context(visiting(browser, url, *others, **options))

        yield come


@pytest.fixture(scope="package")
async def furnished(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Furnished]:
    async with running_product(tmp_path_factory.mktemp("furnished"), **PACE) as product:
        yield await furnish(product)


@pytest.fixture(scope="package")
async def owner(browser: Browser, furnished: Furnished) -> StorageState:
    return await owner_of(browser, furnished.product)


@pytest.fixture
async def desk(visit: Visit, furnished: Furnished, owner: StorageState) -> Visitor:
    """The owner at the furnished product."""
    return await visit(furnished.product.url, storage_state=owner)
