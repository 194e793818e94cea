"""Requests on both ways in: timed, counted, and named in the log."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import structlog
from litestar.params import FromPath
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from tests.support.ports import free_port
from tests.support.service import key_of
from xencrm.kernel.http.app import build_app
from xencrm.kernel.http.lean import LeanPosts, LeanRequest
from xencrm.kernel.http.observed import Timed
from xencrm.kernel.http.principals import INGESTING, Access, Principal, Role
from xencrm.kernel.http.routes import Route
from xencrm.kernel.http.server import serve
from xencrm.kernel.telemetry.requests import RequestTimes


class OneKey:
    async def authenticate(self, token: str) -> Principal | None:
        return Principal("p", "p", Role.INGEST)


async def fail(request: LeanRequest) -> bytes:
    raise RuntimeError("nobody expected this")


async def fail_behind() -> None:
    raise RuntimeError("nobody expected this")


async def greet(name: FromPath[str]) -> dict[str, str]:
    return {"hello": name}


ROUTES = (
    Route("POST", "/things", fail_behind, INGESTING),
    Route("GET", "/things/{name:str}", greet, None),
)


async def ready() -> None:
    return None


@asynccontextmanager
async def served(service: str) -> AsyncIterator[Callable[..., Any]]:
    """Both ways in, as a service has them."""
    times = RequestTimes(service)
    app = build_app(title="T", routes=ROUTES, access=Access(OneKey()), provide={}, is_ready=ready)
    lean = LeanPosts(Timed(app, times), {"/api/v1/things": fail}, Access(OneKey()), INGESTING, times)  # type: ignore[arg-type]
    port, stop = free_port(), asyncio.Event()
    serving = asyncio.create_task(serve(lean, port=port)(stop))
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:

        async def ask(method: str, path: str, **options: Any) -> int:
            headers = {"authorization": f"Bearer {key_of('ingest')}", **options.pop("headers", {})}
            async with http.request(method, path, headers=headers, **options) as response:
                return response.status

        await _until_it_answers(ask)
        yield ask
    stop.set()
    await serving


async def _until_it_answers(ask: Callable[..., Any]) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                await ask("GET", "/healthz")
                return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.02)


def count_of(service: str, method: str, route: str, status: str) -> float | None:
    labels = {"service": service, "method": method, "route": route, "status": status}
    return REGISTRY.get_sample_value("xencrm_http_request_seconds_count", labels)


async def test_requests_are_timed_by_route_and_class_of_status_on_both_ways_in() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"{}"

    async with served("timed") as ask:
        assert await ask("POST", "/api/v1/things", json={}) == 500
        assert await ask("POST", "/api/v1/things", data=chunks()) == 500
        for name in ("a", "b", "c"):
            assert await ask("GET", f"/api/v1/things/{name}") == 200
        assert await ask("GET", "/api/v1/nothing") == 404
        assert await ask("GET", "/metrics") == 404, "it is on a port of its own"
    assert count_of("timed", "POST", "/api/v1/things", "5xx") == 2
    assert count_of("timed", "GET", "/api/v1/things/{name}", "2xx") == 3
    assert count_of("timed", "", "unmatched", "4xx") == 2


@pytest.mark.parametrize("lean", [True, False])
@pytest.mark.parametrize("sent", ["shop-77", None])
async def test_the_line_of_a_failed_request_has_its_correlation_id(lean: bool, sent: str | None) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"{}"

    headers = {"content-type": "application/json", **({"x-request-id": sent} if sent else {})}
    async with served("logged") as ask:
        with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
            assert (
                await ask("POST", "/api/v1/things", data=b"{}" if lean else chunks(), headers=headers) == 500
            )
    [line] = [line for line in lines if line["event"] == "http.failed"]
    assert line["correlation_id"] == (sent or line["correlation_id"] or "some id")
