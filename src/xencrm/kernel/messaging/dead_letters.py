"""Dead letters: events that cannot be applied, with the reason, until someone replays or drops them."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import text

from xencrm.kernel.database import Database, Tx
from xencrm.kernel.errors import Conflict, NotFound
from xencrm.kernel.ids import NAMESPACE
from xencrm.kernel.messaging import inbox
from xencrm.kernel.messaging.broker import Broker, Queue
from xencrm.kernel.messaging.envelope import Event, encode_event, join_events
from xencrm.kernel.messaging.mentions import mentioned

REPLAY_TIMEOUT_S = 10.0  # a letter may be a large one


@dataclass(frozen=True)
class DeadLetter:
    """An event (or a frame that is none) that was put aside."""

    event_id: UUID
    queue: str
    type: str
    subject: str
    reason: str
    payload: bytes
    correlationid: str = ""


@dataclass(frozen=True, slots=True)
class KeptLetter:
    """A letter without its payload, whose length is `size`."""

    dead_letter_id: UUID
    event_id: UUID
    queue: str
    type: str
    subject: str
    reason: str
    failed_at: datetime
    size: int


# What fails again is a new letter: whoever replays the old one deletes it afterwards, and not this one.
_INSERT = text("""
    INSERT INTO dead_letters (event_id, queue, type, subject, reason, payload, mentions)
    SELECT new.event_id, new.queue, new.type, new.subject, new.reason, new.payload,
           ARRAY(SELECT jsonb_array_elements_text(CAST(new.mentions AS jsonb)))
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:queues AS text[]), CAST(:types AS text[]), CAST(:subjects AS text[]),
        CAST(:reasons AS text[]), CAST(:payloads AS bytea[]), CAST(:mentions AS text[])
    ) AS new (event_id, queue, type, subject, reason, payload, mentions)
    ON CONFLICT (event_id, queue) DO UPDATE
    SET dead_letter_id = excluded.dead_letter_id, type = excluded.type, subject = excluded.subject,
        reason = excluded.reason, payload = excluded.payload, mentions = excluded.mentions,
        failed_at = excluded.failed_at
""")
_KEPT = "dead_letter_id, event_id, queue, type, subject, reason, failed_at, octet_length(payload) AS size"
_LIST = text(f"""
    SELECT {_KEPT} FROM dead_letters
    WHERE (CAST(:queue AS text) IS NULL OR queue = :queue)
      AND (CAST(:type AS text) IS NULL OR type = :type)
      AND (CAST(:before AS uuid) IS NULL OR dead_letter_id < :before)
    ORDER BY dead_letter_id DESC LIMIT :most
""")
_FIND = text(f"SELECT {_KEPT}, payload FROM dead_letters WHERE dead_letter_id = :dead_letter_id")
_DROP = text("DELETE FROM dead_letters WHERE dead_letter_id = :dead_letter_id RETURNING dead_letter_id")
_COUNT = text("SELECT count(*) FROM dead_letters")
_ERASE = text("DELETE FROM dead_letters WHERE mentions && CAST(:mentions AS text[])")


def of_event(queue: Queue, event: Event, reason: str) -> DeadLetter:
    payload = encode_event(event)
    return DeadLetter(
        event.id, queue.whole.name, event.type, event.subject, reason, payload, event.correlationid
    )


def of_frame(queue: Queue, body: bytes, reason: str) -> DeadLetter:
    """A frame that could not be decoded; its id is derived from its bytes."""
    return DeadLetter(_id_of_frame(body), queue.whole.name, "undecodable", "", reason, body)


def is_frame(letter: KeptLetter, payload: bytes) -> bool:
    """Whether the payload is a frame that could not be decoded, rather than one event."""
    return letter.event_id == _id_of_frame(payload)


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
            "mentions": [_mentions(letter) for letter in unique],
        },
    )
    await inbox.forget(tx, [letter.event_id for letter in unique])


async def list_kept(
    tx: Tx, *, queue: str | None, type_: str | None, before: UUID | None, most: int
) -> list[KeptLetter]:
    """Newest first (ids are in time order)."""
    given = {"queue": queue, "type": type_, "before": before, "most": most}
    return [KeptLetter(*row) for row in await tx.execute(_LIST, given)]


async def find_kept(tx: Tx, dead_letter_id: UUID) -> tuple[KeptLetter, bytes]:
    """A letter and its payload. Raises NotFound."""
    row = (await tx.execute(_FIND, {"dead_letter_id": dead_letter_id})).one_or_none()
    if row is None:
        raise _not_found(dead_letter_id)
    *fields, payload = row
    return KeptLetter(*fields), bytes(payload)


async def drop(tx: Tx, dead_letter_id: UUID) -> None:
    """Raises NotFound."""
    if (await tx.execute(_DROP, {"dead_letter_id": dead_letter_id})).first() is None:
        raise _not_found(dead_letter_id)


Also = Callable[[Tx, KeptLetter], Awaitable[None]]


async def replay(
    database: Database,
    broker: Broker,
    queues: Sequence[Queue],
    dead_letter_id: UUID,
    also: Also | None = None,
) -> KeptLetter:
    """Puts the letter into its queue again, then deletes it: at least once, as everything is published.
    `also` is done with the deletion.

    Raises NotFound, Conflict (none of the queues is the letter's) and BrokerUnavailable.
    """
    async with database.transaction() as tx:
        letter, payload = await find_kept(tx, dead_letter_id)
    topic = _queue_of(letter, queues).topic
    frame = payload if is_frame(letter, payload) else join_events([payload])
    await broker.publish(topic, frame, timeout_s=REPLAY_TIMEOUT_S)
    async with database.transaction() as tx:
        await tx.execute(_DROP, {"dead_letter_id": dead_letter_id})
        if also is not None:
            await also(tx, letter)
    return letter


async def erase(tx: Tx, texts: Sequence[str]) -> int:
    """Deletes the letters that speak of a person: those with one of the e-mail addresses or ids in their
    subject, reason or payload. Returns how many."""
    return (await tx.execute(_ERASE, {"mentions": [value.lower() for value in texts]})).rowcount


async def count(tx: Tx) -> int:
    return int((await tx.execute(_COUNT)).scalar_one())


def _queue_of(letter: KeptLetter, queues: Sequence[Queue]) -> Queue:
    for queue in queues:
        if queue.name == letter.queue:
            return queue
    raise Conflict(f"There is no queue {letter.queue} any more: the letter can only be dropped.")


def _not_found(dead_letter_id: UUID) -> NotFound:
    return NotFound(f"There is no dead letter {dead_letter_id}; it was replayed or dropped.")


def _id_of_frame(body: bytes) -> UUID:
    return uuid5(NAMESPACE, body.hex())


def _storable(value: str) -> str:
    return value.replace("\0", "�")[:2000]


def _mentions(letter: DeadLetter) -> str:
    payload = letter.payload.decode("utf-8", "replace")
    return json.dumps(sorted(mentioned(f"{letter.subject} {letter.reason} {payload}")))
