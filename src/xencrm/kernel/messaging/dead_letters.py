"""Dead letters: events that cannot be applied, with the reason, until someone replays or drops them."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from sqlalchemy import text

from xencrm.kernel.database import Tx
from xencrm.kernel.ids import NAMESPACE
from xencrm.kernel.messaging import inbox
from xencrm.kernel.messaging.broker import Queue
from xencrm.kernel.messaging.envelope import Event, encode_event


@dataclass(frozen=True)
class DeadLetter:
    """An event (or a frame that is none) that was put aside."""

    event_id: UUID
    queue: str
    type: str
    subject: str
    reason: str
    payload: bytes


# What fails again is a new letter: whoever replays the old one deletes it afterwards, and not this one.
_INSERT = text("""
    INSERT INTO dead_letters (event_id, queue, type, subject, reason, payload)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:queues AS text[]), CAST(:types AS text[]),
                         CAST(:subjects AS text[]), CAST(:reasons AS text[]), CAST(:payloads AS bytea[]))
    ON CONFLICT (event_id, queue) DO UPDATE
    SET dead_letter_id = excluded.dead_letter_id, reason = excluded.reason, failed_at = excluded.failed_at
""")
_FIND = text(
    "SELECT event_id, reason FROM dead_letters WHERE event_id = ANY(CAST(:ids AS uuid[])) ORDER BY failed_at"
)
_COUNT = text("SELECT count(*) FROM dead_letters")
_ERASE = text("""
    DELETE FROM dead_letters
    WHERE encode(convert_to(subject || ' ' || reason || ' ', 'UTF8') || payload, 'escape') ~* :pattern
""")
# An e-mail address that is no part of a longer one; what stands before it may be an escape or not ASCII.
_WHOLE_EMAIL = (
    r"(?:^|[^a-z0-9._%+-]|\\\\[bfnrt]|\\\\u[0-9a-f]{{4}}|\\[0-7]{{3}}){}(?![a-z0-9_%+-]|\.[a-z0-9])"
)


def of_event(queue: Queue, event: Event, reason: str) -> DeadLetter:
    return DeadLetter(event.id, queue.name, event.type, event.subject, reason, encode_event(event))


def of_frame(queue: Queue, body: bytes, reason: str) -> DeadLetter:
    """A frame that could not be decoded; its id is derived from its bytes."""
    return DeadLetter(uuid5(NAMESPACE, body.hex()), queue.name, "undecodable", "", reason, body)


async def insert(tx: Tx, letters: Sequence[DeadLetter]) -> None:
    """Puts the letters aside; the inbox forgets them, so that a replay is applied."""
    if not letters:
        return
    unique = list({letter.event_id: letter for letter in letters}.values())
    await tx.execute(
        _INSERT,
        {
            "ids": [letter.event_id for letter in unique],
            "queues": [letter.queue for letter in unique],
            "types": [_storable(letter.type) for letter in unique],
            "subjects": [_storable(letter.subject) for letter in unique],
            "reasons": [_storable(letter.reason) for letter in unique],
            "payloads": [letter.payload for letter in unique],
        },
    )
    await inbox.forget(tx, [letter.event_id for letter in unique])


async def find_reasons(tx: Tx, event_ids: Sequence[UUID]) -> dict[UUID, str]:
    rows = await tx.execute(_FIND, {"ids": list(event_ids)})
    return {row.event_id: row.reason for row in rows}


async def erase(tx: Tx, texts: Sequence[str]) -> int:
    """Deletes the letters that speak of a person: those with one of the texts in their subject, reason or
    payload, in any case; an e-mail address only as a whole. Returns how many."""
    patterns = {pattern for value in texts if value.strip() for pattern in _patterns(value.strip())}
    if not patterns:
        return 0
    return (await tx.execute(_ERASE, {"pattern": "|".join(sorted(patterns))})).rowcount


async def count(tx: Tx) -> int:
    return int((await tx.execute(_COUNT)).scalar_one())


def _storable(value: str) -> str:
    return value.replace("\0", "�")[:2000]


def _patterns(value: str) -> Iterator[str]:
    """Regular expressions for the text as it is, and as JSON may write it."""
    for written in (value, *(json.dumps(value, ensure_ascii=ascii)[1:-1] for ascii in (False, True))):
        exact = re.escape(_escaped(written.encode("utf-8", "surrogatepass")))
        yield _WHOLE_EMAIL.format(exact) if "@" in value else exact


def _escaped(raw: bytes) -> str:
    """PostgreSQL's escape format of binary strings."""
    return "".join(
        f"\\{byte:03o}" if byte == 0 or byte > 127 else chr(byte).replace("\\", "\\\\") for byte in raw
    )
