"""The vendor webhook against a real receiver, and against addresses that it must not reach."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from uuid import uuid4

import pytest
from aiohttp import web

from tests.support.ports import free_port
from tests.support.scripted_server import HangUp, Reply, ScriptedServer, scripted_server
from xencrm.campaigns.delivery.calling import Trouble, find_trouble
from xencrm.campaigns.delivery.vendor import (
    Accepted,
    Answer,
    Delivered,
    Failed,
    Outgoing,
    Refused,
    Unanswered,
    Unsent,
)
from xencrm.campaigns.vendors.retry_after import retry_after_s
from xencrm.campaigns.vendors.webhook.addresses import is_public
from xencrm.campaigns.vendors.webhook.sender import DUBIOUS_RETRY_S, LONGEST_ANSWER, Receiver, WebhookVendor

SECRET = "the webhook's own secret"
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def outgoing(html: str | None = None) -> Outgoing:
    return Outgoing(uuid4(), 2, "asha@example.com", "Asha", "Hello", "Hello Asha €", html)


@asynccontextmanager
async def connected(url: str, *, private: bool = True, connections: int = 20) -> AsyncIterator[WebhookVendor]:
    vendor = WebhookVendor(Receiver(url, SECRET, private, connections))
    try:
        yield vendor
    finally:
        await vendor.close()


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with scripted_server() as server:
        yield server


@pytest.fixture
async def vendor(server: ScriptedServer) -> AsyncIterator[WebhookVendor]:
    async with connected(f"{server.url}/messages?shop=1") as vendor:
        yield vendor


async def send(vendor: WebhookVendor, count: int = 1, timeout_s: float = 5) -> list[Answer]:
    return await vendor.send([outgoing() for _ in range(count)], timeout_s=timeout_s)


async def test_a_post_says_what_to_send_and_who_asks(server: ScriptedServer, vendor: WebhookVendor) -> None:
    server.script = [Reply(202, b"")]
    message = outgoing("<p>Hello</p>")
    assert await vendor.send([message], timeout_s=5) == [Accepted()]
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.query) == ("POST", "/messages", {"shop": "1"})
    assert json.loads(asked.body) == {
        "idempotency_key": f"{message.message_id}:2",
        "to": "asha@example.com",
        "name": "Asha",
        "subject": "Hello",
        "text": "Hello Asha €",
        "html": "<p>Hello</p>",
    }
    assert asked.headers["Idempotency-Key"] == message.key
    timestamp = asked.headers["X-XenCRM-Timestamp"]
    assert abs(int(timestamp) - time.time()) < 10
    expected = hmac.new(SECRET.encode(), timestamp.encode() + b"." + asked.body, hashlib.sha256).hexdigest()
    assert asked.headers["X-XenCRM-Signature"] == expected


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(200, b"thanks"), Accepted()),
        (Reply(204, b""), Accepted()),
        (Reply(200, {"vendor_ref": "r1"}), Accepted("r1")),
        (Reply(200, {"status": "delivered", "vendor_ref": "r1"}), Delivered("r1")),
        (Reply(200, {"status": "failed", "reason": "INVALID_EMAIL"}), Failed("INVALID_EMAIL")),
        (Reply(200, {"status": "failed"}), Failed("REJECTED")),
        (Reply(200, {"status": "refused", "reason": "QUOTA_EXCEEDED"}), Refused("QUOTA_EXCEEDED")),
        (Reply(200, {"status": "refused", "reason": "try later"}), Refused("TRY_LATER")),
        (Reply(200, {"status": "failed", "reason": "invalid email"}), Failed("INVALID_EMAIL")),
        (Reply(200, {"status": "Failed", "reason": " -- "}), Failed("REJECTED")),
        (Reply(200, {"status": "failed", "reason": "no such user asha@x.example"}), Failed("REJECTED")),
        (Reply(200, {"status": "failed", "reason": "x" * 5000}), Failed("X" * 64)),
        (Reply(200, {"status": "failed", "reason": ["no"], "vendor_ref": {}}), Failed("REJECTED")),
        (Reply(200, {"status": "failed", "vendor_ref": 12345}), Failed("REJECTED", "12345")),
        (Reply(200, {"status": None, "vendor_ref": None}), Accepted()),
        (Reply(200, {"id": 7}), Accepted()),
        (Reply(200, b'"failed"'), Accepted()),
        (Reply(200, b"[" * 60_000), Accepted()),
        (Reply(200, b'{"status": "failed", "reason": "\xff"}'), Accepted()),
        (Reply(200, b"x" * (LONGEST_ANSWER + 1)), Accepted()),
        (Reply(400, {}), Failed("REJECTED")),
        (Reply(413, {}), Failed("REJECTED")),
        (Reply(422, {}), Failed("REJECTED")),
    ],
    ids=str,
)
async def test_an_answer_is_about_the_message(
    server: ScriptedServer, vendor: WebhookVendor, reply: Reply, expected: Answer
) -> None:
    server.script = [reply]
    answers = await send(vendor)
    assert answers == [expected]
    assert find_trouble(answers) is None


@pytest.mark.parametrize("status", ["accepted", "ok", "Success", "queued", "sent"])
async def test_what_common_receivers_answer_by_themselves_is_an_acceptance(
    server: ScriptedServer, vendor: WebhookVendor, status: str
) -> None:
    server.script = [Reply(200, {"status": status})]
    assert await send(vendor) == [Accepted("")]


@pytest.mark.parametrize("status", ["rejected", "error", 0, False])
async def test_a_status_that_is_none_of_ours_leaves_a_doubt(
    server: ScriptedServer, vendor: WebhookVendor, status: object
) -> None:
    server.script = [Reply(200, {"status": status, "reason": "invalid email"})]
    assert isinstance((await send(vendor))[0], Unanswered)


async def test_what_goes_wrong_on_the_way_is_told_without_the_address_and_the_signature() -> None:
    async def talk_nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"NONSENSE\r\n\r\n")
        writer.close()

    port = free_port()
    async with connected(f"http://127.0.0.1:{port}/token-of-ours?key=k") as vendor:
        async with await asyncio.start_server(talk_nonsense, "127.0.0.1", port):
            broken = (await send(vendor))[0]
        away = (await send(vendor))[0]
    assert broken == Unanswered("ClientResponseError at 127.0.0.1")
    assert away == Unsent("ClientConnectorError at 127.0.0.1")


@pytest.mark.parametrize("status", [403, 404])
async def test_an_answer_that_may_be_about_our_settings_or_the_message_costs_an_attempt(
    server: ScriptedServer, vendor: WebhookVendor, status: int
) -> None:
    server.script = [Reply(status)]
    answers = await send(vendor)
    said = f"the webhook answers {status}: is its address right?"
    assert answers == [Refused("REJECTED", DUBIOUS_RETRY_S, said)]
    assert find_trouble(answers) == Trouble(said, suspected=True)


@pytest.mark.parametrize("status", [401, 405, 501])
async def test_an_answer_that_is_about_our_settings_fails_no_message(
    server: ScriptedServer, vendor: WebhookVendor, status: int
) -> None:
    server.script = [Reply(status)]
    answers = await send(vendor)
    assert isinstance(answers[0], Unsent)
    assert find_trouble(answers) is not None


@pytest.mark.parametrize("status", [408, 409, 425, 500, 502, 503, 504])
async def test_an_answer_that_says_nothing_leaves_a_doubt(
    server: ScriptedServer, vendor: WebhookVendor, status: int
) -> None:
    server.script = [Reply(status)]
    assert isinstance((await send(vendor))[0], Unanswered)


async def test_throttling_says_for_how_long(server: ScriptedServer, vendor: WebhookVendor) -> None:
    server.script = [Reply(429, headers={"Retry-After": "120"})]
    answers = await send(vendor)
    assert answers == [Unsent("the webhook answers 429", 120.0)]
    trouble = find_trouble(answers)
    assert trouble is not None
    assert trouble.pause_s == 120


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("7", 7.0),
        ("0", 0.1),
        ("", 1.0),
        ("soon", 1.0),
        ("-5", 1.0),
        ("٣", 1.0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 0.1),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, expected: float) -> None:
    assert retry_after_s(value, NOW) == expected


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(server: ScriptedServer, vendor: WebhookVendor, status: int) -> None:
    server.script = [Reply(status, headers={"Location": f"{server.url}/elsewhere"})]
    assert isinstance((await send(vendor))[0], Unsent)
    assert [asked.path for asked in server.asked] == ["/messages"]


async def test_a_lost_answer_leaves_a_doubt_and_a_refused_connection_none(
    server: ScriptedServer, vendor: WebhookVendor
) -> None:
    server.script = [HangUp()]
    assert isinstance((await send(vendor))[0], Unanswered)
    async with connected(f"http://127.0.0.1:{free_port()}/") as nobody:
        assert isinstance((await send(nobody))[0], Unsent)


async def test_what_is_too_late_is_in_doubt_and_what_waits_for_a_connection_is_not() -> None:
    async def slow(_request: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    app = web.Application()
    app.router.add_post("/", slow)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", free_port())
    await site.start()
    async with connected(site.name, connections=2) as vendor:
        kinds = [type(answer) for answer in await send(vendor, count=5, timeout_s=1)]
    await runner.cleanup()
    assert (kinds.count(Unanswered), kinds.count(Unsent)) == (2, 3)


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "127.1", "0.0.0.0"]
)
async def test_our_own_network_is_not_reached(host: str) -> None:
    """Though somebody listens there."""
    connections = 0

    async def count(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        writer.close()

    listener = await asyncio.start_server(count, port=free_port())
    port = listener.sockets[0].getsockname()[1]
    async with connected(f"https://{host}:{port}/", private=False) as vendor:
        answer = (await send(vendor))[0]
    listener.close()
    assert isinstance(answer, Unsent)
    assert connections == 0


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.100.100.200",
            "0.0.0.0",
        ),
        *("224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.0.192", "168.63.129.16", "198.18.0.1"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "fec0::1", "ff02::1", "::127.0.0.1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::1"),
        *(
            "2001:0:4136:e378::1",
            "2001:db8::1",
            "3fff::1",
            "5f00::1",
            "2130706433",
            "0x7f.1",
            "127.1",
            "",
            "x",
        ),
    ],
)
def test_an_address_that_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_an_address_that_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("http://hooks.example/", False),
        ("ftp://hooks.example/", True),
        ("https:///path", False),
        ("hooks.example", True),
        ("https://user:word@hooks.example/", False),
        ("https://hooks.example/#part", False),
    ],
)
def test_a_url_that_cannot_be_used_is_refused(url: str, private: bool) -> None:
    with pytest.raises(ValueError, match="XENCRM_WEBHOOK_URL"):
        WebhookVendor(Receiver(url, SECRET, private))
