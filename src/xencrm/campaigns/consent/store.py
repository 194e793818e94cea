"""Statements on `suppressions` and on the addresses of who was erased."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Row, text

from xencrm.campaigns.consent.model import NewSuppression, Reason, Suppression, Written
from xencrm.kernel.database import Tx

_COLUMNS: Final = (
    "suppression_id, reason, email, customer_id, campaign_id, message_id, note, created_by, created_at"
)
_LOCK_MESSAGE = text("""
    SELECT message_id FROM communication_log
    WHERE message_id = :message_id AND campaign_month = :month FOR NO KEY UPDATE
""")
_FIND_WRITTEN = text("""
    SELECT message.message_id, message.campaign_id, message.customer_id,
           coalesce(message.address, profile.email),
           ARRAY(SELECT email_hash FROM erased_addresses
                 WHERE erased_addresses.customer_id = message.customer_id)
    FROM communication_log AS message LEFT JOIN customers_mv AS profile USING (customer_id)
    WHERE message.message_id = ANY(CAST(:ids AS uuid[]))
""")
_INSERT = text("""
    INSERT INTO suppressions (email_hash, reason, created_by, email, customer_id, campaign_id, message_id,
                              note)
    SELECT * FROM unnest(CAST(:hashes AS bytea[]), CAST(:reasons AS text[]), CAST(:creators AS text[]),
                         CAST(:emails AS text[]), CAST(:customer_ids AS uuid[]),
                         CAST(:campaign_ids AS uuid[]), CAST(:message_ids AS uuid[]), CAST(:notes AS text[]))
    ON CONFLICT DO NOTHING
    RETURNING suppression_id
""")
_FIND_SAME = text(f"""
    SELECT {_COLUMNS} FROM suppressions
    WHERE email_hash = :hash AND reason = :reason
      AND customer_id IS NOT DISTINCT FROM CAST(:customer_id AS uuid)
""")
_LIST = text(f"""
    SELECT {_COLUMNS} FROM suppressions
    WHERE suppression_id < coalesce(CAST(:before AS uuid), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      AND (CAST(:reason AS text) IS NULL OR reason = :reason)
      AND (CAST(:part AS text) IS NULL OR strpos(email, :part) > 0 OR email_hash = :hash)
    ORDER BY suppression_id DESC LIMIT :most
""")
_LIST_OF_PERSON = text(f"""
    SELECT {_COLUMNS} FROM suppressions WHERE customer_id = :customer_id AND reason <> 'BOUNCED'
    UNION
    SELECT {_COLUMNS} FROM suppressions WHERE email_hash = :hash
    ORDER BY suppression_id
""")
_DELETE = text(f"DELETE FROM suppressions WHERE suppression_id = :suppression_id RETURNING {_COLUMNS}")
# Locked against an erasure at the same time, which deletes the profile before it looks for suppressions.
_FIND_BY_ID = text("""
    SELECT customer_id, email FROM customers_mv WHERE customer_id = :customer_id FOR KEY SHARE
""")
_FIND_BY_EMAIL = text(r"""
    SELECT customer_id, email FROM customers_mv
    WHERE email = ANY(CAST(:emails AS text[]))
      AND customer_id = ANY(ARRAY(SELECT customer_id FROM profile_texts
                                  WHERE split_part(searched, E'\n', 2) = ANY(CAST(:emails AS text[]))))
    ORDER BY customer_id FOR KEY SHARE
""")
_KEEP_FORMER = text("""
    INSERT INTO erased_addresses (customer_id, email_hash)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:hashes AS bytea[]))
    ON CONFLICT DO NOTHING
""")
_TAKE_OUT = text("""
    DELETE FROM suppressions
    WHERE customer_id = ANY(CAST(:ids AS uuid[]))
       OR (email_hash = ANY(CAST(:hashes AS bytea[])) AND customer_id IS NULL AND email IS NOT NULL)
    RETURNING email_hash, reason, created_by, customer_id, campaign_id
""")


async def lock_message(tx: Tx, message_id: UUID, month: Any) -> bool:
    """Whether there is such a message; nobody erases its customer until the transaction's end."""
    found = await tx.execute(_LOCK_MESSAGE, {"message_id": message_id, "month": month})
    return found.one_or_none() is not None


async def find_written(tx: Tx, message_ids: Sequence[UUID]) -> list[Written]:
    return [Written(*row) for row in await tx.execute(_FIND_WRITTEN, {"ids": list(message_ids)})]


async def insert_suppressions(tx: Tx, new: Sequence[NewSuppression]) -> int:
    """How many were new: the same word on the same address and customer is kept once."""
    given = {
        "hashes": [item.email_hash for item in new],
        "reasons": [item.reason.value for item in new],
        "creators": [item.created_by for item in new],
        "emails": [item.email for item in new],
        "customer_ids": [item.customer_id for item in new],
        "campaign_ids": [item.campaign_id for item in new],
        "message_ids": [item.message_id for item in new],
        "notes": [item.note for item in new],
    }
    return len((await tx.execute(_INSERT, given)).all())


async def find_same(tx: Tx, new: NewSuppression) -> Suppression:
    given = {"hash": new.email_hash, "reason": new.reason.value, "customer_id": new.customer_id}
    return _suppression((await tx.execute(_FIND_SAME, given)).one())


async def list_suppressions(
    tx: Tx,
    *,
    part: str | None,
    email_hash: bytes | None,
    reason: Reason | None,
    before: UUID | None,
    most: int,
) -> list[Suppression]:
    """The newest first; of addresses that have `part` in them, or that hash."""
    given = {"part": part, "hash": email_hash, "reason": reason, "before": before, "most": most}
    return [_suppression(row) for row in await tx.execute(_LIST, given)]


async def list_of_person(tx: Tx, customer_id: UUID, email_hash: bytes) -> list[Suppression]:
    given = {"customer_id": customer_id, "hash": email_hash}
    return [_suppression(row) for row in await tx.execute(_LIST_OF_PERSON, given)]


async def delete_suppression(tx: Tx, suppression_id: UUID) -> Suppression | None:
    row = (await tx.execute(_DELETE, {"suppression_id": suppression_id})).one_or_none()
    return None if row is None else _suppression(row)


async def find_customer(tx: Tx, customer_id: UUID) -> tuple[UUID, str] | None:
    """Id and present address."""
    row = (await tx.execute(_FIND_BY_ID, {"customer_id": customer_id})).one_or_none()
    return None if row is None else (row.customer_id, row.email)


async def find_customers(tx: Tx, emails: Sequence[str]) -> dict[str, UUID]:
    """Who has these addresses now."""
    rows = await tx.execute(_FIND_BY_EMAIL, {"emails": list(emails)})
    return {row.email: row.customer_id for row in rows}


async def keep_former(tx: Tx, pairs: Sequence[tuple[UUID, bytes]]) -> None:
    """Of customers who are erased: the hashes of their addresses."""
    ids, hashes = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    await tx.execute(_KEEP_FORMER, {"ids": ids, "hashes": hashes})


async def take_out(tx: Tx, ids: Sequence[UUID], hashes: Sequence[bytes]) -> list[NewSuppression]:
    """The customers' suppressions, which are deleted, without address, note and message."""
    rows = await tx.execute(_TAKE_OUT, {"ids": list(ids), "hashes": list(hashes)})
    return [msgspec.convert(row._asdict(), NewSuppression) for row in rows]


def _suppression(row: Row[Any]) -> Suppression:
    return msgspec.convert(row._asdict(), Suppression)
