"""Inviting, changing and removing people. What they may changes in both services within seconds."""

from uuid import UUID

from xencrm.campaigns.accounts.audit import service as audit
from xencrm.campaigns.accounts.people import store
from xencrm.campaigns.accounts.people.acting import check_still_admin
from xencrm.campaigns.accounts.people.entering import Guests
from xencrm.campaigns.accounts.people.model import (
    AddressTaken,
    NamedInSettings,
    NotOneself,
    Person,
    PersonUnknown,
)
from xencrm.campaigns.accounts.sessions import service as sessions
from xencrm.kernel.database import Tx
from xencrm.kernel.http.principals import Principal, Role


async def invite(tx: Tx, email: str, role: Role) -> Person:
    """Whoever signs in with this address has the role; one who was removed is back. Raises AddressTaken."""
    await check_still_admin(tx)
    known = await store.find_email(tx, email)
    if known is not None and known.removed_at is None:
        raise AddressTaken(f"{email} is there already.")
    if known is None:
        person = await store.insert_person(tx, email, "", role)
    else:
        person = await store.invite_again(tx, known.person_id, role)
    await audit.note(tx, "person.invited", "person", person.person_id, email=email, role=role)
    return person


async def change_role(tx: Tx, person_id: UUID, role: Role, by: Principal, guests: Guests) -> Person:
    """Raises PersonUnknown, NotOneself, NamedInSettings."""
    person = await _changeable(tx, person_id, by)
    if person.role is role:
        return person
    if person.email in guests.admins:
        raise NamedInSettings(f"{person.email} is an admin by XENCRM_ADMINS; take it out there first.")
    changed = await store.set_role(tx, person_id, role)
    await sessions.renew_all(tx, person_id)
    await audit.note(tx, "person.role_changed", "person", person_id, role=role, before=person.role)
    return changed


async def remove(tx: Tx, person_id: UUID, by: Principal) -> None:
    """Out for good, also where their domain is let in; an invitation brings them back.

    Raises PersonUnknown, NotOneself.
    """
    person = await _changeable(tx, person_id, by)
    await sessions.end_all(tx, person_id)  # before the person: a renewal locks in this order too
    await store.remove(tx, person_id)
    await audit.note(tx, "person.removed", "person", person_id, email=person.email)


async def sign_out(tx: Tx, person_id: UUID) -> None:
    """Everywhere. Raises PersonUnknown."""
    await check_still_admin(tx)
    await _present(tx, person_id)
    await sessions.end_all(tx, person_id)
    await audit.note(tx, "person.signed_out", "person", person_id)


async def list_people(tx: Tx, after: UUID | None, most: int) -> list[Person]:
    return await store.list_people(tx, after, most)


async def _changeable(tx: Tx, person_id: UUID, by: Principal) -> Person:
    await check_still_admin(tx)
    person = await _present(tx, person_id)
    if by.principal_id == str(person_id):
        raise NotOneself("Another admin has to do this, so that somebody stays who can.")
    return person


async def _present(tx: Tx, person_id: UUID) -> Person:
    person = await store.find_person(tx, person_id)
    if person is None or person.removed_at is not None:
        raise PersonUnknown(f"There is nobody here with the id {person_id}.")
    return person
