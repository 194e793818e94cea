"""The table `segments`."""

from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.exc import IntegrityError

from xencrm.campaigns.segments.model import Segment, SegmentInUse, SegmentNameTaken
from xencrm.kernel.database import Tx

ATTRIBUTES_FROM = 1000
MOST_CHOICES = 50
LONGEST_CHOICE = 60

_COLUMNS = """
    segment_id, name, description, CAST(rules AS text) AS rules, created_by, created_at, updated_at,
    (SELECT count(*) FROM campaigns WHERE campaigns.segment_id = segments.segment_id) AS campaigns
"""
_INSERT = text(f"""
    INSERT INTO segments (name, description, rules, created_by)
    VALUES (:name, :description, CAST(CAST(:rules AS text) AS jsonb), :created_by)
    ON CONFLICT (name) DO NOTHING
    RETURNING {_COLUMNS}
""")
_UPDATE = text(f"""
    UPDATE segments
    SET name = :name, description = :description, rules = CAST(CAST(:rules AS text) AS jsonb),
        updated_at = now()
    WHERE segment_id = :segment_id
    RETURNING {_COLUMNS}
""")
_DELETE = text("DELETE FROM segments WHERE segment_id = :segment_id RETURNING name")
_FIND = text(f"SELECT {_COLUMNS} FROM segments WHERE segment_id = :segment_id")
_LIST = text(f"""
    SELECT {_COLUMNS} FROM segments
    WHERE (CAST(:before AS uuid) IS NULL OR segment_id < :before)
      AND strpos(lower(name COLLATE "pg_c_utf8"), lower(CAST(:q AS text) COLLATE "pg_c_utf8")) > 0
    ORDER BY segment_id DESC LIMIT :most
""")
_IS_SCHEDULED = text(
    "SELECT EXISTS (SELECT FROM campaigns WHERE segment_id = :segment_id AND status = 'SCHEDULED')"
)
# A plan is made for the values at hand, however often the same rule is asked.
_LIMIT_TIME = text("""
    SELECT set_config('statement_timeout', CAST(:milliseconds AS text), true),
           set_config('plan_cache_mode', 'force_custom_plan', true)
""")
_ONE_SNAPSHOT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
_ATTRIBUTES = text("""
    WITH newest AS MATERIALIZED (
        SELECT attributes FROM customers_mv ORDER BY created_at DESC LIMIT :most
    ), seen AS (
        SELECT pair.key AS name, jsonb_typeof(pair.value) AS type, pair.value #>> '{}' AS value,
               count(*) AS times
        FROM newest CROSS JOIN LATERAL jsonb_each(newest.attributes) AS pair
        GROUP BY 1, 2, 3
    ), types AS (
        SELECT name, type, sum(times) AS times FROM seen WHERE type <> 'null' GROUP BY 1, 2
    ), choices AS (
        SELECT name, array_agg(value ORDER BY times DESC, value) AS value
        FROM seen WHERE type = 'string' AND length(value) BETWEEN 1 AND :longest GROUP BY 1
    )
    SELECT names.name,
           ARRAY(SELECT type FROM types WHERE types.name = names.name ORDER BY times DESC, type) AS types,
           COALESCE(choices.value[1 : :choices], CAST('{}' AS text[])) AS values
    FROM (SELECT DISTINCT name FROM seen) AS names LEFT JOIN choices USING (name)
    ORDER BY names.name
""")


async def insert_segment(tx: Tx, name: str, description: str, rules: str, created_by: str) -> Segment | None:
    """None when the name is taken."""
    values = {"name": name, "description": description, "rules": rules, "created_by": created_by}
    return _one((await tx.execute(_INSERT, values)).mappings().one_or_none())


async def update_segment(tx: Tx, segment_id: UUID, name: str, description: str, rules: str) -> Segment | None:
    """None when it is not there. Raises SegmentNameTaken."""
    values = {"segment_id": segment_id, "name": name, "description": description, "rules": rules}
    try:
        return _one((await tx.execute(_UPDATE, values)).mappings().one_or_none())
    except IntegrityError as error:
        raise SegmentNameTaken(f"Another segment is called {name!r}.") from error


async def delete_segment(tx: Tx, segment_id: UUID) -> str | None:
    """Its name; None when there was none. Raises SegmentInUse."""
    try:
        name: str | None = (await tx.execute(_DELETE, {"segment_id": segment_id})).scalar_one_or_none()
    except IntegrityError as error:
        raise SegmentInUse("A campaign uses this segment.") from error
    return name


async def find_segment(tx: Tx, segment_id: UUID) -> Segment | None:
    return _one((await tx.execute(_FIND, {"segment_id": segment_id})).mappings().one_or_none())


async def is_scheduled(tx: Tx, segment_id: UUID) -> bool:
    """Whether a campaign that has not begun yet waits with it."""
    return bool((await tx.execute(_IS_SCHEDULED, {"segment_id": segment_id})).scalar_one())


async def list_segments(tx: Tx, before: UUID | None, most: int, q: str) -> list[Segment]:
    """Those with `q` in their name, newest first (ids are in time order)."""
    rows = await tx.execute(_LIST, {"before": before, "most": most, "q": q})
    return [Segment(**row) for row in rows.mappings()]


async def list_attributes(tx: Tx) -> list[tuple[str, list[str], list[str]]]:
    """The attributes that the newest customers have: key, JSON types, short texts; the most seen first."""
    most = {"most": ATTRIBUTES_FROM, "choices": MOST_CHOICES, "longest": LONGEST_CHOICE}
    return [
        (row["name"], row["types"], row["values"]) for row in (await tx.execute(_ATTRIBUTES, most)).mappings()
    ]


async def take_snapshot(tx: Tx) -> None:
    """First in its transaction, which only reads: what follows sees one state of the data."""
    await tx.execute(_ONE_SNAPSHOT)


async def limit_time(tx: Tx, timeout_ms: int) -> None:
    """No later statement of the transaction takes longer."""
    await tx.execute(_LIMIT_TIME, {"milliseconds": str(timeout_ms)})


def _one(row: RowMapping | None) -> Segment | None:
    return None if row is None else Segment(**row)
