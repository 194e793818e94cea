"""A running product that the tests of campaigns share, and a broker that may be killed."""

from collections.abc import AsyncIterator

import pytest

from tests.support.ledger import open_ledger
from tests.support.product import running_product
from tests.support.rabbitmq import RabbitServer
from tests.support.shop import PACE, Shop


@pytest.fixture(scope="package")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """Dials are as the test before left them."""
    folder = tmp_path_factory.mktemp("shop")
    async with running_product(folder, **PACE) as product, open_ledger(product) as ledger:
        shop = Shop(product, ledger)
        await shop.open()
        yield shop
        await ledger.check_counters()


@pytest.fixture
async def rabbit_server() -> AsyncIterator[RabbitServer]:
    """One that may be killed."""
    server = RabbitServer()
    try:
        await server.start()
        yield server
    finally:
        await server.stop()
