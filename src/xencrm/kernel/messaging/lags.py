"""How much waits for a service's consumers and its relay, and for how long; asked for once."""

import asyncio
from collections.abc import Mapping, Sequence

from sqlalchemy import text

from xencrm.kernel.database import Tx
from xencrm.kernel.messaging import progress
from xencrm.kernel.messaging.broker import Broker, BrokerUnavailable, Queue

DEPTH_TIMEOUT_S = 2.0
OUTBOX = "outbox"

_OUTBOX_LAG = text("""
    SELECT extract(epoch FROM now() - created_at) FROM outbox
    WHERE settled_at IS NULL ORDER BY outbox_id LIMIT 1
""")


async def find_depths(broker: Broker, queues: Sequence[Queue]) -> dict[str, int] | None:
    """Frames by queue; None when the broker does not say it in time."""
    try:
        async with asyncio.timeout(DEPTH_TIMEOUT_S):
            frames = await asyncio.gather(*(broker.depth(queue) for queue in queues))
    except (BrokerUnavailable, TimeoutError):
        return None
    return {queue.name: count for queue, count in zip(queues, frames, strict=True)}


async def find_lags(tx: Tx, queues: Sequence[Queue], depths: Mapping[str, int]) -> dict[str, float]:
    """Seconds, of the queues that this service consumes and of its outbox; 0 where nothing waits."""
    names = {queue.name for queue in queues}
    outbox_s = (await tx.execute(_OUTBOX_LAG)).scalar_one_or_none()
    ages = await progress.list_ages(tx)
    lags = {queue: age_s if depths.get(queue) else 0.0 for queue, age_s in ages.items() if queue in names}
    return {name: round(float(lag or 0), 3) for name, lag in {**lags, OUTBOX: outbox_s}.items()}
