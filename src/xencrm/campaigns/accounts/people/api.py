"""Routes of people."""

from uuid import UUID

from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from xencrm.campaigns.accounts.people import service
from xencrm.campaigns.accounts.people.entering import Guests
from xencrm.campaigns.accounts.people.schemas import Invitation, PersonChange, ShownPerson, shown_person
from xencrm.campaigns.services import Provided
from xencrm.kernel.http.app import Caller
from xencrm.kernel.http.paging import Limit, Page, PageCursor, decode_cursor, encode_cursor

Named = NamedDependency[Guests]


async def list_people(
    services: Provided, guests: Named, limit: Limit = 100, cursor: PageCursor = None
) -> Page[ShownPerson]:
    """Who may sign in: those who have, and those who are invited."""
    after = decode_cursor(cursor, tuple[UUID])
    async with services.database.transaction() as tx:
        found = await service.list_people(tx, after[0] if after else None, limit + 1)
    shown = [shown_person(person, guests) for person in found[:limit]]
    return Page(shown, encode_cursor(shown[-1].person_id) if len(found) > limit else None)


async def invite_person(data: JSONBody[Invitation], services: Provided, guests: Named) -> ShownPerson:
    """Let somebody in by their address. Nothing is sent to them."""
    async with services.database.transaction() as tx:
        return shown_person(await service.invite(tx, data.email, data.role), guests)


async def change_person(
    person_id: FromPath[UUID],
    data: JSONBody[PersonChange],
    principal: Caller,
    services: Provided,
    guests: Named,
) -> ShownPerson:
    """Give somebody else another role; it holds within seconds, also where they are signed in."""
    async with services.database.transaction() as tx:
        person = await service.change_role(tx, person_id, data.role, principal, guests)
    return shown_person(person, guests)


async def remove_person(person_id: FromPath[UUID], principal: Caller, services: Provided) -> None:
    """Put somebody out: signed out everywhere within seconds, and not let in again unless invited."""
    async with services.database.transaction() as tx:
        await service.remove(tx, person_id, principal)


async def sign_out_person(person_id: FromPath[UUID], services: Provided) -> None:
    """End all sessions of somebody, who may sign in again."""
    async with services.database.transaction() as tx:
        await service.sign_out(tx, person_id)
