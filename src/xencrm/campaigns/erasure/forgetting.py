"""Which ids in dead letters are those of erased customers, or of messages to them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from xencrm.campaigns.delivery import erasing
from xencrm.campaigns.profiles import service as profiles
from xencrm.kernel.database import Tx

FOR_EVER = datetime.max.replace(tzinfo=UTC)


async def find_gone(tx: Tx, mentions: Sequence[str]) -> Mapping[str, datetime]:
    """Addresses of erased customers are not known here."""
    ids = [UUID(mention) for mention in mentions if "@" not in mention]
    gone = {*await profiles.find_erased(tx, ids), *await erasing.find_erased_messages(tx, ids)}
    return {str(each): FOR_EVER for each in gone}
