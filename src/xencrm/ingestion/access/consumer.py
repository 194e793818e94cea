"""Keys and roles are Campaigns'; their changes arrive as events."""

from collections.abc import Sequence

from xencrm.contracts.access import PrincipalChanged
from xencrm.ingestion.access import store
from xencrm.kernel.database import Tx
from xencrm.kernel.messaging.subscription import Received, Rejection


async def record_principals(tx: Tx, received: Sequence[Received]) -> Sequence[Rejection]:
    newest: dict[str, PrincipalChanged] = {}
    for item in received:
        known = newest.get(item.body.key_id)
        if known is None or known.version < item.body.version:
            newest[item.body.key_id] = item.body
    await store.upsert_principals(tx, [newest[key_id] for key_id in sorted(newest)])
    return ()
