"""After a change of XENCRM_SECRET nobody is signed in any more, and what signed sessions signs none."""

import asyncio
from argparse import Namespace
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from tests.support.people import SECRET, Both, Browser, known_in_both, running_both, signed_in
from tests.support.ports import free_port
from tests.support.postgres import PostgresServer
from tests.support.service import RunningService, until_ready
from tests.support.waiting import until
from xencrm.campaigns.accounts import commands
from xencrm.campaigns.accounts.sessions import signing
from xencrm.campaigns.roles import build_services, roles_of
from xencrm.kernel.http.session_tokens import key_id_of
from xencrm.kernel.settings import Settings

CHANGED = Settings(secret="another secret")


async def announced(running: RunningService) -> None:
    await commands.run(Namespace(process="api-key", command="announce"), running.database, CHANGED)


async def signed_in_again(running: RunningService) -> None:
    async with running.database.transaction() as tx:
        await signing.signing_key(tx, CHANGED.require("secret"))


@asynccontextmanager
async def started_again(running: RunningService) -> AsyncIterator[RunningService]:
    """Campaigns on the same databases, with the new secret."""
    settings = CHANGED.model_copy(update={"simulator_url": "http://127.0.0.1:9"})
    port, stop = free_port(), asyncio.Event()
    services = build_services(settings, running.database, running.broker)
    serving = asyncio.create_task(_play(roles_of("all", services, port)["http"], stop))
    again = replace(running, url=f"http://127.0.0.1:{port}")
    await until_ready(again)
    try:
        yield again
    finally:
        stop.set()
        await serving


async def _play(role: Callable[[asyncio.Event], Awaitable[None]], stop: asyncio.Event) -> None:
    await role(stop)


async def status_there(both: Both, browser: Browser) -> int:
    return (await browser.ask(both.ingestion, "GET", "/customers"))[0]


@pytest.mark.parametrize("told", [announced, signed_in_again], ids=["at the start", "at a sign-in"])
async def test_a_cookie_of_before_is_refused_by_both_services(
    postgres: PostgresServer, told: Callable[[RunningService], Awaitable[None]]
) -> None:
    async with running_both(postgres) as both:
        browser = await signed_in(both.campaigns, "admin")
        await known_in_both(both, browser)
        assert await status_there(both, browser) == 200
        async with started_again(both.campaigns) as again:
            assert (await browser.ask(again, "GET", "/session"))[0] == 401
        await told(both.campaigns)
        await until(lambda: status_there(both, browser), lambda seen: seen == 401)
        await announced(both.campaigns)
        await both.ingestion.until("SELECT count(*) FROM signing_keys WHERE retired", 1)


async def test_what_was_signed_by_keeps_no_private_half(postgres: PostgresServer) -> None:
    async with running_both(postgres) as both:
        async with both.campaigns.database.transaction() as tx:
            former = key_id_of((await signing.signing_key(tx, SECRET)).public_key())
        await signed_in_again(both.campaigns)
        query = "SELECT key_id FROM signing_keys WHERE private_key IS NULL"
        assert [row.key_id for row in await both.campaigns.rows(query)] == [former]


async def test_with_the_same_secret_everybody_stays_signed_in(postgres: PostgresServer) -> None:
    async with running_both(postgres) as both:
        browser = await signed_in(both.campaigns, "viewer")
        await known_in_both(both, browser)
        same = Settings(secret=SECRET)
        await commands.run(Namespace(process="api-key", command="announce"), both.campaigns.database, same)
        assert (await browser.ask(both.campaigns, "GET", "/session"))[0] == 200
        assert await both.campaigns.rows("SELECT 1 FROM signing_keys WHERE private_key IS NULL") == []
