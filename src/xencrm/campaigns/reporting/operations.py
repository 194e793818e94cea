"""How this service's parts are."""

from collections.abc import Sequence
from importlib.metadata import version

from xencrm.campaigns.reporting.schemas import Operations, QueueDepth
from xencrm.campaigns.services import Services
from xencrm.kernel.database import Tx
from xencrm.kernel.messaging import dead_letters, lags
from xencrm.kernel.messaging.broker import Broker, Queue


async def look(services: Services) -> Operations:
    depths = await list_depths(services.broker, services.queues)
    async with services.database.transaction() as tx:
        return await find_operations(tx, services.queues, depths)


async def list_depths(broker: Broker, queues: Sequence[Queue]) -> list[QueueDepth] | None:
    """None when the broker does not say it in time."""
    depths = await lags.find_depths(broker, queues)
    return None if depths is None else [QueueDepth(name, frames) for name, frames in depths.items()]


async def find_operations(tx: Tx, queues: Sequence[Queue], depths: list[QueueDepth] | None) -> Operations:
    """Of a queue that is empty the lag is 0; of another service's queue it is not known here."""
    return Operations(
        service="campaigns",
        version=version("xencrm"),
        broker="unavailable" if depths is None else "ok",
        queues=depths or [],
        lag_s=await lags.find_lags(tx, queues, {depth.name: depth.frames for depth in depths or []}),
        dead_letters=await dead_letters.count(tx),
    )
