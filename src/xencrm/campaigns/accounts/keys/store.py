"""The table `api_keys`."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text

from xencrm.campaigns.accounts.keys.model import ApiKey, KeyText, Limits
from xencrm.kernel.database import Tx
from xencrm.kernel.http.principals import Role

_COLUMNS = """
    key_id, principal_id, name, role, agent, draft_only, daily_recipients, secret_hash, version, created_at,
    revoked_at
"""
_INSERT = text(f"""
    INSERT INTO api_keys (key_id, name, role, agent, draft_only, daily_recipients, secret_hash)
    VALUES (:key_id, :name, :role, :agent, :draft_only, :daily_recipients, :secret_hash)
    ON CONFLICT (key_id) DO NOTHING
    RETURNING {_COLUMNS}
""")
_UPDATE = text(f"""
    UPDATE api_keys SET name = :name, role = :role, version = version + 1
    WHERE key_id = :key_id AND revoked_at IS NULL AND (name, role) IS DISTINCT FROM (:name, :role)
    RETURNING {_COLUMNS}
""")
_REVOKE = text(f"""
    UPDATE api_keys SET revoked_at = now(), version = version + 1
    WHERE key_id = :key_id AND revoked_at IS NULL
    RETURNING {_COLUMNS}
""")
_FIND = text(f"SELECT {_COLUMNS} FROM api_keys WHERE key_id = :key_id")
_FIND_PRINCIPAL = text(f"SELECT {_COLUMNS} FROM api_keys WHERE principal_id = :principal_id")
_LOCK = text("SELECT FROM api_keys WHERE principal_id = :principal_id FOR NO KEY UPDATE")
_LIST = text(f"""
    SELECT {_COLUMNS} FROM api_keys
    WHERE CAST(:after AS text) IS NULL OR key_id > :after
    ORDER BY key_id LIMIT :most
""")


async def insert_key(tx: Tx, key: KeyText, name: str, role: Role, limits: Limits) -> ApiKey | None:
    """None when the id is taken."""
    values = {
        "key_id": key.key_id,
        "secret_hash": key.secret_hash,
        "name": name,
        "role": role.value,
        **asdict(limits),
    }
    return _one((await tx.execute(_INSERT, values)).mappings().one_or_none())


async def update_key(tx: Tx, key_id: str, name: str, role: Role) -> ApiKey | None:
    """None when nothing changes, and for a revoked key."""
    values = {"key_id": key_id, "name": name, "role": role.value}
    return _one((await tx.execute(_UPDATE, values)).mappings().one_or_none())


async def revoke_key(tx: Tx, key_id: str) -> ApiKey | None:
    """None when it is not there or was revoked before."""
    return _one((await tx.execute(_REVOKE, {"key_id": key_id})).mappings().one_or_none())


async def find_key(tx: Tx, key_id: str) -> ApiKey | None:
    return _one((await tx.execute(_FIND, {"key_id": key_id})).mappings().one_or_none())


async def find_key_of(tx: Tx, principal_id: UUID) -> ApiKey | None:
    found = await tx.execute(_FIND_PRINCIPAL, {"principal_id": principal_id})
    return _one(found.mappings().one_or_none())


async def lock_key_of(tx: Tx, principal_id: UUID) -> None:
    """Nobody else counts what it did until the transaction ends."""
    await tx.execute(_LOCK, {"principal_id": principal_id})


async def list_keys(tx: Tx, after: str | None, most: int) -> list[ApiKey]:
    """By id, those revoked too."""
    rows = await tx.execute(_LIST, {"after": after, "most": most})
    return [_key(row) for row in rows.mappings()]


def _one(row: RowMapping | None) -> ApiKey | None:
    return None if row is None else _key(row)


def _key(row: RowMapping) -> ApiKey:
    values: dict[str, Any] = {**row, "role": Role(row["role"]), "secret_hash": bytes(row["secret_hash"])}
    limits = Limits(**{name: values.pop(name) for name in Limits.__slots__})
    return ApiKey(limits=limits, **values)
