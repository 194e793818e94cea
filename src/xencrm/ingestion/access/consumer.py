"""Keys, people and their sessions are Campaigns'; what changes arrives as events."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from xencrm.contracts.access import PrincipalChanged, SessionRevoked, SigningKeyAdded
from xencrm.ingestion.access import session_store, store
from xencrm.kernel.database import Tx
from xencrm.kernel.messaging.subscription import Received, Rejection


async def record_access(tx: Tx, received: Sequence[Received]) -> Sequence[Rejection]:
    """The highest version of a key and the latest moment of a cut-off win, whatever the order."""
    await _record_principals(tx, [i.body for i in received if isinstance(i.body, PrincipalChanged)])
    await _record_signing_keys(tx, [i.body for i in received if isinstance(i.body, SigningKeyAdded)])
    await _record_cutoffs(tx, [i.body for i in received if isinstance(i.body, SessionRevoked)])
    return ()


async def _record_principals(tx: Tx, changes: Sequence[PrincipalChanged]) -> None:
    newest: dict[str, PrincipalChanged] = {}
    for change in changes:
        known = newest.get(change.key_id)
        if known is None or known.version < change.version:
            newest[change.key_id] = change
    if newest:
        await store.upsert_principals(tx, [newest[key_id] for key_id in sorted(newest)])


async def _record_signing_keys(tx: Tx, added: Sequence[SigningKeyAdded]) -> None:
    by_id = {key.key_id: key for key in sorted(added, key=lambda key: key.retired)}
    if by_id:
        await session_store.upsert_signing_keys(tx, [by_id[key_id] for key_id in sorted(by_id)])


async def _record_cutoffs(tx: Tx, revoked: Sequence[SessionRevoked]) -> None:
    latest: dict[UUID, datetime] = {}
    for each in revoked:
        latest[each.subject_id] = max(each.issued_before, latest.get(each.subject_id, each.issued_before))
    if latest:
        await session_store.upsert_cutoffs(tx, dict(sorted(latest.items())))
