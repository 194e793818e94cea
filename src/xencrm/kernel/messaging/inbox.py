"""The inbox: which events this database has applied. Kept by day, dropped whole."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import text

from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Tx
from xencrm.kernel.ids import day_of
from xencrm.kernel.messaging.envelope import Event

DAYS_AHEAD = 3

# A UUIDv7 fixes its day, so its partition's key decides; a derived id may come again on another day.
_INSERT = text("""
    INSERT INTO inbox (day, event_id)
    SELECT new.day, new.event_id
    FROM unnest(CAST(:days AS date[]), CAST(:ids AS uuid[])) AS new (day, event_id)
    WHERE uuid_extract_version(new.event_id) = 7
       OR NOT EXISTS (SELECT FROM inbox WHERE inbox.event_id = new.event_id)
    ON CONFLICT DO NOTHING
    RETURNING event_id
""")
_FORGET = text("DELETE FROM inbox WHERE event_id = ANY(CAST(:ids AS uuid[]))")
_PARTITIONS = text(
    "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'inbox'::regclass ORDER BY 1"
)

_PURGE_DEFAULT = text("""
    DELETE FROM inbox_default WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM inbox_default WHERE day < CAST(:oldest AS date) LIMIT :most FOR UPDATE SKIP LOCKED
    ))
""")


async def insert_new(tx: Tx, events: Sequence[Event]) -> list[Event]:
    """Notes the events and returns those that had not been noted before, once each, in their order."""
    keys = sorted({event.id: day_of(event.id, event.time) for event in events}.items())
    rows = await tx.execute(_INSERT, {"days": [day for _, day in keys], "ids": [key for key, _ in keys]})
    new = set(rows.scalars())
    fresh: list[Event] = []
    for event in events:
        if event.id in new:
            new.discard(event.id)
            fresh.append(event)
    return fresh


async def forget(tx: Tx, event_ids: Sequence[UUID]) -> None:
    await tx.execute(_FORGET, {"ids": list(event_ids)})


async def maintain(tx: Tx, *, days: int) -> None:
    """Makes the partitions of the coming days and drops those of more than so many days ago."""
    await tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('inbox.maintain'))"))
    today = utc_now().date()
    have = set((await tx.execute(_PARTITIONS)).scalars())
    for ahead in range(-1, DAYS_AHEAD + 1):
        day = today + timedelta(days=ahead)
        if _name(day) not in have:
            await _create(tx, day)
    oldest = today - timedelta(days=days)
    for name in have - {"inbox_default"}:
        if name < _name(oldest):
            await tx.execute(text(f"DROP TABLE {name}"))


async def purge_default(tx: Tx, *, days: int, most: int) -> int:
    """Deletes up to `most` rows of days that had no partition and are over. Returns how many."""
    oldest = utc_now().date() - timedelta(days=days)
    return (await tx.execute(_PURGE_DEFAULT, {"oldest": oldest, "most": most})).rowcount


async def _create(tx: Tx, day: date) -> None:
    """Rows of the day that came before its partition lie in the default one and move over."""
    name, until = _name(day), day + timedelta(days=1)
    for statement in (
        "LOCK TABLE inbox_default IN ACCESS EXCLUSIVE MODE",
        f"CREATE TABLE {name} (LIKE inbox INCLUDING ALL)",
        f"WITH early AS (DELETE FROM inbox_default WHERE day = '{day}' RETURNING day, event_id)"
        f" INSERT INTO {name} (day, event_id) SELECT day, event_id FROM early",
        f"ALTER TABLE inbox ATTACH PARTITION {name} FOR VALUES FROM ('{day}') TO ('{until}')",
    ):
        await tx.execute(text(statement))


def _name(day: date) -> str:
    return f"inbox_{day:%Y%m%d}"
