"""What is told to the other service about who may do what; it leaves with the transaction."""

from collections.abc import Sequence

from msgspec import Struct

from xencrm.contracts.topology import ACCESS_QUEUE
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Tx
from xencrm.kernel.ids import uuid7
from xencrm.kernel.messaging import outbox
from xencrm.kernel.messaging.cause import cause_at_hand
from xencrm.kernel.messaging.envelope import Event, encode_data

SOURCE = "xencrm/campaigns"


async def tell(tx: Tx, kind: str, bodies: Sequence[tuple[str, Struct]]) -> None:
    """Events of one type: whom each is about, and its body."""
    await outbox.add(tx, ACCESS_QUEUE.topic, [_event(kind, subject, body) for subject, body in bodies])


def _event(kind: str, subject: str, body: Struct) -> Event:
    cause = cause_at_hand()
    return Event(
        id=uuid7(),
        type=kind,
        source=SOURCE,
        subject=subject,
        time=utc_now(),
        correlationid=cause.correlationid,
        traceparent=cause.traceparent,
        data=encode_data(body),
    )
