"""A product whose assistant answers from a script, with the sample data, and its owner."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, StorageState

from tests.browser.conftest import Visit
from tests.support.browser import Visitor, owner_of
from tests.support.furnished import DIALS, PACE, load_sample_data
from tests.support.product import Product, running_product

TALKING = {
    "XENCRM_ASSISTANT_MODEL": "python:tests.support.talking_model:MODEL",
    "PYTHONPATH": str(Path(__file__).parents[3]),
}


@pytest.fixture(scope="package")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    async with running_product(tmp_path_factory.mktemp("talking"), **PACE, **TALKING) as product:
        await product.simulator("/v1/dials", "PUT", json=DIALS)
        await load_sample_data(product)
        yield product


@pytest.fixture(scope="package")
async def signed_in(browser: Browser, product: Product) -> StorageState:
    return await owner_of(browser, product)


@pytest.fixture
async def person(visit: Visit, product: Product, signed_in: StorageState) -> Visitor:
    return await visit(product.url, storage_state=signed_in)
