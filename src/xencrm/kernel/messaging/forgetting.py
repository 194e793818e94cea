"""Dead letters of people who had been erased when they were written; erasures find those that are there."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from xencrm.kernel.database import Database, Tx
from xencrm.kernel.logging import get_logger
from xencrm.kernel.messaging.envelope import Event

AT_ONCE = 1000
# Of the given addresses and ids those of erased people, with the moment up to which they were theirs.
FindGone = Callable[[Tx, Sequence[str]], Awaitable[Mapping[str, datetime]]]

_PAGE = text("""
    SELECT dead_letter_id, mentions FROM dead_letters
    WHERE CAST(:after AS uuid) IS NULL OR dead_letter_id > :after
    ORDER BY dead_letter_id LIMIT :most
""")
_PAYLOADS = text("""
    SELECT dead_letter_id, payload FROM dead_letters WHERE dead_letter_id = ANY(CAST(:ids AS uuid[]))
""")
_DROP = text("DELETE FROM dead_letters WHERE dead_letter_id = ANY(CAST(:ids AS uuid[]))")
_decoder = msgspec.json.Decoder(Event)
log = get_logger(__name__)


async def forget(database: Database, find_gone: FindGone, *, at_once: int = AT_ONCE) -> int:
    """Deletes the letters that speak of erased people; what was accepted later may be of somebody new.

    Goes through all letters, some in each transaction. Returns how many it deleted.
    """
    forgotten, seen, after = 0, at_once, None
    while seen == at_once:
        async with database.transaction() as tx:
            page = (await tx.execute(_PAGE, {"after": after, "most": at_once})).all()
            gone = await find_gone(tx, sorted({mention for row in page for mention in row.mentions}))
            forgotten += await _drop(tx, {row.dead_letter_id: _until(row.mentions, gone) for row in page})
        seen, after = len(page), page[-1].dead_letter_id if page else None
    if forgotten:
        log.info("dead_letters.forgotten", letters=forgotten)
    return forgotten


def _until(mentions: Sequence[str], gone: Mapping[str, datetime]) -> datetime | None:
    return max((gone[mention] for mention in mentions if mention in gone), default=None)


async def _drop(tx: Tx, untils: Mapping[UUID, datetime | None]) -> int:
    suspects = {key: until for key, until in untils.items() if until is not None}
    if not suspects:
        return 0
    rows = await tx.execute(_PAYLOADS, {"ids": list(suspects)})
    theirs = [row[0] for row in rows if _is_before(bytes(row[1]), suspects[row[0]])]
    return (await tx.execute(_DROP, {"ids": theirs})).rowcount


def _is_before(payload: bytes, until: datetime) -> bool:
    """Of a frame that cannot be read nobody knows, so it goes."""
    try:
        return _decoder.decode(payload).time <= until
    except msgspec.MsgspecError:
        return True
