"""Erasing customers from the Master DB. Their orders stay, with nothing that says whose they were."""

from collections.abc import Sequence

from xencrm.ingestion.customers import erasure_store, former_store
from xencrm.ingestion.customers.folding import ERASED, WAS_ERASED, Erasure
from xencrm.ingestion.customers.former_store import EmailHash, Tombstone
from xencrm.kernel.database import Tx
from xencrm.kernel.messaging import dead_letters, rejections
from xencrm.kernel.messaging.subscription import Rejection


async def erase(tx: Tx, erasures: Sequence[Erasure], email_hash: EmailHash) -> None:
    """Everything of them in this database but their orders' amounts and times; what waits is refused."""
    ids = [erasure.customer_id for erasure in erasures]
    await erasure_store.delete_customers(tx, ids)
    stones = await _tombstones(tx, erasures)
    await former_store.bury(tx, stones, email_hash)
    await erasure_store.clear_items(tx, ids)
    dropped = await erasure_store.delete_waiting(tx, ids, [(stone.email, stone.until) for stone in stones])
    await rejections.insert(tx, [Rejection(event_id, ERASED, WAS_ERASED) for event_id in dropped])
    await dead_letters.erase(tx, [*(stone.email for stone in stones), *map(str, ids)])


async def _tombstones(tx: Tx, erasures: Sequence[Erasure]) -> list[Tombstone]:
    """Of each address that they have or had."""
    at = {erasure.customer_id: erasure.at for erasure in erasures}
    present = [Tombstone(item.customer_id, item.email, item.at, item.at) for item in erasures]
    former = await former_store.take_former(tx, list(at))
    return present + [Tombstone(owner, email, until, at[owner]) for owner, email, until in former]
