"""The table `signing_keys`."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from xencrm.kernel.database import Tx

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('xencrm signing keys', 0))")
_INSERT = text("""
    INSERT INTO signing_keys (key_id, public_key, private_key) VALUES (:key_id, :public_key, :private_key)
""")
_LIST = text("SELECT key_id, public_key, private_key FROM signing_keys ORDER BY created_at DESC")
_FIND = text("SELECT key_id, public_key, private_key FROM signing_keys WHERE key_id = :key_id")
_RETIRE = text("""
    UPDATE signing_keys SET private_key = NULL
    WHERE key_id = ANY(CAST(:key_ids AS text[])) AND private_key IS NOT NULL
""")


@dataclass(frozen=True, slots=True)
class StoredPair:
    """A key pair; the private key is encrypted, and gone once the pair is retired."""

    key_id: str
    public_key: bytes
    private_key: bytes | None


async def lock_keys(tx: Tx) -> None:
    """Nobody else makes a key until the transaction ends."""
    await tx.execute(_LOCK)


async def insert_pair(tx: Tx, pair: StoredPair) -> None:
    values = {"key_id": pair.key_id, "public_key": pair.public_key, "private_key": pair.private_key}
    await tx.execute(_INSERT, values)


async def list_pairs(tx: Tx) -> list[StoredPair]:
    """The newest first."""
    return [StoredPair(**row) for row in (await tx.execute(_LIST)).mappings()]


async def find_pair(tx: Tx, key_id: str) -> StoredPair | None:
    row = (await tx.execute(_FIND, {"key_id": key_id})).mappings().one_or_none()
    return None if row is None else StoredPair(**row)


async def retire(tx: Tx, key_ids: Sequence[str]) -> None:
    """What these signed is good no more, and they sign nothing more."""
    await tx.execute(_RETIRE, {"key_ids": list(key_ids)})
