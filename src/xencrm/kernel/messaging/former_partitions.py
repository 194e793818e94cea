"""Partitions that queues had when there were more of them: what is left there is applied.

Which there were is known from `queue_progress`. Order between a former partition and the present ones is not
kept, so a division is changed when the queues are empty; this is for what was overlooked.
"""

import asyncio
import re
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace

from xencrm.kernel.database import Database
from xencrm.kernel.endurance import keep_going
from xencrm.kernel.logging import get_logger
from xencrm.kernel.messaging import progress
from xencrm.kernel.messaging.broker import Broker, BrokerUnavailable, Queue
from xencrm.kernel.messaging.consumer import Consumer
from xencrm.kernel.messaging.partitions import partition
from xencrm.kernel.messaging.subscription import Binding
from xencrm.kernel.process import Role, pause

LOOK_S = 5.0
DRAINED_S = 0.2
log = get_logger(__name__)


def applying_former_partitions(
    database: Database, broker: Broker, table: Sequence[Binding], present: Collection[Queue], max_events: int
) -> Role:
    """`table` has the rows of whole queues, `present` the queues that there are in their place."""

    async def role(stop: asyncio.Event) -> None:
        async def look() -> None:
            former = former_partitions(table, await _others(database, present))
            consumers = [Consumer(database, broker, binding, max_events=max_events) for binding in former]
            await asyncio.gather(
                *(
                    _drain(broker, binding.queue, consumer, stop)
                    for binding, consumer in zip(former, consumers, strict=True)
                )
            )
            await (pause(stop, LOOK_S) if former else stop.wait())

        await keep_going(stop, "former partitions", look)

    return role


async def _others(database: Database, present: Collection[Queue]) -> set[str]:
    """Names of queues that were consumed once; those of the present partitions are noted for later."""
    async with database.transaction() as tx:
        await progress.register(tx, [queue.name for queue in present if queue.partition_of])
        known = await progress.list_ages(tx)
    return known.keys() - {queue.name for queue in present}


async def _drain(broker: Broker, queue: Queue, consumer: Consumer, stop: asyncio.Event) -> None:
    """Returns when the queue is empty; at once when it was, or is gone, or the broker is away."""
    with suppress(BrokerUnavailable):
        if await broker.depth(queue) > 0:
            log.warning("queue.former_partition", queue=queue.name)
            await _consume_until_empty(broker, queue, consumer, stop)


async def _consume_until_empty(broker: Broker, queue: Queue, consumer: Consumer, stop: asyncio.Event) -> None:
    drained = asyncio.Event()
    consuming = asyncio.create_task(consumer.run(drained))
    try:
        while not stop.is_set() and await broker.depth(queue) > 0:
            await pause(stop, DRAINED_S)
    finally:
        drained.set()
        await consuming


def former_partitions(table: Iterable[Binding], names: Iterable[str]) -> list[Binding]:
    """Of the names those of partitions, each with the row of its whole queue."""
    rows = {binding.queue.name: binding for binding in table}
    found = [re.fullmatch(r"(.+)\.([0-9]{1,2})", name) for name in sorted(names)]
    return [
        replace(row, queue=partition(row.queue, int(match[2])))
        for match in found
        if match and (row := rows.get(match[1]))
    ]
