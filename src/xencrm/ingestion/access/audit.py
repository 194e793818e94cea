"""What people and keys do here that an admin should be able to look up; Campaigns keeps the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from xencrm.contracts.access import AUDIT_NOTED, AuditNoted
from xencrm.contracts.topology import AUDIT_QUEUE
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Tx
from xencrm.kernel.http.asking import asking
from xencrm.kernel.ids import uuid7
from xencrm.kernel.messaging import outbox
from xencrm.kernel.messaging.cause import Cause, cause_at_hand
from xencrm.kernel.messaging.envelope import Event, encode_data

SOURCE = "xencrm/ingestion"


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did, by whose request; `detail` has nothing of customers in it but ids."""

    actor_id: str
    action: str
    subject_kind: str
    subject_id: str
    detail: dict[str, object]
    cause: Cause


async def note(tx: Tx, action: str, subject_kind: str, subject_id: UUID | str, **detail: object) -> None:
    """Told if the transaction is committed, of whoever asks at the moment."""
    present = asking()
    actor_id = present.principal.principal_id if present else ""
    await note_all(tx, [Deed(actor_id, action, subject_kind, str(subject_id), detail, cause_at_hand())])


async def note_all(tx: Tx, deeds: Sequence[Deed]) -> None:
    await outbox.add(tx, AUDIT_QUEUE.topic, [_event(deed) for deed in deeds])


def _event(deed: Deed) -> Event:
    body = AuditNoted(
        actor_id=deed.actor_id,
        action=deed.action,
        subject_kind=deed.subject_kind,
        subject_id=deed.subject_id,
        detail=deed.detail,
    )
    return Event(
        id=uuid7(),
        type=AUDIT_NOTED,
        source=SOURCE,
        subject=deed.subject_id,
        time=utc_now(),
        correlationid=deed.cause.correlationid,
        traceparent=deed.cause.traceparent,
        principal=deed.actor_id,
        data=encode_data(body),
    )
