"""People who sign in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from xencrm.kernel.errors import Conflict, Forbidden, NotFound
from xencrm.kernel.http.principals import Role


@dataclass(frozen=True, slots=True)
class Person:
    """Known by issuer and subject; both are None until somebody who was invited has signed in."""

    person_id: UUID
    issuer: str | None
    subject: str | None
    email: str
    name: str
    role: Role
    version: int
    created_at: datetime
    seen_at: datetime | None
    removed_at: datetime | None

    @property
    def is_invited(self) -> bool:
        """Whether they may come and have not come yet."""
        return self.issuer is None and self.removed_at is None


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as an issuer knows them: the address is verified, in lower case. `hosted_domain` is the
    organisation whose administrators gave the account out, where the issuer says so."""

    issuer: str
    subject: str
    email: str
    name: str
    hosted_domain: str | None = None


class PersonUnknown(NotFound):
    """Nobody has this id."""


class AddressTaken(Conflict):
    """Somebody else has this address."""


class NotOneself(Conflict):
    """What one cannot do to oneself, so that somebody stays who can."""


class NamedInSettings(Conflict):
    """The settings say who is an admin."""


class NotAllowed(Forbidden):
    """Nobody has let this person in."""
