"""`receipt_queue` into the ledger."""

from collections.abc import Sequence

from xencrm.campaigns.consent.model import AddressHashes
from xencrm.campaigns.receipts import service
from xencrm.campaigns.receipts.model import RetryPolicy
from xencrm.kernel.database import Tx
from xencrm.kernel.messaging.subscription import Handler, Received, Rejection


def recording_receipts(policy: RetryPolicy, hashes: AddressHashes) -> Handler:
    async def record(tx: Tx, received: Sequence[Received]) -> Sequence[Rejection]:
        words = [(item.event.id, item.body) for item in received]
        await service.record_receipts(tx, words, policy, hashes)
        return ()

    return record
