"""Statements on `customer_emails` and `tombstones`: who had an e-mail address before.

Of a customer who was erased only a keyed hash of each address is kept.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from xencrm.ingestion.customers.addresses import Former
from xencrm.kernel.database import Tx

EmailHash = Callable[[str], bytes]

_FIND = text("""
    SELECT email, CAST(NULL AS bytea) AS email_hash, until, customer_id
    FROM customer_emails WHERE email = ANY(CAST(:emails AS text[]))
    UNION ALL
    SELECT NULL, email_hash, until, NULL FROM tombstones WHERE email_hash = ANY(CAST(:hashes AS bytea[]))
    UNION ALL
    SELECT NULL, NULL, until, customer_id FROM tombstones WHERE customer_id = ANY(CAST(:ids AS uuid[]))
""")
_INSERT = text("""
    INSERT INTO customer_emails (email, until, customer_id)
    SELECT * FROM unnest(CAST(:emails AS text[]), CAST(:untils AS timestamptz[]), CAST(:ids AS uuid[]))
    ON CONFLICT DO NOTHING
""")
_LIST = text("SELECT email, until FROM customer_emails WHERE customer_id = :customer_id ORDER BY until")
_TAKE = text("""
    DELETE FROM customer_emails WHERE customer_id = ANY(CAST(:ids AS uuid[]))
    RETURNING email, until, customer_id
""")
_BURY = text("""
    INSERT INTO tombstones (customer_id, email_hash, until, erased_at)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:hashes AS bytea[]), CAST(:untils AS timestamptz[]),
                         CAST(:erased_ats AS timestamptz[]))
    ON CONFLICT DO NOTHING
""")


class Tombstone(Struct, frozen=True):
    """An address that an erased customer had until a moment."""

    customer_id: UUID
    email: str
    until: datetime
    erased_at: datetime


async def find_former(
    tx: Tx, emails: Sequence[str], ids: Sequence[UUID], email_hash: EmailHash
) -> tuple[list[Former], frozenset[UUID]]:
    """Earlier holders of the addresses, and which of the ids belong to erased customers."""
    by_hash = {email_hash(email): email for email in emails}
    given = {"emails": list(emails), "hashes": list(by_hash), "ids": list(ids)}
    rows = (await tx.execute(_FIND, given)).all()
    former = [_former(row, by_hash) for row in rows if row.email or row.email_hash]
    erased = frozenset(row.customer_id for row in rows if not (row.email or row.email_hash))
    return former, erased


def _former(row: Any, by_hash: Mapping[bytes, str]) -> Former:
    email = row.email if row.email else by_hash[bytes(row.email_hash)]
    return Former(email, row.until, row.customer_id)


async def insert_former(tx: Tx, former: Sequence[Former]) -> None:
    """Addresses that customers have left."""
    await tx.execute(
        _INSERT,
        {
            "emails": [item.email for item in former],
            "untils": [item.until for item in former],
            "ids": [item.customer_id for item in former],
        },
    )


async def list_former(tx: Tx, customer_id: UUID) -> list[tuple[str, datetime]]:
    """Addresses that a customer had, and until when."""
    return [(row.email, row.until) for row in await tx.execute(_LIST, {"customer_id": customer_id})]


async def take_former(tx: Tx, ids: Sequence[UUID]) -> list[tuple[UUID, str, datetime]]:
    """Removes and returns the addresses that the customers had."""
    rows = await tx.execute(_TAKE, {"ids": list(ids)})
    return [(row.customer_id, row.email, row.until) for row in rows]


async def bury(tx: Tx, tombstones: Iterable[Tombstone], email_hash: EmailHash) -> None:
    stones = list(tombstones)
    await tx.execute(
        _BURY,
        {
            "ids": [stone.customer_id for stone in stones],
            "hashes": [email_hash(stone.email) for stone in stones],
            "untils": [stone.until for stone in stones],
            "erased_ats": [stone.erased_at for stone in stones],
        },
    )
