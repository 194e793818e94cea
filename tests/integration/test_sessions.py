"""Signing in by the one-time link, and what a session is good for in both services."""

from collections.abc import AsyncIterator

import pytest

from tests.support.people import (
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
