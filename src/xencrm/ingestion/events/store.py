"""Where an event stands, in one statement."""

from uuid import UUID

from sqlalchemy import text

from xencrm.kernel.database import Tx

_FIND = text("""
    SELECT EXISTS (SELECT FROM waiting_orders WHERE event_id = :event_id) AS waiting,
           (SELECT max(reason) FROM dead_letters WHERE event_id = :event_id) AS reason,
           EXISTS (SELECT FROM inbox WHERE event_id = :event_id) AS applied
""")


async def find_status(tx: Tx, event_id: UUID) -> tuple[str, str]:
    row = (await tx.execute(_FIND, {"event_id": event_id})).one()
    if row.waiting:
        return "waiting", "the customer is not known yet"
    if row.reason is not None:
        return "rejected", row.reason
    return ("applied" if row.applied else "queued"), ""
