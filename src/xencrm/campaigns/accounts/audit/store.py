"""The table `audit`: rows are added and never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from xencrm.kernel.database import Tx

_INSERT = text("""
    INSERT INTO audit (actor_id, actor_name, actor_kind, action, subject_kind, subject_id, detail)
    VALUES (:actor_id, :actor_name, :actor_kind, :action, :subject_kind, :subject_id,
            CAST(:detail AS jsonb))
""")
_RECORD = text("""
    INSERT INTO audit (audit_id, at, actor_id, actor_name, actor_kind, action, subject_kind, subject_id,
                       detail)
    SELECT told.audit_id, told.at, told.actor_id, coalesce(people.name, api_keys.name, 'unknown'),
           CASE WHEN people.person_id IS NULL THEN 'key' ELSE 'person' END,
           told.action, told.subject_kind, told.subject_id, told.detail
    FROM unnest(CAST(:audit_ids AS uuid[]), CAST(:moments AS timestamptz[]), CAST(:actor_ids AS text[]),
                CAST(:actions AS text[]), CAST(:subject_kinds AS text[]), CAST(:subject_ids AS text[]),
                CAST(:details AS jsonb[]))
         AS told (audit_id, at, actor_id, action, subject_kind, subject_id, detail)
    LEFT JOIN people ON people.person_id::text = told.actor_id
    LEFT JOIN api_keys ON api_keys.principal_id::text = told.actor_id
    ON CONFLICT (audit_id) DO NOTHING
""")
_LIST = text("""
    SELECT audit_id, at, actor_id, actor_name, actor_kind, action, subject_kind, subject_id, detail
    FROM audit
    WHERE (CAST(:before AS uuid) IS NULL OR audit_id < :before)
      AND (CAST(:actor_id AS text) IS NULL OR actor_id = :actor_id)
      AND (CAST(:subject_kind AS text) IS NULL OR subject_kind = :subject_kind)
      AND (CAST(:subject_id AS text) IS NULL OR subject_id = :subject_id)
    ORDER BY audit_id DESC LIMIT :most
""")


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did, to what; `detail` is a JSON object."""

    actor_id: str
    actor_name: str
    actor_kind: str
    action: str
    subject_kind: str
    subject_id: str
    detail: dict[str, object]


@dataclass(frozen=True, slots=True)
class ToldDeed:
    """What the other service told; of the actor only the id."""

    audit_id: UUID
    at: datetime
    actor_id: str
    action: str
    subject_kind: str
    subject_id: str
    detail: dict[str, object]


@dataclass(frozen=True, slots=True)
class Noted(Deed):
    """A deed as it is kept."""

    audit_id: UUID
    at: datetime


async def insert_deed(tx: Tx, deed: Deed) -> None:
    values = {name: getattr(deed, name) for name in Deed.__slots__}
    await tx.execute(_INSERT, {**values, "detail": msgspec.json.encode(deed.detail).decode()})


async def record_told(tx: Tx, told: Sequence[ToldDeed]) -> None:
    """One that is told again changes nothing."""
    await tx.execute(
        _RECORD,
        {
            "audit_ids": [item.audit_id for item in told],
            "moments": [item.at for item in told],
            "actor_ids": [item.actor_id for item in told],
            "actions": [item.action for item in told],
            "subject_kinds": [item.subject_kind for item in told],
            "subject_ids": [item.subject_id for item in told],
            "details": [msgspec.json.encode(item.detail).decode() for item in told],
        },
    )


async def list_deeds(
    tx: Tx,
    *,
    before: UUID | None,
    most: int,
    actor_id: str | None,
    subject_kind: str | None,
    subject_id: str | None,
) -> list[Noted]:
    """The newest first."""
    given = {
        "before": before,
        "most": most,
        "actor_id": actor_id,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
    }
    return [Noted(**row) for row in (await tx.execute(_LIST, given)).mappings()]
