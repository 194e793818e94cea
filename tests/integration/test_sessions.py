"""Signing in by the one-time link, and what a session is good for in both services."""

from collections.abc import AsyncIterator
from http.cookies import SimpleCookie
from uuid import uuid4

import pytest

from tests.support.people import (
    COOKIE,
    SECRET,
    Both,
    Browser,
    known_in_both,
    link_token,
    running_both,
    sign_in_by_link,
    signed_in,
)
from tests.support.postgres import PostgresServer
from tests.support.service import key_of
from tests.support.waiting import until
from xencrm.campaigns.accounts.people import store as people
from xencrm.campaigns.accounts.people.model import Identity
from xencrm.campaigns.accounts.sessions.cookies import PeopleSessions
from xencrm.kernel.http.cookies import session_cookie
from xencrm.kernel.http.principals import Role
from xencrm.kernel.settings import Settings


@pytest.fixture(scope="module")
async def both(postgres: PostgresServer) -> AsyncIterator[Both]:
    async with running_both(postgres) as services:
        yield services


async def test_the_link_signs_in_the_owner_once(both: Both) -> None:
    token = await link_token(both.campaigns)
    status, session, browser = await sign_in_by_link(both.campaigns, token)
    assert status == 200
    assert browser is not None
    assert session["person"]["role"] == "admin"
    assert session["person"]["kind"] == "person"
    assert await browser.ask(both.campaigns, "GET", "/session") == (200, session)
    status, _, _ = await sign_in_by_link(both.campaigns, token)
    assert status == 401


@pytest.mark.parametrize(
    ("changed", "action"),
    [("role = 'viewer'", "person.role_changed"), ("removed_at = now()", "person.added")],
)
async def test_that_a_link_gives_the_owner_their_role_back_is_in_the_log(
    both: Both, changed: str, action: str
) -> None:
    await sign_in_by_link(both.campaigns, await link_token(both.campaigns))
    await both.campaigns.rows(f"UPDATE people SET {changed} WHERE subject = 'owner' RETURNING 1")
    _, session, _ = await sign_in_by_link(both.campaigns, await link_token(both.campaigns))
    assert session["person"]["role"] == "admin"
    _, log = await both.campaigns.get("/audit", params={"actor_id": session["person"]["person_id"]})
    began, given = log["items"][:2]
    assert (began["action"], given["action"]) == ("session.began", action)
    assert (given["detail"]["role"], given["detail"]["by"]) == ("admin", "link")
    assert log["items"][-1]["action"] == "person.added"


async def test_a_link_is_over_after_a_quarter_of_an_hour(both: Both) -> None:
    token = await link_token(both.campaigns)
    await both.campaigns.rows(
        "UPDATE sign_in_links SET expires_at = expires_at - interval '15 minutes' RETURNING 1"
    )
    assert (await sign_in_by_link(both.campaigns, token))[0] == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:8000"},
        {"Host": "10.0.0.1:8000"},
        {"Host": "[::1"},
        {"Host": "a]b"},
        {"Host": "[zz]"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
async def test_a_link_works_on_its_own_machine_and_page_alone(both: Both, headers: dict[str, str]) -> None:
    token = await link_token(both.campaigns)
    assert (await sign_in_by_link(both.campaigns, token, **headers))[0] == 403
    assert (await sign_in_by_link(both.campaigns, token, Host="localhost:8000"))[0] == 200


@pytest.mark.parametrize("token", ["", "x", "\0", "x" * 5000])
async def test_a_made_up_link_signs_nobody_in(both: Both, token: str) -> None:
    status, _, browser = await sign_in_by_link(both.campaigns, token)
    assert (status, browser) == (401, None)


@pytest.mark.parametrize(
    "settings",
    [{"host": "0.0.0.0"}, {"host": "192.0.2.7"}, {"google_client_id": "xencrm"}],
    ids=str,
)
def test_there_is_no_link_where_others_could_use_it(settings: dict[str, str]) -> None:
    assert Settings(**settings).signs_in_by_link is False
    assert Settings(host="::1").signs_in_by_link is True


async def test_the_owner_is_nobody_where_people_sign_in_with_a_provider(both: Both) -> None:
    _, _, browser = await sign_in_by_link(both.campaigns, await link_token(both.campaigns))
    assert browser is not None
    settings = Settings(secret=SECRET, google_client_id="xencrm")
    assert await PeopleSessions(both.campaigns.database, settings).authenticate(browser.token) is None
    alone = Settings(secret=SECRET)
    assert await PeopleSessions(both.campaigns.database, alone).authenticate(browser.token) is not None


@pytest.mark.parametrize("slash", ["", "/"])
async def test_a_session_ends_with_the_provider_that_its_person_is_known_by(both: Both, slash: str) -> None:
    issuer = "https://login.shop.example"
    identity = Identity(issuer + slash, uuid4().hex, f"{uuid4().hex}@shop.example", "Asha")

    def provided(by: str) -> PeopleSessions:
        settings = Settings(secret=SECRET, google_client_id="xencrm", oidc_issuer=by)
        return PeopleSessions(both.campaigns.database, settings)

    async with both.campaigns.database.transaction() as tx:
        person = await people.insert_person(tx, identity.email, identity.name, Role.ADMIN, identity)
        cookie, _ = await provided(issuer).begun(tx, person.person_id, "tests")
    token = SimpleCookie(cookie)[COOKIE].value
    for same in (issuer, f"{issuer}/"):
        assert await provided(same).authenticate(token) is not None
    assert await provided("https://accounts.google.com").authenticate(token) is None


async def test_answers_protect_browsers(both: Both) -> None:
    key = {"Authorization": f"Bearer {key_of('admin')}"}
    asked = [
        ("GET", f"{both.campaigns.url}/healthz"),
        ("GET", f"{both.campaigns.url}/api/v1/segments"),
        ("GET", f"{both.campaigns.url}/api/v1/nothing"),
        ("GET", f"{both.campaigns.url}/auth/ways"),
        ("GET", f"{both.campaigns.url}/auth/start"),
        ("POST", f"{both.campaigns.url}/api/v1/segments"),
        ("GET", f"{both.ingestion.url}/api/v1/customers"),
        ("POST", f"{both.ingestion.url}/api/v1/customers"),
    ]
    for method, url in asked:
        for headers in ({}, key):
            async with both.campaigns.http.request(
                method, url, headers=headers, json={}, allow_redirects=False
            ) as answer:
                assert answer.headers.getall("X-Content-Type-Options") == ["nosniff"], url
                assert answer.headers.getall("Referrer-Policy") == ["no-referrer"], url
                assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], url
                assert answer.headers.getall("Cache-Control") == ["no-store"], url
                assert "Strict-Transport-Security" not in answer.headers


async def test_the_cookie_is_not_for_pages_scripts_nor_other_sites(both: Both) -> None:
    url = f"{both.campaigns.url}/auth/link"
    async with both.campaigns.http.post(url, json={"token": await link_token(both.campaigns)}) as answer:
        attributes = answer.headers["Set-Cookie"].split("; ")[1:]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes)
    assert session_cookie(https=True).holding("x", 1).startswith("__Host-xencrm_session=x; ")
    assert "Secure" in session_cookie(https=True).holding("x", 1).split("; ")


async def test_both_services_know_who_is_signed_in(both: Both) -> None:
    browser = await signed_in(both.campaigns, "marketer")
    await known_in_both(both, browser)
    body = {"name": "Asha", "email": "asha@shop.example"}
    assert (await browser.ask(both.ingestion, "POST", "/customers", json=body))[0] == 202
    assert (await browser.ask(both.campaigns, "GET", "/segments"))[0] == 200


async def test_signing_out_ends_the_session_in_both(both: Both) -> None:
    browser, other = await signed_in(both.campaigns, "viewer"), await signed_in(both.campaigns, "viewer")
    former = Browser(browser.token, browser.csrf)

    async def statuses(of: Browser) -> tuple[int, int]:
        here, _ = await of.ask(both.campaigns, "GET", "/session")
        return here, (await of.ask(both.ingestion, "GET", "/customers"))[0]

    await until(lambda: statuses(browser), lambda seen: seen == (200, 200))
    assert (await browser.ask(both.campaigns, "DELETE", "/session"))[0] == 204
    assert browser.token == ""
    await until(lambda: statuses(former), lambda seen: seen == (401, 401))
    assert await statuses(other) == (200, 200)
    assert (await other.ask(both.campaigns, "DELETE", "/session?everywhere=true"))[0] == 204


async def test_a_key_goes_before_a_cookie(both: Both) -> None:
    browser = await signed_in(both.campaigns, "viewer")
    key = {"Authorization": f"Bearer {key_of('admin')}"}
    status, session = await browser.ask(both.campaigns, "GET", "/session", headers=key)
    assert (status, session["person"]["kind"], session["csrf_token"]) == (200, "key", None)
