"""Statements that erase customers."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from xencrm.ingestion.customers import store
from xencrm.kernel.database import Tx

_DELETE = text("""
    WITH gone AS (DELETE FROM customers WHERE customer_id = ANY(CAST(:ids AS uuid[])))
    SELECT pg_notify(:channel, '')
""")
_CLEAR_ITEMS = text("""
    UPDATE orders SET items = NULL WHERE customer_id = ANY(CAST(:ids AS uuid[])) AND items IS NOT NULL
""")
# Events accepted later are of somebody who came after.
_DELETE_WAITING = text("""
    WITH gone AS (
        SELECT event_id FROM waiting_orders WHERE customer_id = ANY(CAST(:ids AS uuid[]))
        UNION
        SELECT event_id
        FROM unnest(CAST(:emails AS text[]), CAST(:untils AS timestamptz[])) AS address (email, until)
        JOIN waiting_orders ON customer_email = address.email AND accepted_at <= address.until
    )
    DELETE FROM waiting_orders WHERE event_id = ANY(ARRAY(SELECT event_id FROM gone))
    RETURNING event_id
""")


async def delete_customers(tx: Tx, ids: Sequence[UUID]) -> None:
    await tx.execute(_DELETE, {"ids": list(ids), "channel": store.GONE})


async def clear_items(tx: Tx, ids: Sequence[UUID]) -> None:
    """What was bought may name people."""
    await tx.execute(_CLEAR_ITEMS, {"ids": list(ids)})


async def delete_waiting(
    tx: Tx, ids: Sequence[UUID], addresses: Sequence[tuple[str, datetime]]
) -> list[UUID]:
    """Event ids of the orders that waited for one of the customers; addresses with the moment up to which
    they were theirs."""
    given = {
        "ids": list(ids),
        "emails": [email for email, _ in addresses],
        "untils": [until for _, until in addresses],
    }
    return list((await tx.execute(_DELETE_WAITING, given)).scalars())
