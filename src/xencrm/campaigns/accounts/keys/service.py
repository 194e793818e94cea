"""Making and revoking API keys; each change is told to the other service in the same transaction."""

import hmac
from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from xencrm.campaigns.accounts.audit import service as audit
from xencrm.campaigns.accounts.keys import store
from xencrm.campaigns.accounts.keys.model import (
    NO_LIMITS,
    ApiKey,
    KeyTaken,
    KeyUnknown,
    Limits,
    check_limits,
    new_key,
    read_key,
)
from xencrm.campaigns.accounts.people.acting import check_still_admin
from xencrm.campaigns.accounts.telling import tell
from xencrm.contracts.access import PRINCIPAL_CHANGED, PrincipalChanged
from xencrm.kernel.database import Database, Tx
from xencrm.kernel.http.keys import KeyAuthenticator, StoredKey
from xencrm.kernel.http.principals import Kind, Principal, Role

ANNOUNCED_AT_ONCE = 1000


async def create_key(tx: Tx, name: str, role: Role, limits: Limits = NO_LIMITS) -> tuple[ApiKey, str]:
    """The key and its text, which cannot be had again. Raises LimitsMisplaced."""
    check_limits(role, limits)
    await check_still_admin(tx)
    key_text = new_key()
    made = await store.insert_key(tx, read_key(key_text), name, role, limits)
    if made is None:
        raise KeyTaken("By rare chance the new key's id is taken; ask again.")
    await _announce(tx, [made])
    await audit.note(tx, "api_key.created", "api_key", made.key_id, name=name, role=role, **_told(limits))
    return made, key_text


async def ensure_key(tx: Tx, name: str, role: Role, key_text: str) -> ApiKey:
    """Makes the key with the given text, or brings its name and role up to date; a revoked one stays so.

    Tells its state even when nothing changed: the other service may be new.
    Raises MalformedKey; KeyTaken when another secret has this id.
    """
    text = read_key(key_text)
    key = await store.insert_key(tx, text, name, role, NO_LIMITS)
    if key is None:
        key = await store.update_key(tx, text.key_id, name, role) or await store.find_key(tx, text.key_id)
    if key is None or not hmac.compare_digest(key.secret_hash, text.secret_hash):
        raise KeyTaken(f"Another key has the id {text.key_id}.")
    await _announce(tx, [key])
    return key


async def revoke_key(tx: Tx, key_id: str) -> None:
    """Once is enough; revoking again changes nothing. Raises KeyUnknown."""
    await check_still_admin(tx)
    revoked = await store.revoke_key(tx, key_id)
    if revoked is not None:
        await _announce(tx, [revoked])
        await audit.note(tx, "api_key.revoked", "api_key", key_id, name=revoked.name)
    elif await store.find_key(tx, key_id) is None:
        raise KeyUnknown(f"There is no API key {key_id}.")


async def list_keys(tx: Tx, after: str | None, most: int) -> list[ApiKey]:
    return await store.list_keys(tx, after, most)


async def limits_of(tx: Tx, principal: Principal) -> Limits:
    """Of a key; people have none."""
    if principal.kind is Kind.PERSON:
        return NO_LIMITS
    key = await store.find_key_of(tx, UUID(principal.principal_id))
    return key.limits if key else NO_LIMITS


async def find_key_of(tx: Tx, principal_id: UUID) -> ApiKey | None:
    """The key of a principal, revoked or not."""
    return await store.find_key_of(tx, principal_id)


async def lock_key_of(tx: Tx, principal_id: UUID) -> None:
    """What two requests by one key would both count is counted one after the other."""
    await store.lock_key_of(tx, principal_id)


async def announce_keys(tx: Tx) -> int:
    """Tells the present state of every key again, for a service that lost its copy; returns how many."""
    count, after = 0, None
    while page := await store.list_keys(tx, after, ANNOUNCED_AT_ONCE):
        await _announce(tx, page)
        count, after = count + len(page), page[-1].key_id
    return count


def authenticator(database: Database) -> KeyAuthenticator:
    """Checks bearer keys against the table, with a memory of seconds."""

    async def find(key_id: str) -> StoredKey | None:
        async with database.transaction() as tx:
            key = await store.find_key(tx, key_id)
        if key is None or key.revoked_at is not None:
            return None
        limits = key.limits
        who = Principal(
            str(key.principal_id),
            key.name,
            key.role,
            drafts_only=limits.draft_only,
            limited=bool(limits),
        )
        return StoredKey(who, key.secret_hash)

    return KeyAuthenticator(find)


def _told(limits: Limits) -> dict[str, object]:
    return {name: value for name, value in asdict(limits).items() if value}


async def _announce(tx: Tx, keys: Sequence[ApiKey]) -> None:
    await tell(tx, PRINCIPAL_CHANGED, [(str(key.principal_id), _changed(key)) for key in keys])


def _changed(key: ApiKey) -> PrincipalChanged:
    return PrincipalChanged(
        principal_id=key.principal_id,
        key_id=key.key_id,
        name=key.name,
        role=key.role.value,
        secret_hash=key.secret_hash.hex(),
        version=key.version,
        revoked_at=key.revoked_at,
    )
