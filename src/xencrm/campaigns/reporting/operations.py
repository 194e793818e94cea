"""How this service's parts are."""

import asyncio
from collections.abc import Sequence
from importlib.metadata import version

from sqlalchemy import text

from xencrm.campaigns.reporting.schemas import Operations, QueueDepth
from xencrm.kernel.database import Tx
from xencrm.kernel.messaging import dead_letters, progress
from xencrm.kernel.messaging.broker import Broker, BrokerUnavailable, Queue

DEPTH_TIMEOUT_S = 2.0

_OUTBOX_LAG = text("""
    SELECT extract(epoch FROM now() - created_at) FROM outbox
    WHERE settled_at IS NULL ORDER BY outbox_id LIMIT 1
""")


async def list_depths(broker: Broker, queues: Sequence[Queue]) -> list[QueueDepth] | None:
    """None when the broker does not say it in time."""
    try:
        async with asyncio.timeout(DEPTH_TIMEOUT_S):
            frames = await asyncio.gather(*(broker.depth(queue) for queue in queues))
    except (BrokerUnavailable, TimeoutError):
        return None
    return [QueueDepth(queue.name, count) for queue, count in zip(queues, frames, strict=True)]


async def find_operations(tx: Tx, queues: Sequence[Queue], depths: list[QueueDepth] | None) -> Operations:
    """Of a queue that is empty the lag is 0; of another service's queue it is not known here."""
    names = {queue.name for queue in queues}
    outbox_s = (await tx.execute(_OUTBOX_LAG)).scalar_one_or_none()
    waiting = {depth.name for depth in depths or [] if depth.frames}
    ages = await progress.list_ages(tx)
    lags = {queue: age_s if queue in waiting else 0 for queue, age_s in ages.items() if queue in names}
    return Operations(
        service="campaigns",
        version=version("xencrm"),
        broker="unavailable" if depths is None else "ok",
        queues=depths or [],
        lag_s={name: round(float(lag or 0), 3) for name, lag in {**lags, "outbox": outbox_s}.items()},
        dead_letters=await dead_letters.count(tx),
    )
