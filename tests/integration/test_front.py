"""The one port in front, over real sockets, with real servers behind it that behave well and badly."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from tests.support.front import running_front
from tests.support.ports import free_port

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
ORDERS = b"/api/v1/orders"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Behind:
    """A sound service: what it was asked, and how it answers."""

    name: str
    port: int = field(default_factory=free_port)
    ready: bool = True
    document: dict[str, object] = field(default_factory=dict)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        kind = request.path.rpartition("/")[2]
        if kind == "stream":
            return await self._stream(request)
        answers: dict[str, Callable[[], web.Response]] = {
            "readyz": lambda: web.Response(status=200 if self.ready else 503),
            "openapi.json": lambda: web.json_response(self.document),
            "gone": lambda: web.Response(status=204),
            "unchanged": lambda: web.Response(status=304, headers={"ETag": '"1"'}),
            "hop": lambda: web.Response(headers={"Connection": "x-inner", "X-Inner": "1", "X-Outer": "2"}),
            "early": lambda: web.Response(status=413, text="too much"),
        }
        return answers[kind]() if kind in answers else await self._echo(request)

    async def _echo(self, request: web.Request) -> web.Response:
        body = await request.read()
        seen = {"service": self.name, "method": request.method, "path": request.raw_path}
        return web.json_response({**seen, "headers": dict(request.headers), "length": len(body)})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            await response.write(b"data: 1\n\n")
            await self.more.wait()
            await response.write(b"data: 2\n\n")
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return response

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        app = web.Application(client_max_size=30_000_000)
        app.router.add_route("*", "/{any:.*}", self.answer)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        try:
            yield
        finally:
            await runner.cleanup()


@dataclass
class Place:
    """A front with its two services."""

    port: int
    ingestion: Behind
    campaigns: Behind
    credentials: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def raw(self, *parts: bytes, read: int = -1) -> bytes:
        """Sends bytes as they are; everything that comes back until the connection is closed."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for part in parts:
            writer.write(part)
            await writer.drain()
        async with asyncio.timeout(30):
            answer = await (reader.read() if read < 0 else reader.readexactly(read))
        writer.close()
        return answer


@asynccontextmanager
async def front(ingestion: Behind, campaigns: Behind, credentials: Path) -> AsyncIterator[Place]:
    async with running_front({b.name: b.url for b in (ingestion, campaigns)}, credentials) as port:
        yield Place(port, ingestion, campaigns, credentials)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    ingestion, campaigns = Behind("ingestion"), Behind("campaigns")
    async with (
        ingestion.running(),
        campaigns.running(),
        front(ingestion, campaigns, tmp_path / "credentials.json") as place,
    ):
        yield place


@pytest.fixture
async def http(place: Place) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(place.url) as session:
        yield session


@asynccontextmanager
async def odd_server(place: Place, serve: Serve) -> AsyncIterator[None]:
    """Takes the place of ingestion with a server that answers by hand; `place` must not run its own."""

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(guarded, "127.0.0.1", place.ingestion.port)
    async with server:
        yield


@pytest.fixture
async def odd(tmp_path: Path) -> AsyncIterator[Place]:
    """A front whose services are not there yet."""
    async with front(Behind("ingestion"), Behind("campaigns"), tmp_path / "credentials.json") as place:
        yield place


def get(path: bytes = ORDERS, *lines: bytes, method: bytes = b"GET", version: bytes = b"1.1") -> bytes:
    head = [method + b" " + path + b" HTTP/" + version, b"Host: shop.example", *lines]
    return b"\r\n".join(head) + b"\r\n\r\n"


def post(*lines: bytes, body: bytes = b"") -> bytes:
    return get(ORDERS, *lines, method=b"POST") + body


# Routing


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/api/v1/customers", "ingestion"),
        ("/api/v1/customers/1/orders?limit=1&x=%2F", "ingestion"),
        ("/api/v1/orders/batch", "ingestion"),
        ("/api/v1/batches/1", "ingestion"),
        ("/api/v1/events/1", "ingestion"),
        ("/api/v1/waiting-orders?limit=1", "ingestion"),
        ("/api/v1/ingestion/operations", "ingestion"),
        ("/api/v1/operations", "campaigns"),
        ("/api/v1/imports", "ingestion"),
        ("/api/v1/campaigns", "campaigns"),
        ("/api/v1/customersx", "campaigns"),
        ("/api/v1/campaignStats", "campaigns"),
    ],
)
async def test_a_path_goes_to_the_service_that_owns_it(
    place: Place, http: aiohttp.ClientSession, path: str, service: str
) -> None:
    async with http.get(URL(place.url + path, encoded=True)) as answer:
        seen = await answer.json()
    assert (seen["service"], seen["path"]) == (service, path)


async def test_unknown_paths_are_a_problem(http: aiohttp.ClientSession) -> None:
    async with http.get("/api/v2/customers") as answer:
        assert answer.status == 404
        assert answer.content_type == "application/problem+json"


async def test_a_part_learns_who_asked_and_cannot_be_lied_to(http: aiohttp.ClientSession) -> None:
    lies = {
        "X-Forwarded-For": "6.6.6.6",
        "Forwarded": "for=6.6.6.6",
        "Host": "shop.example",
        "X-Request-Id": "r1",
    }
    async with http.get("/api/v1/orders", headers=lies) as answer:
        headers = {name.lower(): value for name, value in (await answer.json())["headers"].items()}
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-forwarded-host"] == "shop.example"
    assert headers["host"] == "shop.example"
    assert headers["x-request-id"] == "r1"
    assert "forwarded" not in headers


async def test_headers_for_one_connection_stay_on_it(place: Place, http: aiohttp.ClientSession) -> None:
    async with http.get("/api/v1/orders/hop") as answer:
        assert "X-Inner" not in answer.headers
        assert answer.headers["X-Outer"] == "2"
    lines = (b"Connection: close, X-Secret-Hop", b"X-Secret-Hop: 1", b"TE: trailers", b"Keep-Alive: 5")
    answered = (await place.raw(get(ORDERS, *lines))).lower()
    assert b"x-secret-hop" not in answered
    assert b"trailers" not in answered


# Bodies


@pytest.mark.parametrize("size", [0, 1, 70_000, 20_000_000])
async def test_a_body_arrives_whole(http: aiohttp.ClientSession, size: int) -> None:
    async with http.post("/api/v1/orders", data=b"x" * size) as answer:
        assert (await answer.json())["length"] == size


async def test_a_chunked_body_arrives_whole(http: aiohttp.ClientSession) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"y" * 50_000

    async with http.post("/api/v1/orders", data=pieces()) as answer:
        seen = await answer.json()
    assert seen["length"] == 10_000_000
    assert "Content-Length" not in seen["headers"]


async def test_a_body_in_single_bytes_and_with_trailers_arrives_whole(place: Place) -> None:
    request = post(
        b"Transfer-Encoding: chunked", b"Connection: close", body=b"3;x=y\r\nabc\r\n0\r\nTrailer: t\r\n\r\n"
    )
    answer = await place.raw(*(bytes([byte]) for byte in request))
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["length"] == 3


async def test_many_requests_share_a_connection_without_mixing(http: aiohttp.ClientSession) -> None:
    async def one(n: int) -> None:
        async with http.post(f"/api/v1/orders/{n}", data=b"z" * n) as answer:
            seen = await answer.json()
            assert (seen["path"], seen["length"]) == (f"/api/v1/orders/{n}", n)

    for _ in range(3):
        await asyncio.gather(*(one(n) for n in range(100)))


async def test_a_client_that_waits_is_told_to_continue(place: Place) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
    writer.write(post(b"Content-Length: 3", b"Expect: 100-continue", b"Connection: close"))
    async with asyncio.timeout(30):
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"abc")
        answer = await reader.read()
    assert b'"length": 3' in answer
    assert b"Expect" not in answer
    writer.close()


async def test_an_answer_before_the_end_of_the_request_is_delivered(place: Place) -> None:
    request = get(b"/api/v1/orders/early", b"Content-Length: 1000000", method=b"POST")
    answer = await place.raw(request, b"x" * 500_000)
    assert answer.startswith(b"HTTP/1.1 413")
    assert answer.endswith(b"too much")
    assert b"connection: close" in answer.lower()


# Answers


async def test_events_are_passed_on_as_they_happen(place: Place, http: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(30), http.get("/api/v1/campaigns/1/stream") as answer:
        assert await answer.content.readuntil(b"\n\n") == b"data: 1\n\n"
        place.campaigns.more.set()
        assert await answer.content.read() == b"data: 2\n\n"


async def test_a_client_that_goes_away_cancels_the_work_behind(place: Place) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
    writer.write(get(b"/api/v1/campaigns/1/stream"))
    async with asyncio.timeout(30):
        await reader.readuntil(b"data: 1")
        writer.close()
        await place.campaigns.cancelled.wait()


@pytest.mark.parametrize(("name", "status"), [("gone", 204), ("unchanged", 304)])
async def test_an_answer_without_a_body_keeps_the_connection(place: Place, name: str, status: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
    for _ in range(3):
        writer.write(get(b"/api/v1/orders/" + name.encode()))
        async with asyncio.timeout(30):
            head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 %d " % status)
        assert b"chunked" not in head
    writer.close()


async def test_head_gives_the_length_and_no_body(place: Place) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
    for path in (ORDERS, b"/api/v1/campaigns/1/stream", b"/"):
        writer.write(get(path, method=b"HEAD"))
        async with asyncio.timeout(30):
            head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
    writer.write(get(ORDERS, b"Connection: close"))
    assert (await reader.read()).startswith(b"HTTP/1.1 200")
    writer.close()


async def test_an_old_client_gets_a_plain_body_and_a_closed_connection(place: Place) -> None:
    place.campaigns.more.set()
    answer = await place.raw(get(b"/api/v1/campaigns/1/stream", version=b"1.0"))
    assert b"chunked" not in answer.lower()
    assert answer.endswith(b"data: 1\n\ndata: 2\n\n")


async def test_an_answer_that_ends_with_its_connection_is_whole(odd: Place) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.0 200 OK\r\n\r\nall of it")

    async with (
        odd_server(odd, serve),
        aiohttp.ClientSession(odd.url) as http,
        http.get("/api/v1/orders") as answer,
    ):
        assert await answer.text() == "all of it"


async def test_a_cut_answer_is_not_shown_as_whole(odd: Place) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")

    async with odd_server(odd, serve), aiohttp.ClientSession(odd.url) as http:
        with pytest.raises(aiohttp.ClientError):
            async with http.get("/api/v1/orders") as answer:
                await answer.read()


async def test_hints_before_the_answer_do_not_confuse(odd: Place) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK)
        await reader.read()

    async with (
        odd_server(odd, serve),
        aiohttp.ClientSession(odd.url) as http,
        http.get("/api/v1/orders") as answer,
    ):
        assert (answer.status, await answer.text()) == (200, "ok")


# Parts that are away


async def test_a_part_that_is_away_is_a_problem_at_once(odd: Place) -> None:
    began = asyncio.get_running_loop().time()
    async with (
        aiohttp.ClientSession(odd.url) as http,
        http.post("/api/v1/orders", data=b"x" * 5_000_000) as answer,
    ):
        assert answer.status == 503
        assert answer.headers["Retry-After"] == "1"
        assert answer.content_type == "application/problem+json"
        assert (await answer.json())["status"] == 503
    assert asyncio.get_running_loop().time() - began < 10


async def test_a_part_that_comes_back_is_used_again(odd: Place) -> None:
    async with aiohttp.ClientSession(odd.url) as http:
        for _ in range(3):
            async with http.get("/api/v1/orders") as answer:
                assert answer.status == 503
            async with odd.ingestion.running(), http.get("/api/v1/orders") as answer:
                assert answer.status == 200


async def served_once(odd: Place, second: bytes) -> tuple[bytes, int]:
    """A part that answers one request a connection and then closes it as the next one comes."""
    asked = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        for _ in range(2):
            await reader.readuntil(b"\r\n\r\n")
            asked += 1
            if asked != 2:
                writer.write(OK)
                await writer.drain()
            else:
                break

    async with odd_server(odd, serve):
        reader, writer = await asyncio.open_connection("127.0.0.1", odd.port)
        writer.write(get())
        async with asyncio.timeout(30):
            await reader.readuntil(b"ok")
            writer.write(second)
            answer = await reader.read()
        writer.close()
    return answer, asked


async def test_a_harmless_request_on_a_connection_just_closed_is_asked_again(odd: Place) -> None:
    answer, asked = await served_once(odd, get(ORDERS, b"Connection: close"))
    assert answer.startswith(b"HTTP/1.1 200")
    assert asked == 3


async def test_a_post_is_never_asked_twice(odd: Place) -> None:
    answer, asked = await served_once(odd, post(b"Content-Length: 0", b"Connection: close"))
    assert answer.startswith(b"HTTP/1.1 503")
    assert asked == 2


async def test_a_connection_that_the_part_closed_while_idle_is_not_used(odd: Place) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)

    async with odd_server(odd, serve), aiohttp.ClientSession(odd.url) as http:
        for _ in range(20):
            async with http.post("/api/v1/orders") as answer:
                assert answer.status == 200
            await asyncio.sleep(0.01)


# Requests that two servers could read in two ways


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (post(b"Content-Length: 3", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"), 400),
        (post(b"Transfer-Encoding: chunked", b"Content-Length: 3", body=b"0\r\n\r\n"), 400),
        (post(b"Content-Length: 3", b"Content-Length: 4", body=b"abcd"), 400),
        (post(b"Content-Length: +3", body=b"abc"), 400),
        (post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"), 501),
        (post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"), 501),
        (post(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n"), 400),
        (post(b"Transfer-Encoding: chunked", body=b"zz\r\nabc"), 400),
        (get(ORDERS, b"Transfer-Encoding: chunked", version=b"1.0") + b"0\r\n\r\n", 400),
        (get(ORDERS, b"Host: other.example"), 400),
        (get(ORDERS, b" folded: 1"), 400),
        (get(ORDERS, b"X: a\x00b"), 400),
        (b"GET /api/v1/orders HTTP/1.1\r\n\r\n", 400),
        (b"GET /api/v1/orders HTTP/1.1\nHost: a\n\n", 400),
        (get(b"http://elsewhere.example/"), 400),
        (get(b"elsewhere.example:443", method=b"CONNECT"), 405),
        (get(ORDERS, version=b"2.0"), 505),
        (get(ORDERS, b"X: " + b"x" * 70_000), 431),
        (get(ORDERS, *(b"X-%d: y" % n for n in range(10_000))), 431),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01", 400),
    ],
)
async def test_a_request_with_two_meanings_is_refused(
    place: Place, request_bytes: bytes, status: int
) -> None:
    answer = await place.raw(request_bytes)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert answer.count(b"\r\n\r\n") == 1


async def test_a_head_without_end_is_cut_off(place: Place) -> None:
    answer = await place.raw(b"GET /api/v1/orders HTTP/1.1\r\nX: ", b"x" * 40_000, b"x" * 40_000)
    assert answer.startswith(b"HTTP/1.1 431")


async def test_trailers_without_end_are_cut_off(place: Place) -> None:
    request = post(b"Transfer-Encoding: chunked", body=b"1\r\na\r\n0\r\nX: ")
    assert (await place.raw(request, *[b"x" * 40_000] * 10)).startswith(b"HTTP/1.1 431")


async def test_requests_in_advance_are_dropped_and_the_first_is_answered(place: Place) -> None:
    answer = await place.raw(get(ORDERS + b"/1") + get(ORDERS + b"/2") + b"nonsense")
    assert answer.count(b"HTTP/1.1 200") == 1
    assert b"/orders/1" in answer
    assert b"connection: close" in answer.lower()


@pytest.mark.parametrize("body", [b"", b"abc"])
async def test_an_offer_of_another_protocol_is_declined_and_the_request_served(
    place: Place, body: bytes
) -> None:
    offer = (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAAP__")
    reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
    for _ in range(2):
        writer.write(post(*offer, b"Content-Length: %d" % len(body), body=body))
        async with asyncio.timeout(30):
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            seen = json.loads(await reader.readexactly(length))
        assert seen["length"] == len(body)
        assert not {"Upgrade", "upgrade", "http2-settings"} & set(seen["headers"])
    writer.close()


# Its own pages


async def test_ready_means_every_part_and_the_credentials(place: Place, http: aiohttp.ClientSession) -> None:
    async def readiness() -> tuple[int, str]:
        async with http.get("/readyz") as answer:
            return answer.status, await answer.text()

    status, text = await readiness()
    assert status == 503
    assert "not ready yet: credentials" in text
    place.credentials.touch()
    assert (await readiness())[0] == 200
    place.ingestion.ready = False
    status, text = await readiness()
    assert status == 503
    assert "not ready yet: ingestion" in text


async def test_it_is_healthy_when_all_parts_are_away(odd: Place) -> None:
    async with aiohttp.ClientSession(odd.url) as http:
        async with http.get("/healthz") as answer:
            assert answer.status == 200
        async with http.get("/api/openapi.json") as answer:
            assert answer.status == 503


def operation(name: str, component: str) -> dict[str, object]:
    return {"get": {"operationId": name, "schema": {"$ref": f"#/components/schemas/{component}"}}}


async def test_the_api_document_has_each_path_once_and_keeps_both_meanings_of_a_name(
    place: Place, http: aiohttp.ClientSession
) -> None:
    place.ingestion.document = {
        "info": {"version": "0.1.0"},
        "paths": {"/api/v1/orders": operation("List", "Page"), "/readyz": operation("Ready", "Page")},
        "components": {"schemas": {"Page": {"type": "object"}, "Same": {"type": "string"}}},
    }
    place.campaigns.document = {
        "paths": {"/api/v1/campaigns": operation("List", "Page"), "/api/v1/orders": operation("No", "Page")},
        "components": {"schemas": {"Page": {"type": ["array", "null"]}, "Same": {"type": "string"}}},
    }
    async with http.get("/api/openapi.json") as answer:
        document = await answer.json()
    assert document["paths"] == {
        "/api/v1/orders": operation("List", "Page"),
        "/api/v1/campaigns": operation("campaigns_List", "Page_campaigns"),
    }
    assert set(document["components"]["schemas"]) == {"Page", "Same", "Page_campaigns"}
    async with http.get("/api/docs/openapi.json") as answer:
        older = await answer.json()
    assert older["openapi"].startswith("3.0")
    assert older["components"]["schemas"]["Page_campaigns"] == {"type": "array", "nullable": True}


async def test_the_docs_load_nothing_from_elsewhere(http: aiohttp.ClientSession) -> None:
    async with http.get("/api/docs") as answer:
        page = await answer.text()
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "http" not in page
    for part in page.split('"'):
        if part.startswith("/api/docs/"):
            async with http.get(part) as answer:
                assert answer.status == 200


async def test_pages_can_only_be_read(http: aiohttp.ClientSession) -> None:
    async with http.post("/", data=b"x") as answer:
        assert answer.status == 405
        assert answer.headers["Allow"] == "GET, HEAD"
