"""The table `signing_keys`."""

from dataclasses import dataclass

from sqlalchemy import text

from xencrm.kernel.database import Tx

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('xencrm signing keys', 0))")
_INSERT = text("""
    INSERT INTO signing_keys (key_id, public_key, private_key) VALUES (:key_id, :public_key, :private_key)
""")
_LIST = text("SELECT key_id, public_key, private_key FROM signing_keys ORDER BY created_at DESC")
_FIND_PUBLIC = text("SELECT public_key FROM signing_keys WHERE key_id = :key_id")


@dataclass(frozen=True, slots=True)
class StoredPair:
    """A key pair; the private key is encrypted."""

    key_id: str
    public_key: bytes
    private_key: bytes


async def lock_keys(tx: Tx) -> None:
    """Nobody else makes a key until the transaction ends."""
    await tx.execute(_LOCK)


async def insert_pair(tx: Tx, pair: StoredPair) -> None:
    values = {"key_id": pair.key_id, "public_key": pair.public_key, "private_key": pair.private_key}
    await tx.execute(_INSERT, values)


async def list_pairs(tx: Tx) -> list[StoredPair]:
    """The newest first."""
    rows = await tx.execute(_LIST)
    return [StoredPair(row.key_id, bytes(row.public_key), bytes(row.private_key)) for row in rows]


async def find_public(tx: Tx, key_id: str) -> bytes | None:
    found = (await tx.execute(_FIND_PUBLIC, {"key_id": key_id})).scalar_one_or_none()
    return None if found is None else bytes(found)
