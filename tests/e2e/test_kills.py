"""Everything is killed at random while campaigns are sent: I1, I2, I3 hold. `make chaos` is the long run."""

from pathlib import Path

import pytest

from tests.support.chaos import Plan, unleash
from tests.support.killing import RabbitKeeper
from tests.support.product import running_product
from tests.support.rabbitmq import RabbitServer

SHORT = Plan(customers=3000, campaigns=2, processes=20, each_server=1, batch=20)


@pytest.mark.timeout(400)
async def test_everybody_gets_each_campaign_once_with_rabbitmq(
    tmp_path: Path, rabbit_server: RabbitServer
) -> None:
    keeper = RabbitKeeper(rabbit_server)
    settings = {"XENCRM_BROKER_URL": rabbit_server.url, **SHORT.settings}
    async with running_product(tmp_path, **settings) as product:
        await unleash(product, SHORT, keeper)
        await keeper.close()


@pytest.mark.timeout(400)
async def test_everybody_gets_each_campaign_once_with_the_embedded_broker(tmp_path: Path) -> None:
    async with running_product(tmp_path, **SHORT.settings) as product:
        await unleash(product, SHORT)
