"""The one-time link of an installation that only its own machine can reach."""

import hashlib
import secrets
from datetime import timedelta
from typing import Final

from xencrm.campaigns.accounts.audit import service as audit
from xencrm.campaigns.accounts.people import store as people
from xencrm.campaigns.accounts.people.model import Identity, Person
from xencrm.campaigns.accounts.sessions.model import LOCAL_ISSUER
from xencrm.campaigns.accounts.sign_in import link_store
from xencrm.kernel.database import Tx
from xencrm.kernel.errors import Unauthenticated, Unprocessable
from xencrm.kernel.http.principals import Role
from xencrm.kernel.settings import Settings

LIFE: Final = timedelta(minutes=15)
TOKEN_BYTES: Final = 16
WAY: Final = "link"
OWNER: Final = Identity(issuer=LOCAL_ISSUER, subject="owner", email="owner@localhost", name="Owner")


class LinkUsedUp(Unauthenticated):
    """It was used, has expired, or never was."""


class NoLinkHere(Unprocessable):
    """People sign in with a provider, or others than this machine can reach the front."""


async def make_link(tx: Tx, settings: Settings) -> str:
    """Its address. Raises NoLinkHere."""
    if not settings.signs_in_by_link:
        raise NoLinkHere(
            "There is no sign-in link: people sign in with the provider of XENCRM_OIDC_ISSUER."
            if settings.signs_in_by_provider
            else "There is a sign-in link only where XENCRM_HOST is this machine alone (127.0.0.1)."
        )
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await link_store.insert_link(tx, _hash(token), LIFE)
    return f"{settings.local_url}/sign-in#link={token}"


async def take_link(tx: Tx, token: str) -> Person:
    """The owner. Raises LinkUsedUp."""
    if not await link_store.take_link(tx, _hash(token)):
        raise LinkUsedUp("This link was used or has expired; `xencrm sign-in-link` makes another.")
    return await _owner(tx)


async def _owner(tx: Tx) -> Person:
    """An admin, made the first time; whoever can make a link runs the installation."""
    await people.lock_people(tx)
    owner = await people.find_identity(tx, OWNER.issuer, OWNER.subject)
    if owner is None:
        owner = await people.insert_person(tx, OWNER.email, OWNER.name, Role.ADMIN, OWNER)
        await _note(tx, owner, "person.added", email=owner.email, role=owner.role)
    elif owner.removed_at is not None or owner.role is not Role.ADMIN:
        action = "person.added" if owner.removed_at is not None else "person.role_changed"
        await _note(tx, owner, action, role=Role.ADMIN, before=owner.role)
        owner = await people.set_role(tx, owner.person_id, Role.ADMIN)
    return owner


async def _note(tx: Tx, owner: Person, action: str, **detail: object) -> None:
    await audit.note_entering(tx, owner.person_id, owner.name, action, **detail, by=WAY)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
