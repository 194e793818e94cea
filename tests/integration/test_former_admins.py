"""Who is an admin no more changes nothing more, not even in the moment after."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from tests.support.people import Both, Browser, running_both, signed_in
from tests.support.postgres import PostgresServer
from xencrm.campaigns.accounts.people import store
from xencrm.campaigns.accounts.sessions import service as sessions
from xencrm.kernel.database import Tx
from xencrm.kernel.http.principals import Role

WAITING = """
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted
"""
DEEDS: dict[str, tuple[str, str, Any]] = {
    "inviting": ("POST", "/people", {"email": "pal@shop.example", "role": "admin"}),
    "changing": ("PATCH", "/people/{person}", {"role": "viewer"}),
    "removing": ("DELETE", "/people/{person}", None),
    "signing out": ("POST", "/people/{person}/sign-out", None),
    "making a key": ("POST", "/api-keys", {"name": "lasting", "role": "admin"}),
    "revoking a key": ("DELETE", "/api-keys/000000000001", None),
}


@pytest.fixture(scope="module")
async def both(postgres: PostgresServer) -> AsyncIterator[Both]:
    async with running_both(postgres) as services:
        yield services


async def an_admin(both: Both) -> Browser:
    """Of whom the service remembers that they are."""
    browser = await signed_in(both.campaigns, "admin", f"{uuid4().hex}@shop.example")
    assert (await browser.ask(both.campaigns, "GET", "/people"))[0] == 200
    return browser


async def ask(both: Both, browser: Browser, deed: str, person: Browser) -> int:
    method, path, body = DEEDS[deed]
    path = path.format(person=person.person_id)
    return (await browser.ask(both.campaigns, method, path, json=body))[0]


@asynccontextmanager
async def changing_people(both: Both, waiting: int) -> AsyncIterator[Tx]:
    """Holds up who changes people, and goes on when so many wait."""
    async with both.campaigns.database.transaction() as tx:
        await store.lock_people(tx)
        yield tx
        await both.campaigns.until(WAITING, waiting)


@pytest.mark.parametrize("deed", DEEDS)
async def test_a_demoted_admin_is_refused_at_once(both: Both, deed: str) -> None:
    browser, other = await an_admin(both), await an_admin(both)
    async with both.campaigns.database.transaction() as tx:
        await store.set_role(tx, UUID(browser.person_id), Role.VIEWER)
    assert await ask(both, browser, deed, other) == 403


@pytest.mark.parametrize("deed", DEEDS)
async def test_an_admin_who_is_demoted_while_they_ask_is_refused(both: Both, deed: str) -> None:
    browser, other = await an_admin(both), await an_admin(both)
    async with changing_people(both, waiting=1) as tx:
        asked = asyncio.create_task(ask(both, browser, deed, other))
        await both.campaigns.until(WAITING, 1)
        await store.set_role(tx, UUID(browser.person_id), Role.VIEWER)
    assert await asked == 403


async def test_of_two_admins_who_remove_each_other_one_stays(both: Both) -> None:
    one, other = await an_admin(both), await an_admin(both)
    async with changing_people(both, waiting=2):
        asked = [
            asyncio.create_task(ask(both, by, "removing", whom)) for by, whom in ((one, other), (other, one))
        ]
    assert sorted([await each for each in asked]) == [204, 403]


async def test_in_the_other_service_a_cut_off_holds_at_once_for_what_only_admins_may(both: Both) -> None:
    browser = await an_admin(both)
    path = f"/customers/{uuid4()}"

    async def known() -> int:
        return (await browser.ask(both.ingestion, "DELETE", path))[0]

    async with asyncio.timeout(30):
        while await known() == 401:
            await asyncio.sleep(0.02)
    assert await known() == 404
    await both.ingestion.rows(
        "INSERT INTO session_cutoffs VALUES (:id, now() + interval '1 minute') RETURNING 1",
        id=UUID(browser.person_id),
    )
    assert await known() == 401


async def test_removing_somebody_whose_sessions_are_renewed_meanwhile_locks_nobody_out(both: Both) -> None:
    """A renewal that has the session waits for the person, whom the removal must not have before."""
    admin, person = await an_admin(both), await an_admin(both)
    assert person.principal is not None
    assert person.principal.session is not None
    session_id = person.principal.session.session_id
    async with both.campaigns.database.transaction() as tx:
        held = text("SELECT FROM sessions WHERE session_id = :id FOR UPDATE")
        await tx.execute(held, {"id": session_id})
        removing = asyncio.create_task(ask(both, admin, "removing", person))
        await both.campaigns.until(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock' AND query LIKE '%UPDATE sessions SET revoked_at%'",
            1,
        )
        await sessions.go_on(tx, session_id, issuer=None)
    assert await removing == 204
