"""The table `people`."""

from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text

from xencrm.campaigns.accounts.people.model import Identity, Person
from xencrm.kernel.database import Tx
from xencrm.kernel.http.principals import Role

_COLUMNS = "person_id, issuer, subject, email, name, role, version, created_at, seen_at, removed_at"
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('xencrm people', 0))")
_INSERT = text(f"""
    INSERT INTO people (issuer, subject, email, name, role)
    VALUES (:issuer, :subject, :email, :name, :role) RETURNING {_COLUMNS}
""")
_FIND = text(f"SELECT {_COLUMNS} FROM people WHERE person_id = :person_id")
_FIND_IDENTITY = text(f"SELECT {_COLUMNS} FROM people WHERE issuer = :issuer AND subject = :subject")
_FIND_EMAIL = text(f"""
    SELECT {_COLUMNS} FROM people WHERE email = :email ORDER BY removed_at DESC NULLS FIRST LIMIT 1
""")
_BIND = text(f"""
    UPDATE people SET issuer = :issuer, subject = :subject, email = :email, name = :name, role = :role,
           version = version + 1
    WHERE person_id = :person_id RETURNING {_COLUMNS}
""")
_SET_ROLE = text(f"""
    UPDATE people SET role = :role, removed_at = NULL, version = version + 1
    WHERE person_id = :person_id RETURNING {_COLUMNS}
""")
_INVITE_AGAIN = text(f"""
    UPDATE people SET role = :role, issuer = NULL, subject = NULL, removed_at = NULL, version = version + 1
    WHERE person_id = :person_id RETURNING {_COLUMNS}
""")
_UNBIND = text("""
    UPDATE people SET issuer = NULL, subject = NULL, version = version + 1
    WHERE person_id = :person_id AND removed_at IS NOT NULL
""")
_REMOVE = text(f"""
    UPDATE people SET removed_at = now(), version = version + 1
    WHERE person_id = :person_id AND removed_at IS NULL RETURNING {_COLUMNS}
""")
_DELETE_INVITATION = text("DELETE FROM people WHERE person_id = :person_id AND issuer IS NULL")
_LIST = text(f"""
    SELECT {_COLUMNS} FROM people
    WHERE removed_at IS NULL AND (CAST(:after AS uuid) IS NULL OR person_id > :after)
    ORDER BY person_id LIMIT :most
""")


async def lock_people(tx: Tx) -> None:
    """Until the transaction ends nobody else signs in for the first time, is invited or is changed."""
    await tx.execute(_LOCK)


async def insert_person(
    tx: Tx, email: str, name: str, role: Role, identity: Identity | None = None
) -> Person:
    """Without an identity, one who is invited."""
    values = {
        "issuer": identity.issuer if identity else None,
        "subject": identity.subject if identity else None,
        "email": email,
        "name": name,
        "role": role.value,
    }
    return _person((await tx.execute(_INSERT, values)).mappings().one())


async def find_person(tx: Tx, person_id: UUID) -> Person | None:
    return _one((await tx.execute(_FIND, {"person_id": person_id})).mappings().one_or_none())


async def find_identity(tx: Tx, issuer: str, subject: str) -> Person | None:
    values = {"issuer": issuer, "subject": subject}
    return _one((await tx.execute(_FIND_IDENTITY, values)).mappings().one_or_none())


async def find_email(tx: Tx, email: str) -> Person | None:
    """Who has the address, else who had it when they were removed."""
    return _one((await tx.execute(_FIND_EMAIL, {"email": email})).mappings().one_or_none())


async def bind(tx: Tx, person_id: UUID, identity: Identity, role: Role) -> Person:
    """The person is who the issuer says."""
    values = {
        "person_id": person_id,
        "issuer": identity.issuer,
        "subject": identity.subject,
        "email": identity.email,
        "name": identity.name,
        "role": role.value,
    }
    return _person((await tx.execute(_BIND, values)).mappings().one())


async def set_role(tx: Tx, person_id: UUID, role: Role) -> Person:
    """One who was removed is back."""
    values = {"person_id": person_id, "role": role.value}
    return _person((await tx.execute(_SET_ROLE, values)).mappings().one())


async def invite_again(tx: Tx, person_id: UUID, role: Role) -> Person:
    """One who was removed: whoever signs in with the address next is that person."""
    values = {"person_id": person_id, "role": role.value}
    return _person((await tx.execute(_INVITE_AGAIN, values)).mappings().one())


async def unbind(tx: Tx, person_id: UUID) -> None:
    """Of one who was removed: who they are may be bound to an invitation."""
    await tx.execute(_UNBIND, {"person_id": person_id})


async def remove(tx: Tx, person_id: UUID) -> Person | None:
    """None when they were removed before."""
    return _one((await tx.execute(_REMOVE, {"person_id": person_id})).mappings().one_or_none())


async def delete_invitation(tx: Tx, person_id: UUID) -> None:
    await tx.execute(_DELETE_INVITATION, {"person_id": person_id})


async def list_people(tx: Tx, after: UUID | None, most: int) -> list[Person]:
    """By id, without those who were removed."""
    rows = await tx.execute(_LIST, {"after": after, "most": most})
    return [_person(row) for row in rows.mappings()]


def _one(row: RowMapping | None) -> Person | None:
    return None if row is None else _person(row)


def _person(row: RowMapping) -> Person:
    values: dict[str, Any] = {**row, "role": Role(row["role"])}
    return Person(**values)
