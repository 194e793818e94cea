"""Events about a customer that are not in the Master DB's tables of customers and orders."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from xencrm.kernel.database import Tx

# A frame that is no event has no subject.
_LIST = text("""
    SELECT event_id, 'waiting' AS status, '' AS reason, event FROM waiting_orders
    WHERE customer_id = :customer_id OR customer_email = ANY(CAST(:emails AS text[]))
    UNION ALL
    SELECT event_id, 'rejected', reason, payload FROM dead_letters
    WHERE mentions && CAST(:subjects AS text[]) AND type <> 'undecodable'
    ORDER BY event_id
""")


async def list_unapplied(
    tx: Tx, customer_id: UUID, emails: Sequence[str]
) -> list[tuple[UUID, str, str, bytes]]:
    """Event id, status, reason and the event."""
    given = {"customer_id": customer_id, "emails": list(emails), "subjects": [*emails, str(customer_id)]}
    rows = await tx.execute(_LIST, given)
    return [(row.event_id, row.status, row.reason, bytes(row.event)) for row in rows]
