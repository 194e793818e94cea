"""Requests that are wrong as HTTP, asked of Ingestion itself and through the one port in front."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.front import running_front
from tests.support.ingestion import RunningIngestion, key_of, running_ingestion
from tests.support.postgres import PostgresServer

KEY = b"Authorization: Bearer " + key_of("admin").encode()
JSON, NDJSON = b"Content-Type: application/json", b"Content-Type: application/x-ndjson"
CLOSE = b"Connection: close"
BODY, BATCH = 1_000_000, 20_000_000


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def problem(self) -> Any:
        assert self.headers["content-type"] == "application/problem+json"
        problem = json.loads(self.body)
        assert problem["status"] == self.status
        return problem


@dataclass(frozen=True)
class Door:
    """A port that Ingestion answers on, directly or through the front."""

    port: int
    ingestion: RunningIngestion

    async def send(self, *parts: bytes) -> Answer:
        """Sends bytes as they are; what comes back until the connection is closed."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**26)
        try:
            async with asyncio.timeout(20):
                await write(writer, parts)
                return parsed(await reader.read())
        finally:
            writer.close()

    async def break_off(self, *parts: bytes) -> None:
        """Sends bytes and goes away."""
        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        await write(writer, parts)
        writer.close()
        await writer.wait_closed()

    async def post(self, path: str, body: bytes, *lines: bytes) -> Answer:
        return await self.send(head("POST", path, b"Content-Length: %d" % len(body), CLOSE, *lines), body)

    async def post_in_chunks(self, path: str, body: bytes, *lines: bytes) -> Answer:
        """Takes the way of the framework, where `post` takes the lean one if there is one."""
        asked = head("POST", path, b"Transfer-Encoding: chunked", CLOSE, *lines)
        return await self.send(asked, chunk(body), b"0\r\n\r\n")


async def write(writer: asyncio.StreamWriter, parts: tuple[bytes, ...]) -> None:
    """A server that has answered may hang up on what is still sent."""
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
    except ConnectionError:
        pass


def head(method: str, path: str, *lines: bytes) -> bytes:
    start = f"{method} /api/v1{path} HTTP/1.1".encode()
    return b"\r\n".join([start, b"Host: shop.example", KEY, *lines]) + b"\r\n\r\n"


def parsed(raw: bytes) -> Answer:
    top, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = top.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return Answer(int(first.split()[1]), {name.lower(): value.strip() for name, _, value in pairs}, body)


def customer(email: str) -> bytes:
    return json.dumps({"name": "Asha", "email": email}).encode()


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


@pytest.fixture(scope="module")
async def ingestion(postgres: PostgresServer) -> AsyncIterator[RunningIngestion]:
    master = await postgres.create_database(f"master_{uuid4().hex}")
    broker = await postgres.create_database(f"broker_{uuid4().hex}")
    async with running_ingestion(master, broker, without=("relay",), customer_grace_s=0.01) as running:
        yield running
        assert await running.rows("SELECT reason FROM dead_letters") == []


@pytest.fixture(scope="module")
async def front(ingestion: RunningIngestion, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[int]:
    credentials: Path = tmp_path_factory.mktemp("front") / "credentials.json"
    services = {"ingestion": ingestion.url, "campaigns": ingestion.url}
    async with running_front(services, credentials) as port:
        yield port


@pytest.fixture(params=["itself", "through the front"])
def door(request: pytest.FixtureRequest, ingestion: RunningIngestion, front: int) -> Door:
    own = int(ingestion.url.rpartition(":")[2])
    return Door(own if request.param == "itself" else front, ingestion)


def broken_off(body: bytes) -> dict[str, tuple[bytes, ...]]:
    """Requests of which all of the body but its end is sent: what is there is a whole document."""
    longer = b"Content-Length: %d" % (len(body) + 10)
    return {
        "a known length": (head("POST", "/customers", longer, JSON), body),
        "a known length, in pieces": (head("POST", "/customers", longer, JSON), body[:5], body[5:]),
        "chunks": (head("POST", "/customers", b"Transfer-Encoding: chunked", JSON), chunk(body)),
        "a chunk": (head("POST", "/customers", b"Transfer-Encoding: chunked", JSON), chunk(body)[:-2]),
        "a batch": (head("POST", "/customers/batch", longer, NDJSON), body),
        "a batch in chunks": (
            head("POST", "/customers/batch", b"Transfer-Encoding: chunked", NDJSON), chunk(body + b"\n"),
        ),
    }  # fmt: skip


@pytest.mark.parametrize("case", broken_off(b"").keys())
async def test_a_body_that_ends_early_is_not_taken(door: Door, case: str) -> None:
    cut, later = (f"{uuid4().hex}@shop.example" for _ in range(2))
    await door.break_off(*broken_off(customer(cut))[case])
    assert (await door.post("/customers", customer(later), JSON)).status == 202
    await applied(door.ingestion, later)
    assert await door.ingestion.rows("SELECT email FROM customers WHERE email = :e", e=cut) == []


@pytest.mark.parametrize(
    ("path", "most"), [("/customers", BODY), ("/orders", BODY), ("/orders/batch", BATCH)]
)
async def test_a_body_is_refused_as_soon_as_it_is_known_to_be_too_large(
    door: Door, path: str, most: int
) -> None:
    told = await door.send(head("POST", path, b"Content-Length: %d" % (most + 1), JSON, CLOSE))
    assert told.status == 413
    assert f"{most:,}" in told.problem()["detail"]
    pieces = [chunk(b" " * 500_000)] * (most // 500_000 + 1)
    chunked = head("POST", path, b"Transfer-Encoding: chunked", JSON, CLOSE)
    counted = await door.send(chunked, *pieces, b"0\r\n\r\n")
    assert counted.status == 413
    assert counted.problem()["title"] == told.problem()["title"]


@pytest.mark.parametrize(("path", "most"), [("/customers", BODY), ("/orders/batch", BATCH)])
async def test_a_body_of_the_largest_size_is_read(door: Door, path: str, most: int) -> None:
    body = b" " * (most - 2) + b"{}"
    assert (await door.post(path, body, JSON)).status == 400
    pieces = (chunk(body[start : start + 250_000]) for start in range(0, most, 250_000))
    chunked = head("POST", path, b"Transfer-Encoding: chunked", JSON, CLOSE)
    assert (await door.send(chunked, *pieces, b"0\r\n\r\n")).status == 400


async def test_a_packed_body_is_not_unpacked(door: Door) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    for path in ("/customers", "/orders/batch"):
        for coding in (b"gzip", b"br", b"gzip, gzip"):
            answer = await door.post(path, bomb, JSON, b"Content-Encoding: " + coding)
            assert answer.status == 415
            assert answer.headers["accept-encoding"] == "identity"
            assert answer.problem()["detail"]
    email = f"{uuid4().hex}@shop.example"
    assert (await door.post("/customers", customer(email), JSON, b"Content-Encoding: identity")).status == 202


@pytest.mark.parametrize(
    ("path", "kind", "accepted"),
    [
        ("/customers", b"text/plain", "application/json"),
        ("/customers", b"application/x-ndjson", "application/json"),
        ("/customers", b"application/x-www-form-urlencoded", "application/json"),
        ("/customers", b"application/jsonx", "application/json"),
        ("/orders", b"multipart/form-data; boundary=x", "application/json"),
        ("/orders/batch", b"text/csv", "application/json, application/x-ndjson"),
        ("/orders/batch", b";", "application/json, application/x-ndjson"),
    ],
)
async def test_another_media_type_is_refused_and_told_which_are_read(
    door: Door, path: str, kind: bytes, accepted: str
) -> None:
    answer = await door.post(path, b"{}", b"Content-Type: " + kind)
    if kind == b";":  # nothing said counts as JSON
        assert answer.status == 400
    else:
        assert (answer.status, answer.headers["accept"]) == (415, accepted)
        assert accepted in answer.problem()["detail"]


@pytest.mark.parametrize("kind", [b"", b"application/json; charset=utf-8", b"APPLICATION/JSON"])
async def test_json_may_be_said_in_other_words_or_not_at_all(door: Door, kind: bytes) -> None:
    email = f"{uuid4().hex}@shop.example"
    lines = [b"Content-Type: " + kind] if kind else []
    assert (await door.post("/customers", customer(email), *lines)).status == 202


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (b"checkout-7f3a", True),
        (b"x" * 128, True),
        (b"x" * 129, False),
        (b"two words", False),
        (b"\xff\xfe", False),
        ("ключ".encode(), False),
        (b'"}\\{"', True),
        (b"", False),
    ],
)
async def test_a_request_id_is_taken_over_or_replaced(door: Door, value: bytes, kept: bool) -> None:
    for post in (door.post, door.post_in_chunks):
        before, email = (f"{uuid4().hex}@shop.example" for _ in range(2))
        await door.post("/customers", customer(before), JSON)
        await applied(door.ingestion, before)  # or the next would be one batch with it
        answer = await post("/customers", customer(email), JSON, b"X-Request-ID: " + value)
        assert answer.status == 202
        event_id = json.loads(answer.body)["event_id"]
        expected = value.decode() if kept else event_id
        assert await correlation_id_of(door.ingestion, email) == expected


async def applied(ingestion: RunningIngestion, email: str) -> None:
    await ingestion.until("SELECT count(*) FROM customers WHERE email = :e", 1, e=email)


async def correlation_id_of(ingestion: RunningIngestion, email: str) -> str:
    """As the change of the customer carries it on."""
    await applied(ingestion, email)
    query = "SELECT body FROM outbox WHERE position(convert_to(:e, 'UTF8') IN body) > 0"
    ((body,),) = await ingestion.rows(query, e=email)
    (event,) = json.loads(bytes(body))
    return str(event["correlationid"])


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/customers", "GET, HEAD, OPTIONS, POST"),
        ("DELETE", "/customers", "GET, HEAD, OPTIONS, POST"),
        ("POST", "/customers/01890a5d-ac96-774b-bcce-b302099a8057", "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("GET", "/orders", "OPTIONS, POST"),
        ("HEAD", "/orders", "OPTIONS, POST"),
        ("PATCH", "/orders/batch", "OPTIONS, POST"),
        ("TRACE", "/customers", "GET, HEAD, OPTIONS, POST"),
    ],
)
async def test_another_method_is_told_which_there_are(door: Door, method: str, path: str, allow: str) -> None:
    answer = await door.send(head(method, path, CLOSE))
    assert (answer.status, answer.headers["allow"]) == (405, allow)
    if method != "HEAD":
        answer.problem()
    asked = await door.send(head("OPTIONS", path, CLOSE))
    assert (asked.status, asked.headers["allow"]) == (204, allow)


async def test_head_is_answered_as_get_without_the_body(door: Door) -> None:
    for path in ("/customers?limit=1", f"/customers/{uuid4()}", "/customers?limit=0"):
        get, only = [await door.send(head(method, path, CLOSE)) for method in ("GET", "HEAD")]
        assert (only.status, only.body) == (get.status, b"")
        assert only.headers["content-length"] == get.headers["content-length"]


@pytest.mark.parametrize(
    "path",
    [
        "/customers/7",
        "/customers/not-an-id/orders",
        "/customers/01890a5d-ac96-774b-bcce-b302099a8057x",
        "/customers/%00",
        "/customers/..%2f..%2fhealthz",
        "/events/",
        "/customers/" + "0" * 5000,
        "/customers/%c3%28",
    ],
    ids=lambda path: repr(path)[:40],
)
async def test_a_path_to_nothing_is_not_found(door: Door, path: str) -> None:
    answer = await door.send(head("GET", path, CLOSE))
    assert answer.status == 404
    answer.problem()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=ten", "limit"),
        ("limit=1&limit=2", "limit"),
        ("limit=" + "9" * 400, "limit"),
        ("cursor=nonsense", "cursor"),
        ("cursor=W10", "cursor"),
        ("cursor=%ff%fe", "cursor"),
        ("search=%00", "search"),
        ("search=a&search=b", "search"),
        ("status=LOST", "status"),
        ("status=null", "status"),
    ],
)
async def test_a_bad_parameter_is_named(door: Door, query: str, field: str) -> None:
    answer = await door.send(head("GET", f"/customers?{query}", CLOSE))
    assert answer.status == 400
    assert [error["field"] for error in answer.problem()["errors"]] == [field]


@pytest.mark.parametrize(
    "request_head",
    [
        b"POST /api/v1/customers HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/v1/customers HTTP/1.1\r\nHost: a\r\nContent-Length: ten\r\n\r\n",
        b"POST /api/v1/customers HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}{}{}",
        b"POST /api/v1/customers HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /api/v1/customers HTTP/1.1\r\nHost: a\r\nIdempotency-Key: a\0b\r\nContent-Length: 0\r\n\r\n",
        b"BREW /api/v1/customers HTTP/1.1\r\nHost: a\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
    ids=lambda head: repr(head[-40:]),
)
async def test_what_is_no_http_is_refused(door: Door, request_head: bytes) -> None:
    assert (await door.send(request_head)).status == 400
