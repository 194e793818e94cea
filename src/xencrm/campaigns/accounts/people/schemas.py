"""People over HTTP."""

from typing import Annotated
from uuid import UUID

from msgspec import Struct

from xencrm.campaigns.accounts.people.entering import Guests
from xencrm.campaigns.accounts.people.model import Person
from xencrm.kernel.http.principals import Role
from xencrm.kernel.http.shapes import Email, Time, one_of
from xencrm.kernel.validation import clean_email

PERSONAL = (Role.VIEWER, Role.MARKETER, Role.ADMIN)
PersonalRole = Annotated[Role, one_of(*PERSONAL)]


class Invitation(Struct, forbid_unknown_fields=True):
    """What `POST /people` takes: who signs in with this verified address gets the role."""

    email: Email
    role: PersonalRole

    def __post_init__(self) -> None:
        self.email = clean_email("email", self.email)
        check_role(self.role)


class PersonChange(Struct, forbid_unknown_fields=True):
    """What `PATCH /people/{person_id}` takes."""

    role: PersonalRole

    def __post_init__(self) -> None:
        check_role(self.role)


class ShownPerson(Struct, kw_only=True):
    """Somebody who may sign in. `invited`: they have not done so yet; `named_in_settings`: an admin by
    XENCRM_ADMINS, whose role is not changed here."""

    person_id: UUID
    email: str
    name: str
    role: Role
    invited: bool
    named_in_settings: bool
    created_at: Time
    seen_at: Time | None


def check_role(role: Role) -> None:
    if role not in PERSONAL:
        raise ValueError(f"role: of people one of {', '.join(PERSONAL)}")


def shown_person(person: Person, guests: Guests) -> ShownPerson:
    return ShownPerson(
        person_id=person.person_id,
        email=person.email,
        name=person.name,
        role=person.role,
        invited=person.issuer is None,
        named_in_settings=person.email in guests.admins,
        created_at=person.created_at,
        seen_at=person.seen_at,
    )
