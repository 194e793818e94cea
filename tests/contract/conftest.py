"""The brokers that the contract suite runs against."""

from collections.abc import AsyncIterator

import pytest

from tests.contract.brokers import QUEUES
from xencrm.kernel.messaging.broker import Broker
from xencrm.kernel.messaging.open import open_broker


@pytest.fixture
async def broker(broker_url: str) -> AsyncIterator[Broker]:
    """An empty broker; the test runs once with each kind."""
    broker = await open_broker(broker_url, QUEUES, max_bytes=10**9)
    yield broker
    await broker.close()
