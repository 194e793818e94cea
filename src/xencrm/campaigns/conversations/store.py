"""The table `conversations`."""

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from xencrm.campaigns.conversations.model import KEPT, Conversation
from xencrm.kernel.database import Tx

_FIND = text("SELECT version, content FROM conversations WHERE principal_id = :principal_id")
# The same once more is a request that was repeated.
_KEEP = text("""
    INSERT INTO conversations (principal_id, version, content)
    SELECT CAST(:principal_id AS uuid), CAST(:version AS integer), CAST(:content AS text)
    WHERE :version = 1 OR EXISTS (SELECT FROM conversations WHERE principal_id = :principal_id)
    ON CONFLICT (principal_id) DO UPDATE
    SET version = excluded.version, content = excluded.content, kept_at = now()
    WHERE conversations.version = excluded.version - 1
       OR (conversations.version, conversations.content) = (excluded.version, excluded.content)
""")
_DROP = text("DELETE FROM conversations WHERE principal_id = :principal_id")
# Whoever keeps one either has done so, and it is looked through, or waits, and finds the erasure.
_LOCK = text("LOCK TABLE conversations IN SHARE ROW EXCLUSIVE MODE")
_FORGET = text("""
    WITH told AS MATERIALIZED (SELECT principal_id, lower(content) AS content FROM conversations)
    DELETE FROM conversations USING told
    WHERE conversations.principal_id = told.principal_id AND EXISTS (
        SELECT FROM unnest(CAST(:texts AS text[])) AS said WHERE position(said IN told.content) > 0
    )
""")
_PURGE = text("""
    DELETE FROM conversations WHERE principal_id = ANY(ARRAY(
        SELECT principal_id FROM conversations WHERE kept_at < now() - CAST(:kept AS interval) LIMIT :most
    ))
""")
SHORTEST: Final = 3


async def find(tx: Tx, principal_id: UUID) -> Conversation | None:
    row = (await tx.execute(_FIND, {"principal_id": principal_id})).one_or_none()
    return None if row is None else Conversation(*row)


async def keep(tx: Tx, principal_id: UUID, conversation: Conversation) -> bool:
    """False when it is not the next version of the one that is there."""
    values = {
        "principal_id": principal_id,
        "version": conversation.version,
        "content": conversation.content,
    }
    return (await tx.execute(_KEEP, values)).rowcount == 1


async def drop(tx: Tx, principal_id: UUID) -> None:
    await tx.execute(_DROP, {"principal_id": principal_id})


async def forget(tx: Tx, texts: Sequence[str]) -> None:
    """Deletes those with any of the texts, in whatever case, also as JSON writes them.

    Rather too many than too few: a name that is also a word takes what has the word. One that is hardly a
    text says nothing.
    """
    forms = {form for each in texts if len(each) >= SHORTEST for form in _forms(each.lower())}
    await tx.execute(_LOCK)
    await tx.execute(_FORGET, {"texts": sorted(forms)})


async def purge(tx: Tx, *, most: int) -> int:
    """Those that nobody went on with. Returns how many."""
    return (await tx.execute(_PURGE, {"kept": KEPT, "most": most})).rowcount


def _forms(said: str) -> Iterator[str]:
    """As it is, in JSON, and in JSON that stands in JSON."""
    for _ in range(3):
        yield said
        said = msgspec.json.encode(said)[1:-1].decode()
