"""Who may come in, and as whom."""

from dataclasses import dataclass, replace
from typing import Self

from xencrm.campaigns.accounts.people import store
from xencrm.campaigns.accounts.people.model import Identity, NotAllowed, Person
from xencrm.kernel.database import Tx
from xencrm.kernel.http.principals import Role
from xencrm.kernel.settings import Settings

GOOGLE = "https://accounts.google.com"
# Google's own addresses: who has one is always who Google says.
OF_GOOGLE = frozenset({"gmail.com", "googlemail.com"})


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
    if known is not None:
        return await _again(tx, known, identity, guests)
    invited = await store.find_email(tx, identity.email)
    if invited is None:
        return await _uninvited(tx, identity, guests)
    if invited.removed_at is not None:
        raise NotAllowed(f"{identity.email} was removed.")
    if invited.issuer is not None:
        raise NotAllowed(f"{identity.email} is the address of somebody else here.")
    role = Role.ADMIN if identity.email in guests.admins else invited.role
    return await store.bind(tx, invited.person_id, identity, role)


async def _again(tx: Tx, known: Person, identity: Identity, guests: Guests) -> Person:
    """Whoever is here already; the address may have changed."""
    if known.removed_at is not None:
        raise NotAllowed(f"{identity.email} was removed.")
    if known.email != identity.email:
        await _take_over(tx, known, identity)
    role = Role.ADMIN if identity.email in guests.admins else known.role
    seen = replace(known, email=identity.email, name=identity.name, role=role)
    return known if seen == known else await store.bind(tx, known.person_id, identity, role)


async def _take_over(tx: Tx, known: Person, identity: Identity) -> None:
    """An invitation to the new address is used up by who has it."""
    other = await store.find_email(tx, identity.email)
    if other is None or other.removed_at is not None:
        return
    if other.issuer is not None:
        raise NotAllowed(f"{identity.email} is the address of somebody else here.")
    await store.delete_invitation(tx, other.person_id)


async def _uninvited(tx: Tx, identity: Identity, guests: Guests) -> Person:
    role = guests.role_of(identity)
    if role is None:
        raise NotAllowed(f"{identity.email} is not invited.")
    return await store.insert_person(tx, identity.email, identity.name, role, identity)


def _is_of_its_domain(identity: Identity) -> bool:
    """Google lets anybody open an account with an address of a domain and verifies it that one time; whom the
    domain's owner knows has its name as `hd`.
    https://developers.google.com/identity/gsi/web/guides/verify-google-id-token
    """
    domain = identity.email.rpartition("@")[2]
    return identity.issuer != GOOGLE or domain in OF_GOOGLE or identity.hosted_domain == domain


def _names(listed: str | None) -> frozenset[str]:
    return frozenset(name for each in (listed or "").split(",") if (name := each.strip().lower().lstrip("@")))
