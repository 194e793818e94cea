"""The consumers of a table of queues: one for each queue that there is."""

from collections.abc import Sequence
from dataclasses import replace

from xencrm.kernel.database import Database
from xencrm.kernel.messaging.broker import Broker
from xencrm.kernel.messaging.consumer import Consumer
from xencrm.kernel.messaging.former_partitions import applying_former_partitions
from xencrm.kernel.messaging.partitions import Division
from xencrm.kernel.messaging.subscription import Binding
from xencrm.kernel.process import Role


def consuming(
    database: Database, broker: Broker, table: Sequence[Binding], division: Division, *, max_events: int
) -> dict[str, Role]:
    """By name of the queue; and what takes care of partitions that there were before."""
    bindings = [replace(row, queue=queue) for row in table for queue in division.own_of(row.queue)]
    consumers = {
        binding.queue.name: Consumer(database, broker, binding, max_events=max_events).run
        for binding in bindings
    }
    present = [queue for row in table for queue in division.queues_of(row.queue)]
    former = applying_former_partitions(database, broker, table, present, max_events)
    return {**consumers, f"former partitions of {table[0].queue.name}": former}
