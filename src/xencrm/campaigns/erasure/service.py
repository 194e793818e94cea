"""Erasing customers from the Business DB. Orders and messages stay counted, with nothing of the person."""

from collections.abc import Iterator, Sequence

from xencrm.campaigns.consent import service as consent
from xencrm.campaigns.consent.model import AddressHashes
from xencrm.campaigns.conversations import service as conversations
from xencrm.campaigns.delivery import erasing
from xencrm.campaigns.profiles import service as profiles
from xencrm.campaigns.profiles.model import Buried
from xencrm.campaigns.receipts import service as receipts
from xencrm.contracts.customers import CustomerErased
from xencrm.kernel.database import Tx
from xencrm.kernel.messaging import dead_letters


async def erase_customers(tx: Tx, erased: Sequence[CustomerErased], hashes: AddressHashes) -> None:
    """For good: nothing that comes later about these ids is kept.

    Suppressions come after the messages are locked: what is said of one at the same time is found, or finds
    the erasure.
    """
    ids = sorted({item.customer_id for item in erased})
    present = await profiles.bury(tx, erased)
    moves, written_to = await erasing.erase_messages(tx, ids)
    addresses = {*((each.customer_id, each.email) for each in present), *written_to}
    await consent.forget(tx, hashes, ids, addresses)
    await receipts.erase_receipts(tx, ids)
    await dead_letters.erase(tx, [*map(str, ids), *(address for _, address in addresses)])
    texts = [*(address for _, address in addresses), *_told_of(present)]
    await conversations.forget(tx, ids, texts)
    await moves.apply(tx)


def _told_of(present: Sequence[Buried]) -> Iterator[str]:
    for each in present:
        yield from (each.name, each.phone or "")
