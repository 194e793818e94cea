"""How this service's parts are."""

from importlib.metadata import version

from msgspec import Struct

from xencrm.contracts.topology import division
from xencrm.ingestion.orders import reads as orders
from xencrm.ingestion.services import Provided
from xencrm.ingestion.subscriptions import QUEUES
from xencrm.kernel.messaging import dead_letters, lags


class IngestionOperations(Struct, kw_only=True):
    """`lag_s`: age of the oldest that waits, by where it waits, in seconds; 0 when nothing does. Of waiting
    orders at most 10,000 are counted."""

    service: str
    version: str
    broker: str
    lag_s: dict[str, float]
    dead_letters: int
    waiting_orders: int
    waiting_orders_oldest_s: float


async def get_operations(services: Provided) -> IngestionOperations:
    """Lag of Ingestion's queues and outbox, orders that wait for their customer, dead letters."""
    queues = division(services.partitions).queues_of_all(QUEUES)
    depths = await lags.find_depths(services.broker, queues)
    async with services.database.transaction() as tx:
        waiting, oldest_s = await orders.count_waiting(tx)
        return IngestionOperations(
            service="ingestion",
            version=version("xencrm"),
            broker="unavailable" if depths is None else "ok",
            lag_s=await lags.find_lags(tx, queues, depths or {}),
            dead_letters=await dead_letters.count(tx),
            waiting_orders=waiting,
            waiting_orders_oldest_s=oldest_s,
        )
