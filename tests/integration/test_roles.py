"""Who may use which route, for every line of both tables of routes and every role."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.support.people import known_in_both, running_both, signed_in
from tests.support.postgres import PostgresServer
from tests.support.service import ROLES, RunningService, key_of
from xencrm.campaigns.app import ROUTES as CAMPAIGNS
from xencrm.ingestion.app import ROUTES as INGESTION
from xencrm.kernel.http.principals import SAFE_METHODS, Role, split_key
from xencrm.kernel.http.routes import Route

PERSONAL = ("admin", "marketer", "viewer")
CSRF = "X-CSRF-Token"
Services = Mapping[str, RunningService]
REVOKED = "xk_0123456789ab_" + "r" * 32
UNUSABLE = {
    "none": None,
    "no scheme": key_of("admin"),
    "another scheme": f"Basic {key_of('admin')}",
    "nothing after the scheme": "Bearer ",
    "not a key": "Bearer admin",
    "an unknown key": f"Bearer xk_{'9' * 12}_{'x' * 40}",
    "a wrong secret": f"Bearer {key_of('admin')[:-1]}!",
    "another secret": f"Bearer {key_of('admin')[:-1]}y",
    "odd characters": "Bearer xk_\xe9\xa0\xff",
    "two keys": f"Bearer {key_of('admin')} {key_of('admin')}",
    "revoked": f"Bearer {REVOKED}",
}


@dataclass(frozen=True)
class Line:
    """A route with the service that answers it."""

    service: str
    route: Route

    @property
    def path(self) -> str:
        """With ids of nothing."""
        with_ids = re.sub("{[^}]+:uuid}", str(uuid4()), self.route.path)
        return with_ids.replace("{vendor:str}", "nobody").replace("{key_id:str}", "9" * 12)

    def __str__(self) -> str:
        return f"{self.service} {self.route.method} {self.route.path}"


LINES = [
    *(Line("ingestion", route) for route in INGESTION),
    *(Line("campaigns", route) for route in CAMPAIGNS),
]


@pytest.fixture(scope="module")
async def services(postgres: PostgresServer) -> AsyncIterator[Services]:
    async with running_both(postgres) as both:
        await revoke_after_use(both.ingestion, "principals", "/customers", version=1, principal_id=uuid4())
        await revoke_after_use(both.campaigns, "api_keys", "/profiles")
        await known_in_both(both, await signed_in(both.campaigns, "viewer"))
        yield {"ingestion": both.ingestion, "campaigns": both.campaigns}


async def revoke_after_use(running: RunningService, table: str, path: str, **more: Any) -> None:
    """REVOKED is a key that was good a moment ago."""
    key_id, secret_hash = split_key(REVOKED) or ("", b"")
    row = {"key_id": key_id, "name": "gone", "role": "admin", "secret_hash": secret_hash, **more}
    names = ", ".join(row)
    bound = ", ".join(f":{name}" for name in row)
    async with running.database.transaction() as tx:
        await tx.execute(text(f"INSERT INTO {table} ({names}) VALUES ({bound})"), row)
    assert await status_of(running, "GET", path, f"Bearer {REVOKED}") == 200
    async with running.database.transaction() as tx:
        await tx.execute(text(f"UPDATE {table} SET revoked_at = now() WHERE name = 'gone'"))
    async with asyncio.timeout(30):
        while await status_of(running, "GET", path, f"Bearer {REVOKED}") == 200:
            await asyncio.sleep(0.05)


async def status_of(running: RunningService, method: str, path: str, authorization: str | None) -> int:
    headers = {"Authorization": authorization} if authorization is not None else {}
    async with running.http.request(method, f"{running.url}/api/v1{path}", headers=headers) as answer:
        return answer.status


@pytest.mark.parametrize("line", LINES, ids=str)
async def test_a_route_answers_the_roles_of_its_line_and_nobody_else(services: Services, line: Line) -> None:
    running, allowed = services[line.service], line.route.allowed
    if allowed is None:
        assert line.path == "/vendors/nobody/receipts"
        return
    for role in ROLES:
        status = await status_of(running, line.route.method, line.path, f"Bearer {key_of(role)}")
        assert (status == 403) is (Role(role) not in allowed), role
        assert status not in (401, 405, 500), role


@pytest.mark.parametrize("line", LINES, ids=str)
async def test_a_route_answers_people_of_the_roles_of_its_line_and_nobody_else(
    services: Services, line: Line
) -> None:
    running, route = services[line.service], line.route
    if route.allowed is None:
        return
    for role in PERSONAL:
        browser = await signed_in(services["campaigns"], role)
        if route.method not in SAFE_METHODS:
            status, problem = await browser.ask(running, route.method, line.path, headers={CSRF: None})
            assert (status, problem["status"]) == (403, 403), role
        status, _ = await browser.ask(running, route.method, line.path)
        assert (status == 403) is (Role(role) not in route.allowed), role
        assert status not in (401, 405, 500), role


@pytest.mark.parametrize("line", LINES, ids=str)
async def test_no_route_answers_without_a_good_key(services: Services, line: Line) -> None:
    if line.route.allowed is None:
        return
    for name, authorization in UNUSABLE.items():
        for method in (line.route.method, "OPTIONS", *(("HEAD",) if line.route.method == "GET" else ())):
            assert await status_of(services[line.service], method, line.path, authorization) == 401, name


@pytest.mark.parametrize("path", ["/customers", "/orders"])
async def test_the_lean_way_in_knows_the_same_keys(services: Services, path: str) -> None:
    for name, authorization in UNUSABLE.items():
        headers = {"Authorization": authorization} if authorization is not None else {}
        status, problem = await services["ingestion"].post(path, {}, role=None, headers=headers)
        assert (status, problem["status"]) == (401, 401), name
    for role in ROLES:
        status, _ = await services["ingestion"].post(path, {}, role=role)
        assert status == (403 if role == "viewer" else 400)


@pytest.mark.parametrize(("service", "path"), [("ingestion", "/customers"), ("campaigns", "/profiles")])
async def test_a_refusal_says_how_to_ask(services: Services, service: str, path: str) -> None:
    running = services[service]
    async with running.http.get(f"{running.url}/api/v1{path}") as answer:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.content_type == "application/problem+json"
