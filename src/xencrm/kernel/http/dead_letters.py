"""Routes of dead letters, the same for every service."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol
from uuid import UUID

import msgspec
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from xencrm.kernel.database import Database, Tx
from xencrm.kernel.http.app import Caller
from xencrm.kernel.http.paging import Limit, Page, PageCursor, decode_cursor, encode_cursor
from xencrm.kernel.http.principals import ADMINISTERING
from xencrm.kernel.http.routes import Route
from xencrm.kernel.http.shapes import Time
from xencrm.kernel.logging import get_logger
from xencrm.kernel.messaging import dead_letters
from xencrm.kernel.messaging.broker import Broker, Queue
from xencrm.kernel.messaging.dead_letters import KeptLetter

log = get_logger(__name__)
QueueName = Annotated[str | None, QueryParameter(description="only letters of this queue")]
TypeName = Annotated[str | None, QueryParameter(name="type", description="only events of this type")]


class Note(Protocol):
    """Tells the audit log what was done to what, in the transaction of the deed."""

    async def __call__(
        self, tx: Tx, action: str, subject_kind: str, subject_id: UUID | str, **detail: object
    ) -> None: ...


@dataclass(frozen=True)
class LetterBox:
    """Where a service's dead letters lie, the queues that they go back to, and how the audit log is told."""

    database: Database
    broker: Broker
    queues: Sequence[Queue]
    note: Note


Provided = NamedDependency[LetterBox]


class DeadLetter(msgspec.Struct, kw_only=True):
    """An event that was put aside; `size` is in bytes. One that fails again is a new letter."""

    dead_letter_id: UUID
    event_id: UUID
    queue: str
    type: str
    subject: str
    reason: str
    failed_at: Time
    size: int


class OpenedDeadLetter(DeadLetter, kw_only=True):
    """With what it holds: `event`, or for what is none `text`, or for what is no text `base64`."""

    event: dict[str, msgspec.Raw] | None = None
    text: str | None = None
    base64: str | None = None


class Replayed(msgspec.Struct):
    """Durable in its queue again, not yet applied."""

    event_id: UUID
    queue: str
    status: str = "queued"


def dead_letter_routes(prefix: str = "") -> tuple[Route, ...]:
    """For the table of a service that provides a LetterBox as `letters`."""
    every = f"{prefix}/dead-letters"
    one = f"{every}/{{dead_letter_id:uuid}}"
    return (
        Route("GET", every, list_dead_letters, ADMINISTERING),
        Route("GET", one, get_dead_letter, ADMINISTERING),
        Route("POST", f"{one}/replay", replay_dead_letter, ADMINISTERING, 202, problems=(409,)),
        Route("DELETE", one, drop_dead_letter, ADMINISTERING, 204),
    )


async def list_dead_letters(
    *,
    letters: Provided,
    queue: QueueName = None,
    type_: TypeName = None,
    limit: Limit = 100,
    cursor: PageCursor = None,
) -> Page[DeadLetter]:
    """Events that could not be applied, the last to fail first."""
    before = decode_cursor(cursor, tuple[UUID])
    async with letters.database.transaction() as tx:
        found = await dead_letters.list_kept(
            tx, queue=queue, type_=type_, before=before[0] if before else None, most=limit + 1
        )
    more = len(found) > limit
    shown = [DeadLetter(**_fields(letter)) for letter in found[:limit]]
    return Page(shown, encode_cursor(shown[-1].dead_letter_id) if more else None)


async def get_dead_letter(dead_letter_id: FromPath[UUID], letters: Provided) -> OpenedDeadLetter:
    """One dead letter with its payload."""
    async with letters.database.transaction() as tx:
        letter, payload = await dead_letters.find_kept(tx, dead_letter_id)
    return _opened(letter, payload)


async def replay_dead_letter(
    dead_letter_id: FromPath[UUID], letters: Provided, principal: Caller
) -> Replayed:
    """Put the event into its queue again, with the same id; if it fails again it is a new dead letter."""

    async def note(tx: Tx, letter: KeptLetter) -> None:
        await letters.note(tx, "dead_letter.replayed", "dead_letter", dead_letter_id, queue=letter.queue)

    letter = await dead_letters.replay(
        letters.database, letters.broker, letters.queues, dead_letter_id, also=note
    )
    _log("dead_letter.replayed", letter.dead_letter_id, principal.principal_id)
    return Replayed(letter.event_id, letter.queue)


async def drop_dead_letter(dead_letter_id: FromPath[UUID], letters: Provided, principal: Caller) -> None:
    """Delete a dead letter: its event is given up."""
    async with letters.database.transaction() as tx:
        await dead_letters.drop(tx, dead_letter_id)
        await letters.note(tx, "dead_letter.dropped", "dead_letter", dead_letter_id)
    _log("dead_letter.dropped", dead_letter_id, principal.principal_id)


def _opened(letter: KeptLetter, payload: bytes) -> OpenedDeadLetter:
    opened = OpenedDeadLetter(**_fields(letter))
    try:
        opened.text = payload.decode()
    except UnicodeDecodeError:
        opened.base64 = base64.b64encode(payload).decode()
        return opened
    if not dead_letters.is_frame(letter, payload) and _is_json(payload):
        opened.event, opened.text = msgspec.json.decode(payload, type=dict[str, msgspec.Raw]), None
    return opened


def _is_json(payload: bytes) -> bool:
    """Whether every reader of JSON can take it: no number out of range, not too deep."""
    try:
        msgspec.json.decode(payload)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _fields(letter: KeptLetter) -> dict[str, Any]:
    return {name: getattr(letter, name) for name in DeadLetter.__struct_fields__}


def _log(name: str, dead_letter_id: UUID, principal_id: str) -> None:
    log.info(name, dead_letter_id=str(dead_letter_id), principal=principal_id)
