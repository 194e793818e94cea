"""`audit_queue`: what people and keys did in the other service."""

from collections.abc import Sequence

from xencrm.campaigns.accounts.audit import store
from xencrm.campaigns.accounts.audit.store import ToldDeed
from xencrm.kernel.database import Tx
from xencrm.kernel.messaging.subscription import Received, Rejection


async def record_deeds(tx: Tx, received: Sequence[Received]) -> Sequence[Rejection]:
    await store.record_told(
        tx,
        [
            ToldDeed(
                audit_id=item.event.id,
                at=item.event.time,
                actor_id=item.body.actor_id,
                action=item.body.action,
                subject_kind=item.body.subject_kind,
                subject_id=item.body.subject_id,
                detail=item.body.detail,
            )
            for item in received
        ],
    )
    return ()
