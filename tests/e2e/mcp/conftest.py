"""A running product that all tests of the MCP server share."""

from collections.abc import AsyncIterator

import pytest

from tests.support.product import Product, running_product


@pytest.fixture(scope="package")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    folder = tmp_path_factory.mktemp("mcp")
    async with running_product(folder, XENCRM_TIME_ZONE="Asia/Kolkata") as running:
        yield running
