"""Which addresses and ids in dead letters are those of erased customers."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from xencrm.ingestion.customers import former_store
from xencrm.ingestion.customers.former_store import EmailHash
from xencrm.kernel.database import Tx
from xencrm.kernel.messaging.forgetting import FindGone

FOR_EVER = datetime.max.replace(tzinfo=UTC)


def finding_gone(email_hash: EmailHash) -> FindGone:
    """An address may be somebody else's later, an id never."""

    async def find_gone(tx: Tx, mentions: Sequence[str]) -> Mapping[str, datetime]:
        emails = [mention for mention in mentions if "@" in mention]
        ids = [UUID(mention) for mention in mentions if "@" not in mention]
        former, erased = await former_store.find_former(tx, emails, ids, email_hash)
        gone: dict[str, datetime] = {str(customer_id): FOR_EVER for customer_id in erased}
        for item in former:
            if item.customer_id is None:
                gone[item.email] = max(item.until, gone.get(item.email, item.until))
        return gone

    return find_gone
