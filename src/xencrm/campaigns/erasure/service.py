"""Erasing customers from the Business DB. Orders and messages stay counted, with nothing of the person."""

from collections.abc import Sequence

from xencrm.campaigns.delivery import erasing
from xencrm.campaigns.profiles import service as profiles
from xencrm.campaigns.receipts import service as receipts
from xencrm.contracts.customers import CustomerErased
from xencrm.kernel.database import Tx
from xencrm.kernel.messaging import dead_letters


async def erase_customers(tx: Tx, erased: Sequence[CustomerErased]) -> None:
    """For good: nothing that comes later about these ids is kept."""
    ids = sorted({item.customer_id for item in erased})
    emails = await profiles.bury(tx, erased)
    moves, addresses = await erasing.erase_messages(tx, ids)
    await receipts.erase_receipts(tx, ids)
    await dead_letters.erase(tx, [*map(str, ids), *emails, *addresses])
    await moves.apply(tx)
