"""Taking erased customers out of the ledger: who got what stays counted, to whom and what it said goes."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from xencrm.campaigns.delivery.counters import Moves
from xencrm.kernel.database import Tx

# All are locked, so that no receipt brings a text at the same moment. Those with something left are written:
# said of the locked row, since the statement itself does not see what a receipt wrote while it waited.
_ERASE = text("""
    WITH theirs AS (
        SELECT message_id, campaign_month,
               state = 'PENDING' OR num_nonnulls(address, subject, body, vendor_ref) > 0 AS has_more
        FROM communication_log WHERE customer_id = ANY(CAST(:ids AS uuid[]))
        ORDER BY message_id FOR NO KEY UPDATE
    ), cleared AS (
        UPDATE communication_log AS message
        SET state = CASE WHEN state <> 'PENDING' THEN state
                         WHEN doubt_since IS NULL THEN 'SKIPPED' ELSE 'UNCONFIRMED' END,
            reason = CASE WHEN state <> 'PENDING' THEN reason
                          WHEN doubt_since IS NULL THEN 'ERASED' ELSE 'IN_DOUBT' END,
            not_before = '-infinity',
            settled_at = CASE WHEN state = 'PENDING' AND doubt_since IS NULL THEN now() ELSE settled_at END,
            address = NULL, subject = NULL, body = NULL, vendor_ref = NULL
        WHERE message_id = ANY(ARRAY(SELECT message_id FROM theirs WHERE has_more))
          AND message.campaign_month BETWEEN (SELECT min(campaign_month) FROM theirs)
                                         AND (SELECT max(campaign_month) FROM theirs)
        RETURNING message.campaign_id, old.state AS was, new.state AS now,
                  CAST(customer_id AS text) || ' ' || old.address AS written_to
    )
    SELECT campaign_id, was, now, count(*) AS moved,
           array_agg(DISTINCT written_to) FILTER (WHERE written_to IS NOT NULL) AS written_to
    FROM cleared GROUP BY campaign_id, was, now
""")

_FIND_ERASED = text("""
    SELECT message_id FROM communication_log JOIN tombstones USING (customer_id)
    WHERE message_id = ANY(CAST(:ids AS uuid[]))
""")


async def erase_messages(tx: Tx, customer_ids: Sequence[UUID]) -> tuple[Moves, set[tuple[UUID, str]]]:
    """What was not handed over never will be; what may have been is UNCONFIRMED.

    Returns what the counters have to be moved by, and the addresses that stood in the ledger, each with
    whose it was.
    """
    moves = Moves()
    addresses: set[tuple[UUID, str]] = set()
    for row in await tx.execute(_ERASE, {"ids": list(customer_ids)}):
        moves.add(row.campaign_id, row.was, row.now, row.moved)
        for customer_id, _, address in (each.partition(" ") for each in row.written_to or ()):
            addresses.add((UUID(customer_id), address))
    return moves, addresses


async def find_erased_messages(tx: Tx, message_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the messages that went to customers who were erased since."""
    return set((await tx.execute(_FIND_ERASED, {"ids": list(message_ids)})).scalars())
