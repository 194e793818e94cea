"""People: invited, given another role, signed out, removed; in both services within seconds."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from tests.support.campaigns import walk
from tests.support.people import COOKIE, SECRET, Both, Browser, known_in_both, running_both, signed_in
from tests.support.postgres import PostgresServer
from tests.support.waiting import until
from xencrm.campaigns.accounts.people.entering import Guests, enter
from xencrm.campaigns.accounts.people.model import Identity, NotAllowed, Person
from xencrm.campaigns.accounts.sessions.model import LOCAL_ISSUER
from xencrm.kernel.http import streams
from xencrm.kernel.http.principals import Role
from xencrm.kernel.settings import Settings

GUESTS = Guests.of(
    Settings(secret=SECRET, admins="chief@shop.example", sign_in_allow=" Shop.example ,pal@else.example")
)
GOOGLE = "https://accounts.google.com"


@pytest.fixture(scope="module")
async def both(postgres: PostgresServer) -> AsyncIterator[Both]:
    async with running_both(postgres, admins="chief@shop.example") as services:
        yield services


def address() -> str:
    return f"{uuid4().hex}@elsewhere.example"


async def invite(both: Both, email: str, role: str = "viewer") -> dict[str, Any]:
    status, person = await both.campaigns.post("/people", {"email": email, "role": role})
    assert status == 201, person
    return dict(person)


async def came(
    both: Both,
    email: str,
    *,
    subject: str = "",
    issuer: str = LOCAL_ISSUER,
    guests: Guests = GUESTS,
    **more: Any,
) -> Person:
    """Somebody with this address signs in."""
    identity = Identity(issuer, subject or email, email, email.partition("@")[0], **more)
    async with both.campaigns.database.transaction() as tx:
        return await enter(tx, identity, guests)


async def statuses(both: Both, browser: Browser) -> tuple[int, int]:
    """What a marketer's requests are answered: by Campaigns, by Ingestion."""
    here, _ = await browser.ask(both.campaigns, "POST", "/segments", json={})
    there, _ = await browser.ask(both.ingestion, "POST", "/customers", json={})
    return here, there


async def test_who_is_invited_has_the_role_from_the_first_sign_in(both: Both) -> None:
    email = address()
    invited = await invite(both, email, "marketer")
    assert (invited["invited"], invited["role"], invited["seen_at"]) == (True, "marketer", None)
    person = await came(both, email)
    assert (str(person.person_id), person.role) == (invited["person_id"], Role.MARKETER)
    listed = {each["person_id"]: each for each in await walk(both.campaigns, "/people", limit=2)}
    assert listed[invited["person_id"]]["invited"] is False


async def test_nobody_is_invited_twice(both: Both) -> None:
    email = address()
    await invite(both, email)
    assert (await both.campaigns.post("/people", {"email": email.upper(), "role": "admin"}))[0] == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "a@shop.example", "role": "ingest"}, "role"),
        ({"email": "a@shop.example", "role": "owner"}, "role"),
        ({"email": "nobody", "role": "viewer"}, "email"),
        ({"email": "a@shop.example"}, "role"),
        ({"email": "a@shop.example", "role": "viewer", "name": "A"}, "name"),
    ],
)
async def test_a_bad_invitation_names_the_field(both: Both, body: Any, field: str) -> None:
    status, problem = await both.campaigns.post("/people", body)
    assert (status, [error["field"] for error in problem["errors"]]) == (400, [field])


async def test_a_new_role_holds_in_both_services_within_seconds(both: Both) -> None:
    browser = await signed_in(both.campaigns, "marketer", address())
    await known_in_both(both, browser)
    assert await statuses(both, browser) == (400, 400)
    path = f"/people/{browser.person_id}"
    assert (await both.campaigns.ask("PATCH", path, json={"role": "viewer"}))[0] == 200
    await until(lambda: statuses(both, browser), lambda seen: seen == (403, 403), within_s=60)
    assert (await both.campaigns.ask("PATCH", path, json={"role": "admin"}))[0] == 200
    await until(lambda: statuses(both, browser), lambda seen: seen == (400, 400), within_s=60)


async def test_a_token_of_before_never_carries_the_old_role_on(both: Both) -> None:
    browser = await signed_in(both.campaigns, "admin", address())
    await known_in_both(both, browser)
    old = Browser(browser.token, browser.csrf)
    path = f"/people/{browser.person_id}"
    assert (await both.campaigns.ask("PATCH", path, json={"role": "viewer"}))[0] == 200
    await until(lambda: statuses(both, browser), lambda seen: seen == (403, 403), within_s=60)

    async def old_status() -> int:
        return (await old.ask(both.ingestion, "GET", "/customers"))[0]

    await until(old_status, lambda seen: seen == 401, within_s=60)


async def test_who_is_signed_out_everywhere_may_sign_in_again(both: Both) -> None:
    email = address()
    browsers = [await signed_in(both.campaigns, "marketer", email) for _ in range(2)]
    for browser in browsers:
        await known_in_both(both, browser)
        assert await statuses(both, browser) == (400, 400)
    assert (await both.campaigns.post(f"/people/{browsers[0].person_id}/sign-out", None))[0] == 204
    for browser in browsers:
        await until(partial(statuses, both, browser), lambda seen: seen == (401, 401), within_s=60)
    again = await signed_in(both.campaigns, "marketer", email)
    assert await statuses(both, again) == (400, 400)


async def test_who_is_removed_is_out_at_once_and_stays_out_though_their_domain_is_let_in(both: Both) -> None:
    email = f"{uuid4().hex}@shop.example"
    person = await came(both, email)
    browser = await signed_in(both.campaigns, "viewer", email)
    assert browser.person_id == str(person.person_id)
    await known_in_both(both, browser)
    for _ in range(2):
        status, _ = await both.campaigns.ask("DELETE", f"/people/{person.person_id}")
        assert status in (204, 404)
    await until(lambda: statuses(both, browser), lambda seen: seen == (401, 401), within_s=60)
    for subject in (email, "another account"):
        with pytest.raises(NotAllowed):
            await came(both, email, subject=subject)
    assert await walk_ids(both, person) == 0
    await invite(both, email, "marketer")
    back = await came(both, email, subject="another account")
    assert (back.person_id, back.role) == (person.person_id, Role.MARKETER)
    assert await walk_ids(both, person) == 1
    with pytest.raises(NotAllowed):
        await came(both, email)


async def walk_ids(both: Both, person: Person) -> int:
    listed = await walk(both.campaigns, "/people", limit=1000)
    return [each["person_id"] for each in listed].count(str(person.person_id))


async def test_who_was_removed_and_is_invited_by_a_new_address_comes_back_as_invited(both: Both) -> None:
    before, after = address(), address()
    await invite(both, before, "admin")
    former = await came(both, before)
    assert (await both.campaigns.ask("DELETE", f"/people/{former.person_id}"))[0] == 204
    with pytest.raises(NotAllowed):
        await came(both, after, subject=before)
    invited = await invite(both, after, "viewer")
    back = await came(both, after, subject=before)
    assert (str(back.person_id), back.role) == (invited["person_id"], Role.VIEWER)
    assert (await came(both, after, subject=before)).person_id == back.person_id
    with pytest.raises(NotAllowed):
        await came(both, before, subject=address())


async def deeds_of(both: Both, person: Person) -> list[tuple[str, dict[str, Any]]]:
    """What they did to themselves, the first first."""
    listed = await walk(both.campaigns, "/audit", limit=1000, actor_id=str(person.person_id))
    assert {each["actor_kind"] for each in listed} <= {"person"}
    assert {each["subject_id"] for each in listed} <= {str(person.person_id)}
    return [(each["action"], each["detail"]) for each in reversed(listed)]


async def test_what_changes_of_somebody_as_they_sign_in_is_in_the_log(both: Both) -> None:
    before, after = f"{uuid4().hex}@shop.example", address()
    person = await came(both, before)
    added = ("person.added", {"email": before, "role": "viewer", "by": "settings"})
    assert await deeds_of(both, person) == [added]
    assert await came(both, before) == person
    await invite(both, after)
    await came(both, after, subject=before)
    assert await deeds_of(both, person) == [
        added,
        ("person.invitation_used", {"email": after}),
        ("person.address_changed", {"email": after, "before": before}),
    ]


async def test_that_the_settings_make_somebody_an_admin_is_in_the_log(both: Both) -> None:
    by_invitation, later = address(), address()
    guests = Guests(admins=frozenset({by_invitation}), allowed=frozenset(), role=Role.VIEWER)
    for email, now in ((by_invitation, guests), (later, replace(guests, admins=frozenset()))):
        await invite(both, email, "marketer")
        person = await came(both, email, guests=now)
        person = await came(both, email, guests=replace(guests, admins=frozenset({email})))
        assert await deeds_of(both, person) == [
            ("person.invitation_used", {"email": email}),
            ("person.role_changed", {"role": "admin", "before": "marketer", "by": "settings"}),
        ]


async def test_nobody_locks_themselves_out(both: Both) -> None:
    browser = await signed_in(both.campaigns, "admin", address())
    path = f"/people/{browser.person_id}"
    assert (await browser.ask(both.campaigns, "PATCH", path, json={"role": "viewer"}))[0] == 409
    assert (await browser.ask(both.campaigns, "DELETE", path))[0] == 409


async def test_the_settings_say_who_is_an_admin(both: Both) -> None:
    await invite(both, "chief@shop.example", "viewer")
    person = await came(both, "chief@shop.example")
    assert person.role is Role.ADMIN
    path = f"/people/{person.person_id}"
    assert (await both.campaigns.ask("PATCH", path, json={"role": "viewer"}))[0] == 409


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_somebody_who_is_not_there_cannot_be_changed(both: Both, method: str) -> None:
    body = {"role": "viewer"} if method == "PATCH" else None
    assert (await both.campaigns.ask(method, f"/people/{uuid4()}", json=body))[0] == 404


async def test_only_whom_the_settings_name_comes_uninvited(both: Both) -> None:
    assert (await came(both, "pal@else.example")).role is Role.VIEWER
    for stranger in ("foe@else.example", "a@evil-shop.example", "a@shop.example.evil.example"):
        with pytest.raises(NotAllowed):
            await came(both, stranger)


async def test_of_google_a_domain_is_what_its_owner_gave_out(both: Both) -> None:
    email = f"{uuid4().hex}@shop.example"
    with pytest.raises(NotAllowed):
        await came(both, email, issuer=GOOGLE)
    with pytest.raises(NotAllowed):
        await came(both, email, issuer=GOOGLE, hosted_domain="evil.example")
    assert (await came(both, email, issuer=GOOGLE, hosted_domain="shop.example")).role is Role.VIEWER


async def test_an_invitation_to_a_new_address_of_somebody_is_used_up(both: Both) -> None:
    before, after = address(), address()
    await invite(both, before, "marketer")
    person = await came(both, before, subject=before)
    invited = await invite(both, after, "admin")
    moved = await came(both, after, subject=before)
    assert (moved.person_id, moved.role, moved.email) == (person.person_id, Role.MARKETER, after)
    assert invited["person_id"] not in [
        p["person_id"] for p in await walk(both.campaigns, "/people", limit=1000)
    ]


async def test_an_open_stream_of_somebody_ends_when_they_are_signed_out(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "GOOD_EVERY_S", 0.1)
    browser = await signed_in(both.campaigns, "viewer", address())
    url = f"{both.campaigns.url}/api/v1/stream?topics=dashboard"
    async with both.campaigns.http.get(url, headers={"Cookie": f"{COOKIE}={browser.token}"}) as answer:
        assert answer.status == 200
        await asyncio.wait_for(answer.content.readuntil(b"data: "), 30)
        assert (await both.campaigns.post(f"/people/{browser.person_id}/sign-out", None))[0] == 204
        await asyncio.wait_for(answer.content.read(), 30)
