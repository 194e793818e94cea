"""The tables `signing_keys` and `session_cutoffs`: by what session tokens are judged."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from xencrm.contracts.access import SigningKeyAdded
from xencrm.kernel.database import Tx

_UPSERT_KEYS = text("""
    INSERT INTO signing_keys AS known (key_id, public_key, retired)
    SELECT * FROM unnest(CAST(:key_ids AS text[]), CAST(:public_keys AS bytea[]), CAST(:retired AS boolean[]))
    ON CONFLICT (key_id) DO UPDATE SET retired = true WHERE excluded.retired AND NOT known.retired
""")
_FIND_KEY = text("SELECT public_key FROM signing_keys WHERE key_id = :key_id AND NOT retired")
_UPSERT_CUTOFFS = text("""
    INSERT INTO session_cutoffs AS known (subject_id, issued_before)
    SELECT * FROM unnest(CAST(:subject_ids AS uuid[]), CAST(:moments AS timestamptz[]))
    ON CONFLICT (subject_id) DO UPDATE SET issued_before = excluded.issued_before
    WHERE known.issued_before < excluded.issued_before
""")
_FIND_CUTOFF = text("""
    SELECT max(issued_before) FROM session_cutoffs WHERE subject_id = ANY(CAST(:subject_ids AS uuid[]))
""")
_PURGE_CUTOFFS = text("""
    DELETE FROM session_cutoffs WHERE subject_id = ANY(ARRAY(
        SELECT subject_id FROM session_cutoffs WHERE issued_before < now() - interval '1 hour'
        LIMIT :most FOR UPDATE SKIP LOCKED
    ))
""")


async def upsert_signing_keys(tx: Tx, keys: Sequence[SigningKeyAdded]) -> None:
    """One state a key; one that is retired stays so."""
    values = {
        "key_ids": [key.key_id for key in keys],
        "public_keys": [bytes.fromhex(key.public_key) for key in keys],
        "retired": [key.retired for key in keys],
    }
    await tx.execute(_UPSERT_KEYS, values)


async def find_signing_key(tx: Tx, key_id: str) -> bytes | None:
    """None for one that is retired, as for one that is not known."""
    found = (await tx.execute(_FIND_KEY, {"key_id": key_id})).scalar_one_or_none()
    return None if found is None else bytes(found)


async def upsert_cutoffs(tx: Tx, cutoffs: Mapping[UUID, datetime]) -> None:
    """An earlier moment changes nothing."""
    values = {"subject_ids": list(cutoffs), "moments": list(cutoffs.values())}
    await tx.execute(_UPSERT_CUTOFFS, values)


async def find_cutoff(tx: Tx, subject_ids: Sequence[UUID]) -> datetime | None:
    """The latest of all of them."""
    moment: datetime | None = (
        await tx.execute(_FIND_CUTOFF, {"subject_ids": list(subject_ids)})
    ).scalar_one()
    return moment


async def purge_cutoffs(tx: Tx, *, most: int) -> int:
    """Those of tokens that have long expired. Returns how many."""
    return (await tx.execute(_PURGE_CUTOFFS, {"most": most})).rowcount
