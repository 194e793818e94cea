"""People who are signed in, as their browsers ask."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from uuid import uuid4

import aiohttp

from tests.support.campaigns import running_campaigns
from tests.support.ingestion import running_ingestion
from tests.support.postgres import PostgresServer
from tests.support.service import RunningService
from tests.support.waiting import until
from xencrm.campaigns.accounts.people import store as people
from xencrm.campaigns.accounts.people.model import Identity
from xencrm.campaigns.accounts.sessions.cookies import PeopleSessions
from xencrm.campaigns.accounts.sessions.model import LOCAL_ISSUER
from xencrm.campaigns.accounts.sign_in.link import make_link
from xencrm.contracts.topology import AUDIT_QUEUE
from xencrm.kernel.http.principals import Principal, Role
from xencrm.kernel.settings import Settings

COOKIE = "xencrm_session"
SECRET = "test-secret"


@dataclass
class Browser:
    """Carries one session's cookie and takes what answers set, as a browser does."""

    token: str
    csrf: str
    principal: Principal | None = None

    @property
    def person_id(self) -> str:
        assert self.principal is not None
        return self.principal.principal_id

    async def ask(self, running: RunningService, method: str, path: str, **options: Any) -> tuple[int, Any]:
        status, body, _ = await self.answered(running, method, path, **options)
        return status, body

    async def answered(
        self, running: RunningService, method: str, path: str, **options: Any
    ) -> tuple[int, Any, "aiohttp.typedefs.LooseHeaders"]:
        headers = {"Cookie": f"{COOKIE}={self.token}", "X-CSRF-Token": self.csrf}
        headers |= options.pop("headers", {})
        sent = {name: value for name, value in headers.items() if value is not None}
        url = f"{running.url}/api/v1{path}"
        async with running.http.request(method, url, headers=sent, **options) as answer:
            for cookie in answer.headers.getall("Set-Cookie", []):
                self.token = SimpleCookie(cookie)[COOKIE].value
            is_json = answer.content_type.endswith("json")
            return answer.status, await (answer.json() if is_json else answer.text()), answer.headers


@dataclass
class Both:
    """Both services on one broker, with what carries access between them."""

    campaigns: RunningService
    ingestion: RunningService


@asynccontextmanager
async def running_both(postgres: PostgresServer, **settings: Any) -> AsyncIterator[Both]:
    master = await postgres.create_database(f"master_{uuid4().hex}")
    broker = await postgres.create_database(f"broker_{uuid4().hex}")
    roles = ("http", "relay", AUDIT_QUEUE.name)
    async with (
        running_campaigns(postgres, roles=roles, broker_url=broker, **settings) as campaigns,
        running_ingestion(master, broker, customer_grace_s=0.01) as ingestion,
    ):
        yield Both(campaigns, ingestion)


async def known_in_both(both: Both, browser: Browser) -> None:
    """Ingestion hears of the key that signs sessions by an event."""

    async def status() -> int:
        return (await browser.ask(both.ingestion, "GET", "/customers"))[0]

    await until(status, lambda seen: seen != 401)


async def signed_in(running: RunningService, role: str, email: str = "") -> Browser:
    """A person of the role, of those who sign in by link, in a new session."""
    email = email or f"{role}@shop.example"
    sessions = PeopleSessions(running.database, Settings(secret=SECRET))
    async with running.database.transaction() as tx:
        await people.lock_people(tx)
        identity = Identity(LOCAL_ISSUER, email, email, email.partition("@")[0].title())
        person = await people.find_identity(tx, LOCAL_ISSUER, email)
        if person is None:
            person = await people.insert_person(tx, email, identity.name, Role(role), identity)
        cookie, principal = await sessions.begun(tx, person.person_id, "tests")
    assert principal.session is not None
    return Browser(SimpleCookie(cookie)[COOKIE].value, principal.session.csrf, principal)


async def link_token(running: RunningService) -> str:
    async with running.database.transaction() as tx:
        return (await make_link(tx, Settings(secret=SECRET))).partition("#link=")[2]


async def sign_in_by_link(
    running: RunningService, token: str, **headers: str
) -> tuple[int, Any, Browser | None]:
    url = f"{running.url}/auth/link"
    async with running.http.post(url, json={"token": token}, headers=headers) as answer:
        body = await answer.json(content_type=None)
        if answer.status != 200:
            return answer.status, body, None
        cookie = SimpleCookie(answer.headers["Set-Cookie"])[COOKIE].value
        return answer.status, body, Browser(cookie, body["csrf_token"])
