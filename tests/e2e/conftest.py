"""Brokers to run the product with, and a running one that the tests of campaigns share."""

from collections.abc import AsyncIterator

import pytest

from tests.support.ledger import open_ledger
from tests.support.product import running_product
from tests.support.rabbitmq import RabbitServer
from tests.support.shop import PACE, Shop


@pytest.fixture(params=["rabbitmq", "embedded"])
def broker_settings(request: pytest.FixtureRequest) -> dict[str, str]:
    """What `xencrm up` is told for a kind of broker; a test that asks for it runs once with each."""
    if request.param == "embedded":
        return {}
    return {"XENCRM_BROKER_URL": request.getfixturevalue("rabbitmq_url")}


@pytest.fixture(scope="session")
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
