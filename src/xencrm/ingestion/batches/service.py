"""Batches are noted when the first of their rows is applied, so that one can ask how far they are."""

from collections.abc import Sequence

from xencrm.contracts.batches import BatchReceived
from xencrm.ingestion.batches import store
from xencrm.kernel.database import Tx
from xencrm.kernel.messaging.subscription import Received


async def without_batches(tx: Tx, received: Sequence[Received]) -> Sequence[Received]:
    """Notes the batches among the events and returns the rest."""
    batches = [item.body for item in received if isinstance(item.body, BatchReceived)]
    if not batches:
        return received
    await store.insert_batches(tx, batches)
    return [item for item in received if not isinstance(item.body, BatchReceived)]
