"""The outbox: events that leave with the transaction that caused them."""

from collections.abc import Sequence

from sqlalchemy import text

from xencrm.kernel.database import Tx
from xencrm.kernel.messaging.broker import Topic
from xencrm.kernel.messaging.envelope import Event, encode_event, join_events, split_frames

CHANNEL = "outbox"

_ADD = text("""
    WITH added AS (
        INSERT INTO outbox (exchange, routing_key, body)
        SELECT :exchange, :routing_key, frame.body
        FROM unnest(CAST(:bodies AS bytea[])) WITH ORDINALITY AS frame (body, position)
        ORDER BY frame.position
    )
    SELECT pg_notify(:channel, '')
""")
_UNSETTLED = text("""
    SELECT outbox_id, exchange, routing_key, body FROM outbox
    WHERE settled_at IS NULL ORDER BY outbox_id LIMIT :most
""")
_NEWEST = text("SELECT coalesce(max(outbox_id), 0) FROM outbox")
_COUNT_UNSETTLED = text("""
    SELECT count(*) FROM (
        SELECT FROM outbox WHERE settled_at IS NULL AND outbox_id <= :until LIMIT :most
    ) AS unsettled
""")
_SETTLE = text(
    "UPDATE outbox SET settled_at = now(), body = NULL WHERE outbox_id = ANY(CAST(:ids AS bigint[]))"
)
_PURGE = text("""
    DELETE FROM outbox WHERE outbox_id = ANY(ARRAY(
        SELECT outbox_id FROM outbox WHERE settled_at < now() - make_interval(days => :days)
        ORDER BY settled_at LIMIT :most FOR UPDATE SKIP LOCKED
    ))
""")


async def add(tx: Tx, topic: Topic, events: Sequence[Event]) -> None:
    """One row a frame; the relay is woken at commit."""
    if not events:
        return
    bodies = [join_events(chunk) for chunk in split_frames([encode_event(event) for event in events])]
    await tx.execute(
        _ADD,
        {"exchange": topic.exchange, "routing_key": topic.key, "bodies": bodies, "channel": CHANNEL},
    )


async def list_unsettled(tx: Tx, most: int) -> list[tuple[int, Topic, bytes]]:
    """Oldest first: by what is unsettled, because ids commit out of order."""
    rows = await tx.execute(_UNSETTLED, {"most": most})
    return [(row.outbox_id, Topic(row.exchange, row.routing_key), bytes(row.body)) for row in rows]


async def find_newest(tx: Tx) -> int:
    """The highest id there is."""
    return int((await tx.execute(_NEWEST)).scalar_one())


async def count_unsettled(tx: Tx, *, until: int, most: int) -> int:
    """How many rows up to an id the relay has still to carry; counts no more than `most`."""
    return int((await tx.execute(_COUNT_UNSETTLED, {"until": until, "most": most})).scalar_one())


async def settle(tx: Tx, outbox_ids: Sequence[int]) -> None:
    """The frames are the broker's now; a row without its body stays as a trace."""
    await tx.execute(_SETTLE, {"ids": list(outbox_ids)})


async def purge(tx: Tx, *, days: int, most: int) -> int:
    """Deletes up to `most` rows that were settled more than so many days ago. Returns how many."""
    return (await tx.execute(_PURGE, {"days": days, "most": most})).rowcount
