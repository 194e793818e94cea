"""Ingestion's own copy of API keys."""

from collections.abc import Sequence

from sqlalchemy import text

from xencrm.contracts.access import PrincipalChanged
from xencrm.kernel.database import Tx
from xencrm.kernel.http.keys import StoredKey
from xencrm.kernel.http.principals import Principal, Role

_UPSERT = text("""
    INSERT INTO principals (key_id, principal_id, name, role, secret_hash, version, revoked_at)
    SELECT * FROM unnest(CAST(:key_ids AS text[]), CAST(:principal_ids AS uuid[]), CAST(:names AS text[]),
                         CAST(:roles AS text[]), CAST(:hashes AS bytea[]), CAST(:versions AS bigint[]),
                         CAST(:revoked AS timestamptz[]))
    ON CONFLICT (key_id) DO UPDATE
    SET name = excluded.name, role = excluded.role, secret_hash = excluded.secret_hash,
        version = excluded.version, revoked_at = excluded.revoked_at
    WHERE principals.version < excluded.version
""")
_FIND = text("""
    SELECT principal_id, name, role, secret_hash FROM principals
    WHERE key_id = :key_id AND revoked_at IS NULL
""")


async def upsert_principals(tx: Tx, principals: Sequence[PrincipalChanged]) -> None:
    """One state a key; an older version changes nothing."""
    await tx.execute(
        _UPSERT,
        {
            "key_ids": [item.key_id for item in principals],
            "principal_ids": [item.principal_id for item in principals],
            "names": [item.name for item in principals],
            "roles": [item.role for item in principals],
            "hashes": [bytes.fromhex(item.secret_hash) for item in principals],
            "versions": [item.version for item in principals],
            "revoked": [item.revoked_at for item in principals],
        },
    )


async def find_key(tx: Tx, key_id: str) -> StoredKey | None:
    row = (await tx.execute(_FIND, {"key_id": key_id})).one_or_none()
    if row is None:
        return None
    return StoredKey(Principal(str(row.principal_id), row.name, Role(row.role)), bytes(row.secret_hash))
