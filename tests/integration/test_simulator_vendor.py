"""The adapter against the real simulator, and against servers that fail in ways it does not."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from tests.support.ports import free_port
from tests.support.simulator import SimulatorProcess, running
from xencrm.campaigns.delivery.vendor import (
    Accepted,
    Delivered,
    Failed,
    InDoubt,
    Outgoing,
    ReceiptMode,
    Refused,
    Throttled,
    Vendor,
    VendorDown,
)
from xencrm.campaigns.vendors.simulator.sender import SimulatorVendor

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def outgoing(attempt: int = 1, to: str = "asha@example.com") -> Outgoing:
    return Outgoing(uuid4(), attempt, to, "Asha", "Hello", "Hello Asha", "<p>Hello Asha</p>")


def many(count: int) -> list[Outgoing]:
    return [outgoing() for _ in range(count)]


@pytest.fixture(scope="module")
async def process(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SimulatorProcess]:
    async with running(
        tmp_path_factory.mktemp("simulator"),
        "--receipts-url",
        "http://127.0.0.1:9/",
        "--receipts-secret",
        "s",
    ) as process:
        yield process


@pytest.fixture
async def simulator(process: SimulatorProcess) -> SimulatorProcess:
    """With its dials as at the first start."""
    await process.turn(
        success_rate=0.9, latency_ms=0, latency_jitter_ms=0, http_429_rate=0, receipts="answer", outage=False
    )
    return process


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Vendor]:
    vendor = SimulatorVendor(url)
    try:
        yield vendor
    finally:
        await vendor.close()


@pytest.fixture
async def vendor(simulator: SimulatorProcess) -> AsyncIterator[Vendor]:
    async with connected(simulator.url) as vendor:
        yield vendor


async def test_it_says_what_it_is() -> None:
    async with connected("http://127.0.0.1:9") as vendor:
        assert (vendor.name, vendor.idempotent, vendor.receipts) == ("simulator", True, ReceiptMode.ANSWER)
    assert SimulatorVendor("http://127.0.0.1:9", receipts=ReceiptMode.WEBHOOK).receipts is ReceiptMode.WEBHOOK


async def test_every_reason_is_told_apart_as_final_or_retryable(
    simulator: SimulatorProcess, vendor: Vendor
) -> None:
    await simulator.turn(success_rate=0)
    answers = await vendor.send(many(400), timeout_s=10)
    failed = {answer.reason for answer in answers if isinstance(answer, Failed)}
    refused = {answer.reason for answer in answers if isinstance(answer, Refused)}
    assert failed == {"INVALID_EMAIL", "EMAIL_BOUNCED", "SPAM_DETECTED"}
    assert refused == {"RATE_LIMITED", "TEMPORARY_FAILURE", "QUOTA_EXCEEDED"}
    await simulator.turn(success_rate=1)
    assert all(isinstance(answer, Delivered) for answer in await vendor.send(many(3), timeout_s=10))


async def test_answers_come_in_the_order_of_the_messages(vendor: Vendor) -> None:
    messages = many(1000)
    answers = await vendor.send(messages, timeout_s=10)
    again = await vendor.send(messages[::-1], timeout_s=10)
    assert answers == again[::-1]


async def test_one_message_alone_is_answered_as_in_a_batch(vendor: Vendor) -> None:
    messages = many(2)
    assert await vendor.send(messages, timeout_s=10) == [
        *await vendor.send(messages[:1], timeout_s=10),
        *await vendor.send(messages[1:], timeout_s=10),
    ]


async def test_with_webhook_receipts_it_is_only_accepted(simulator: SimulatorProcess, vendor: Vendor) -> None:
    await simulator.turn(success_rate=1, receipts="webhook")
    assert all(isinstance(answer, Accepted) for answer in await vendor.send(many(3), timeout_s=10))


async def test_a_message_that_the_vendor_cannot_read_fails_alone(
    simulator: SimulatorProcess, vendor: Vendor
) -> None:
    await simulator.turn(success_rate=1)
    messages = [*many(20), outgoing(to="x" * 400), *many(40), outgoing(to="")]
    answers = await vendor.send(messages, timeout_s=10)
    assert {index for index, answer in enumerate(answers) if answer == Failed("REJECTED")} == {20, 61}
    assert sum(isinstance(answer, Delivered) for answer in answers) == 60


async def test_throttling_says_for_how_long(simulator: SimulatorProcess, vendor: Vendor) -> None:
    await simulator.turn(http_429_rate=1)
    with pytest.raises(Throttled) as caught:
        await vendor.send(many(5), timeout_s=10)
    assert caught.value.retry_after_s == 1


async def test_an_outage_that_answers_took_nothing_and_one_that_hangs_up_leaves_doubt(
    simulator: SimulatorProcess, vendor: Vendor
) -> None:
    messages = many(5)
    await simulator.turn(outage=True)
    with pytest.raises(VendorDown):
        await vendor.send(messages, timeout_s=10)
    await simulator.turn(outage="close")
    with pytest.raises(InDoubt):
        await vendor.send(messages, timeout_s=10)
    await simulator.turn(outage=False)
    assert len(await vendor.send(messages, timeout_s=10)) == 5


async def test_after_a_time_out_the_same_keys_get_the_answers_of_then(
    simulator: SimulatorProcess, vendor: Vendor
) -> None:
    messages = many(50)
    await simulator.turn(success_rate=1, latency_ms=2000)
    with pytest.raises(InDoubt):
        await vendor.send(messages, timeout_s=0.5)
    await simulator.turn(success_rate=0, latency_ms=0)
    assert all(isinstance(answer, Delivered) for answer in await vendor.send(messages, timeout_s=10))
    counts = await simulator.accepted()
    assert {counts[str(message.message_id)] for message in messages} == {1}


async def test_a_vendor_killed_in_mid_call_leaves_doubt_then_is_down_then_goes_on(
    simulator: SimulatorProcess, vendor: Vendor
) -> None:
    messages = many(50)
    await simulator.turn(success_rate=1, latency_ms=5000)
    call = asyncio.create_task(vendor.send(messages, timeout_s=20))
    before = (await simulator.get("/v1/stats"))["accepted"]
    while (await simulator.get("/v1/stats"))["accepted"] < before + 50 and not call.done():
        await asyncio.sleep(0.02)
    await simulator.kill()
    with pytest.raises(InDoubt):
        await call
    with pytest.raises(VendorDown):
        await vendor.send(messages, timeout_s=10)
    await simulator.start()
    await simulator.turn(latency_ms=0)
    assert all(isinstance(answer, Delivered) for answer in await vendor.send(messages, timeout_s=10))


@asynccontextmanager
async def answering(handler: Handler) -> AsyncIterator[Vendor]:
    """A vendor that does `handler` with every connection."""
    port = free_port()
    server = await asyncio.start_server(handler, "127.0.0.1", port)
    async with connected(f"http://127.0.0.1:{port}") as vendor:
        yield vendor
    server.close()


def saying(status: str, body: str = "{}", headers: str = "") -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
        writer.write((head + body).encode())
        await writer.drain()
        writer.close()

    return handler


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def half_an_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"answers":[')
    await writer.drain()
    writer.close()


OTHER_KEY = '{"idempotency_key":"other:1","status":"delivered","reason":null,"vendor_ref":"r"}'


@pytest.mark.parametrize(
    "handler",
    [
        reset,
        half_an_answer,
        saying("500 Internal Server Error"),
        saying("502 Bad Gateway", "<html>"),
        saying("503 Service Unavailable", "busy"),
        saying("503 Service Unavailable", '{"taken": 3}'),
        saying("408 Request Timeout"),
        saying("302 Found", "", "Location: http://127.0.0.1:9/\r\n"),
        saying("200 OK", "not json"),
        saying("200 OK", "{}"),
        saying("200 OK", OTHER_KEY),
    ],
)
@pytest.mark.parametrize("count", [1, 3])
async def test_anything_unclear_leaves_doubt(handler: Handler, count: int) -> None:
    async with answering(handler) as vendor:
        with pytest.raises(InDoubt):
            await vendor.send(many(count), timeout_s=5)


@pytest.mark.parametrize(
    "status", ["401 Unauthorized", "403 Forbidden", "404 Not Found", "405 Method Not Allowed"]
)
async def test_a_wrong_address_takes_nothing(status: str) -> None:
    async with answering(saying(status)) as vendor:
        with pytest.raises(VendorDown):
            await vendor.send(many(3), timeout_s=5)


@pytest.mark.parametrize(
    ("said", "seconds"), [("Retry-After: 7\r\n", 7), ("Retry-After: soon\r\n", 1), ("", 1)]
)
async def test_a_pause_without_a_length_lasts_a_second(said: str, seconds: float) -> None:
    async with answering(saying("429 Too Many Requests", "", said)) as vendor:
        with pytest.raises(Throttled) as caught:
            await vendor.send(many(3), timeout_s=5)
    assert caught.value.retry_after_s == seconds


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://no-such-host.invalid"])
async def test_a_vendor_that_is_not_there_took_nothing(url: str) -> None:
    async with connected(url) as vendor:
        with pytest.raises(VendorDown):
            await vendor.send(many(3), timeout_s=10)
