"""Who may come in, and as whom."""

from dataclasses import dataclass, replace
from typing import Self

from xencrm.campaigns.accounts.audit import service as audit
from xencrm.campaigns.accounts.people import store
from xencrm.campaigns.accounts.people.model import Identity, NotAllowed, Person
from xencrm.kernel.database import Tx
from xencrm.kernel.http.principals import Role
from xencrm.kernel.settings import Settings

GOOGLE = "https://accounts.google.com"
# Google's own addresses: who has one is always who Google says.
OF_GOOGLE = frozenset({"gmail.com", "googlemail.com"})
SETTINGS = "settings"  # who gave it, in the audit log


@dataclass(frozen=True, slots=True)
class Guests:
    """Who is let in by the settings; addresses and domains are in lower case."""

    admins: frozenset[str]
    allowed: frozenset[str]
    role: Role

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(_names(settings.admins), _names(settings.sign_in_allow), Role(settings.sign_in_role))

    def role_of(self, identity: Identity) -> Role | None:
        """None for those whom the settings do not let in."""
        if identity.email in self.admins:
            return Role.ADMIN
        by_domain = identity.email.rpartition("@")[2] in self.allowed and _is_of_its_domain(identity)
        return self.role if by_domain or identity.email in self.allowed else None


async def enter(tx: Tx, identity: Identity, guests: Guests) -> Person:
    """The person that an identity is; made, or bound to an invitation, the first time. Raises NotAllowed."""
    await store.lock_people(tx)
    known = await store.find_identity(tx, identity.issuer, identity.subject)
    if known is not None and known.removed_at is None:
        return await _again(tx, known, identity, guests)
    by_address = await store.find_email(tx, identity.email)
    if by_address is not None and by_address.is_invited:
        if known is not None:
            await store.unbind(tx, known.person_id)
        return await _invited(tx, by_address, identity, guests)
    if known is not None or (by_address is not None and by_address.removed_at is not None):
        raise NotAllowed(f"{identity.email} was removed.")
    if by_address is not None:
        raise NotAllowed(f"{identity.email} is the address of somebody else here.")
    return await _uninvited(tx, identity, guests)


async def _invited(tx: Tx, invited: Person, identity: Identity, guests: Guests) -> Person:
    """The first time of somebody who was invited."""
    person = await store.bind(tx, invited.person_id, identity, _role(invited, identity, guests))
    await audit.note_entering(tx, person.person_id, person.name, "person.invitation_used", email=person.email)
    await _note_role(tx, invited, person)
    return person


async def _again(tx: Tx, known: Person, identity: Identity, guests: Guests) -> Person:
    """Whoever is here already; the address may have changed."""
    if known.email != identity.email:
        await _take_over(tx, known, identity)
    role = _role(known, identity, guests)
    seen = replace(known, email=identity.email, name=identity.name, role=role)
    if seen == known:
        return known
    person = await store.bind(tx, known.person_id, identity, role)
    await _note_role(tx, known, person)
    return person


def _role(person: Person, identity: Identity, guests: Guests) -> Role:
    return Role.ADMIN if identity.email in guests.admins else person.role


async def _note_role(tx: Tx, before: Person, now: Person) -> None:
    """The settings may say another role than an admin gave."""
    if now.role is not before.role:
        role = {"role": now.role, "before": before.role, "by": SETTINGS}
        await audit.note_entering(tx, now.person_id, now.name, "person.role_changed", **role)


async def _take_over(tx: Tx, known: Person, identity: Identity) -> None:
    """An invitation to the new address is used up by who has it."""
    person_id, name, email = known.person_id, identity.name, identity.email
    other = await store.find_email(tx, email)
    if other is not None and other.removed_at is None:
        if not other.is_invited:
            raise NotAllowed(f"{email} is the address of somebody else here.")
        await store.delete_invitation(tx, other.person_id)
        await audit.note_entering(tx, person_id, name, "person.invitation_used", email=email)
    await audit.note_entering(tx, person_id, name, "person.address_changed", email=email, before=known.email)


async def _uninvited(tx: Tx, identity: Identity, guests: Guests) -> Person:
    role = guests.role_of(identity)
    if role is None:
        raise NotAllowed(f"{identity.email} is not invited.")
    person = await store.insert_person(tx, identity.email, identity.name, role, identity)
    added = {"email": person.email, "role": role, "by": SETTINGS}
    await audit.note_entering(tx, person.person_id, person.name, "person.added", **added)
    return person


def _is_of_its_domain(identity: Identity) -> bool:
    """Google lets anybody open an account with an address of a domain and verifies it that one time; whom the
    domain's owner knows has its name as `hd`.
    https://developers.google.com/identity/gsi/web/guides/verify-google-id-token
    """
    domain = identity.email.rpartition("@")[2]
    return identity.issuer != GOOGLE or domain in OF_GOOGLE or identity.hosted_domain == domain


def _names(listed: str | None) -> frozenset[str]:
    return frozenset(name for each in (listed or "").split(",") if (name := each.strip().lower().lstrip("@")))
