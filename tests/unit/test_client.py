"""The HTTP client against a real server: errors, repeats, pages and chunks."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import pytest

from tests.support.scripted_server import Asked, HangUp, Reply, ScriptedServer, problem, scripted_server
from xencrm.client.batches import chunks
from xencrm.client.campaigns import NewCampaign
from xencrm.client.client import Client
from xencrm.client.customers import NewCustomer
from xencrm.client.errors import (
    BadRequest,
    Conflict,
    ConnectionLost,
    NotFound,
    Problem,
    Unavailable,
    UnexpectedAnswer,
)
from xencrm.client.orders import NewOrder
from xencrm.client.problems import seconds_of
from xencrm.client.retry import RetryPolicy

QUEUED = Reply(202, {"event_id": "e-1", "status": "queued"})
BUSY = problem(503, "Temporarily unavailable", {"Retry-After": "0"})
ORDER = {"customer_email": "a@shop.example", "order_amount": "10.00"}


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with scripted_server() as server:
        yield server


@pytest.fixture
async def client(server: ScriptedServer) -> AsyncIterator[Client]:
    async with Client(server.url, "xk_key", retries=RetryPolicy(budget_s=2, base_s=0.01)) as client:
        yield client


async def test_every_call_carries_the_key(server: ScriptedServer, client: Client) -> None:
    server.script = [QUEUED]
    answer = await client.customers.post(NewCustomer(name="Asha", email="asha@shop.example"))
    assert answer.event_id == "e-1"
    assert server.asked[0].headers["Authorization"] == "Bearer xk_key"


async def test_fields_left_out_are_not_sent_and_null_is(server: ScriptedServer, client: Client) -> None:
    server.script = [QUEUED]
    await client.customers.post(NewCustomer(name="Asha", email="asha@shop.example", phone=None))
    assert server.asked[0].lines == [{"name": "Asha", "email": "asha@shop.example", "phone": None}]


async def test_money_keeps_its_cents_both_ways(server: ScriptedServer, client: Client) -> None:
    order = {"order_id": "o-1", "order_amount": "1234567890.10", "order_status": "COMPLETED"}
    server.script = [QUEUED, Reply(200, {"items": [order], "next_cursor": None})]
    await client.orders.post(NewOrder(order_amount=Decimal("1234567890.10"), customer_id="c-1"))
    page = await client.customers.orders("c-1")
    assert server.asked[0].lines[0]["order_amount"] == "1234567890.10"
    assert page.items[0].order_amount == Decimal("1234567890.10")


async def test_a_problem_becomes_an_exception_with_its_fields(server: ScriptedServer, client: Client) -> None:
    errors = [{"field": "email", "message": "is not an address"}]
    server.script = [problem(400, "Invalid input", detail="1 field is wrong", errors=errors)]
    with pytest.raises(BadRequest) as caught:
        await client.customers.post({"name": "Asha", "email": "nowhere"})
    assert (caught.value.status, caught.value.title) == (400, "Invalid input")
    assert (caught.value.detail, caught.value.errors[0].field) == ("1 field is wrong", "email")
    assert str(caught.value) == "Invalid input: 1 field is wrong: email: is not an address"


async def test_an_error_that_is_no_problem_document_is_told_too(
    server: ScriptedServer, client: Client
) -> None:
    server.script = [Reply(502, b"<html>bad gateway</html>")]
    with pytest.raises(Problem, match="bad gateway") as caught:
        await client.profiles.get("c-1")
    assert caught.value.status == 502


async def test_an_answer_of_another_shape_is_no_crash(server: ScriptedServer, client: Client) -> None:
    server.script = [Reply(200, {"nothing": "expected"})]
    with pytest.raises(UnexpectedAnswer):
        await client.profiles.get("c-1")


async def test_a_not_found_is_not_repeated(server: ScriptedServer, client: Client) -> None:
    server.script = [problem(404, "Not found")]
    with pytest.raises(NotFound):
        await client.events.get("e-1")
    assert len(server.asked) == 1


async def test_a_part_that_is_away_for_a_moment_is_waited_for(server: ScriptedServer, client: Client) -> None:
    server.script = [BUSY, BUSY, Reply(200, {"event_id": "e-1", "status": "applied"})]
    assert (await client.events.get("e-1")).status == "applied"
    assert len(server.asked) == 3


async def test_the_pause_is_as_long_as_the_service_asks(server: ScriptedServer, client: Client) -> None:
    slow = problem(429, "Too many requests", {"Retry-After": "0.3"})
    server.script = [slow, Reply(200, {"event_id": "e-1", "status": "applied"})]
    began = time.monotonic()
    await client.events.get("e-1")
    assert time.monotonic() - began >= 0.3


async def test_a_pause_beyond_the_budget_is_an_error_at_once(server: ScriptedServer, client: Client) -> None:
    server.script = [problem(503, "Temporarily unavailable", {"Retry-After": "120"})]
    began = time.monotonic()
    with pytest.raises(Unavailable) as caught:
        await client.events.get("e-1")
    assert time.monotonic() - began < 20
    assert caught.value.retry_after_s == 120


async def test_a_lost_get_is_repeated(server: ScriptedServer, client: Client) -> None:
    server.script = [HangUp(), Reply(200, {"event_id": "e-1", "status": "waiting"})]
    assert (await client.events.get("e-1")).status == "waiting"


@pytest.mark.parametrize("trouble", [HangUp(), BUSY])
async def test_a_post_that_may_have_had_its_effect_is_not_repeated(
    server: ScriptedServer, client: Client, trouble: HangUp | Reply
) -> None:
    server.script = [trouble]
    with pytest.raises((ConnectionLost, Unavailable)):
        await client.campaigns.create(NewCampaign(name="n", segment_id="s", message_template="t"))
    assert len(server.asked) == 1


async def test_a_post_that_was_refused_for_its_pace_is_repeated(
    server: ScriptedServer, client: Client
) -> None:
    campaign = Reply(201, {"campaign_id": "c-1", "name": "n", "status": "DRAFT"})
    server.script = [problem(429, "Too many requests", {"Retry-After": "0"}), campaign]
    created = await client.campaigns.create(NewCampaign(name="n", segment_id="s", message_template="t"))
    assert created.campaign_id == "c-1"


async def test_an_order_without_an_id_is_repeated_under_one_key(
    server: ScriptedServer, client: Client
) -> None:
    server.script = [HangUp(), BUSY, QUEUED]
    await client.orders.post(ORDER)
    keys = {asked.headers["Idempotency-Key"] for asked in server.asked}
    assert len(server.asked) == 3
    assert len(keys) == 1


async def test_two_orders_without_ids_are_two_orders(server: ScriptedServer, client: Client) -> None:
    server.script = [QUEUED, QUEUED]
    await client.orders.post(ORDER)
    await client.orders.post(ORDER)
    assert len({asked.headers["Idempotency-Key"] for asked in server.asked}) == 2


async def test_an_address_where_nothing_is_fails_at_once() -> None:
    began = time.monotonic()
    async with Client("http://127.0.0.1:1", "k") as client:
        with pytest.raises(ConnectionLost, match=r"127\.0\.0\.1:1") as caught:
            await client.events.get("e-1")
    assert caught.value.sent is False
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("url", ["localhost:8000", "", "http://"])
async def test_an_address_that_is_none_is_a_clear_error(url: str) -> None:
    async with Client(url, "k") as client:
        with pytest.raises(ConnectionLost, match="not a URL"):
            await client.events.get("e-1")


async def test_a_launch_whose_answer_was_lost_is_not_reported_as_a_conflict(
    server: ScriptedServer, client: Client
) -> None:
    running = Reply(200, {"campaign_id": "c-1", "name": "n", "status": "RUNNING"})
    server.script = [HangUp(), problem(409, "Conflict"), running]
    assert (await client.campaigns.launch("c-1")).status == "RUNNING"


async def test_a_launch_of_what_was_launched_before_is_a_conflict(
    server: ScriptedServer, client: Client
) -> None:
    running = Reply(200, {"campaign_id": "c-1", "name": "n", "status": "RUNNING"})
    server.script = [problem(409, "Conflict"), running]
    with pytest.raises(Conflict):
        await client.campaigns.launch("c-1")


async def test_all_pages_are_walked(server: ScriptedServer, client: Client) -> None:
    def page(asked: Asked) -> Reply:
        first = "cursor" not in asked.query
        names = ["a", "b"] if first else ["c"]
        items = [{"customer_id": n, "name": n, "email": f"{n}@shop.example"} for n in names]
        return Reply(200, {"items": items, "next_cursor": "next" if first else None})

    server.routes = {("GET", "/api/v1/profiles"): page}
    assert [profile.name async for profile in client.profiles.all(q="@shop")] == ["a", "b", "c"]
    assert [asked.query.get("cursor") for asked in server.asked] == [None, "next"]
    assert server.asked[1].query["q"] == "@shop"


async def test_a_batch_goes_in_chunks_and_its_rejects_keep_their_row_numbers(
    server: ScriptedServer, client: Client
) -> None:
    def take(asked: Asked) -> Reply:
        bad = [index for index, row in enumerate(asked.lines) if row["name"] == ""]
        rejected = [{"index": i, "errors": [{"field": "name", "message": "is empty"}]} for i in bad]
        number = len(server.asked)
        return Reply(
            202,
            {"batch_id": f"b-{number}", "accepted": len(asked.lines) - len(bad), "rejected": rejected},
        )

    server.routes = {("POST", "/api/v1/customers/batch"): take}
    seen: list[int] = []
    rows = ({"name": "" if n == 8 else "x", "email": f"{n}@shop.example"} for n in range(10))
    sent = await client.customers.post_batch(
        rows, chunk_rows=4, progress=lambda sent: seen.append(sent.accepted)
    )
    assert [len(asked.lines) for asked in server.asked] == [4, 4, 2]
    assert {asked.headers["Content-Type"] for asked in server.asked} == {"application/x-ndjson"}
    assert (sent.accepted, [row.index for row in sent.rejected]) == (9, [8])
    assert sent.batch_ids == ["b-1", "b-2", "b-3"]
    assert seen == [4, 8, 9]


async def test_a_chunk_is_repeated_under_its_own_key(server: ScriptedServer, client: Client) -> None:
    taken = Reply(202, {"batch_id": "b", "accepted": 1, "rejected": []})
    server.script = [HangUp(), taken, BUSY, taken]
    sent = await client.orders.post_batch([ORDER, ORDER], chunk_rows=1, key="import-7")
    keys = [asked.headers["Idempotency-Key"] for asked in server.asked]
    assert keys == ["import-7-0", "import-7-0", "import-7-1", "import-7-1"]
    assert sent.accepted == 2


async def test_an_empty_batch_asks_nothing(server: ScriptedServer, client: Client) -> None:
    assert (await client.orders.post_batch([])).accepted == 0
    assert server.asked == []


def test_chunks_stay_within_rows_and_bytes() -> None:
    rows = [{"name": "x" * 90} for _ in range(50)]
    line = len(b'{"name":"' + b"x" * 90 + b'"}\n')
    sizes = [len(lines) for lines in chunks(rows, max_rows=20, max_bytes=line * 8)]
    assert sizes == [8, 8, 8, 8, 8, 8, 2]
    assert [len(lines) for lines in chunks(rows, max_rows=20)] == [20, 20, 10]


def test_retry_after_is_read_in_both_forms() -> None:
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert seconds_of("2") == 2
    assert 55 < (seconds_of(in_a_minute) or 0) <= 60
    assert seconds_of("soon") is None
    assert seconds_of(None) is None


async def test_readiness_is_an_answer_also_when_it_is_503(server: ScriptedServer, client: Client) -> None:
    server.script = [problem(503, "Temporarily unavailable", detail="campaigns is starting")]
    readiness = await client.readyz()
    assert readiness.ready is False
    assert readiness.said["detail"] == "campaigns is starting"
    assert len(server.asked) == 1


async def test_a_deed_whose_answer_was_lost_is_known_by_its_effect(
    server: ScriptedServer, client: Client
) -> None:
    archived = {"campaign_id": "c-1", "name": "n", "status": "DRAFT", "archived_at": "2026-01-01T00:00:00Z"}
    server.script = [HangUp(), problem(409, "Conflict"), Reply(200, archived)]
    assert (await client.campaigns.archive("c-1")).archived_at is not None
    draft = Reply(200, {"campaign_id": "c-1", "name": "n", "status": "DRAFT"})
    server.script = [HangUp(), problem(409, "Conflict"), draft]
    assert (await client.campaigns.unschedule("c-1")).status == "DRAFT"
    server.script = [HangUp(), problem(409, "Conflict"), draft]
    with pytest.raises(Conflict):
        await client.campaigns.archive("c-1")


async def test_what_would_be_done_twice_is_not_repeated(server: ScriptedServer, client: Client) -> None:
    for deed in (client.campaigns.duplicate("c-1"), client.campaigns.test("c-1", email="a@shop.example")):
        server.script = [HangUp(), Reply(201, {})]
        with pytest.raises(ConnectionLost):
            await deed


def streamed(text: str, **headers: str) -> Reply:
    return Reply(200, text.encode(), {"Content-Type": "text/event-stream", **headers})


async def test_a_campaign_is_watched_over_lost_streams_until_it_ends(
    server: ScriptedServer, client: Client
) -> None:
    first = 'event: stats\ndata: {"status":"RUNNING","audience":3,"pending":3}\n\n'
    second = 'event: stats\ndata: {"status":"RUNNING","audience":3,"delivered":2}\n\n'
    third = 'event: stats\ndata: {"status":"COMPLETED","audience":3,"delivered":3}\n\n'
    server.script = [
        BUSY,
        streamed(f"retry: 2000\n\n{first}: still here\n\n{second}event: stats\ndata: {{"),
        HangUp(),
        streamed(f"retry: 2000\n\n{second}{third}event: end\ndata: {{}}\n\n{first}"),
    ]
    seen = [stats async for stats in client.campaigns.watch("c-1")]
    assert [(stats.status, stats.delivered) for stats in seen] == [
        ("RUNNING", 0),
        ("RUNNING", 2),
        ("COMPLETED", 3),
    ]
    assert {asked.path for asked in server.asked} == {"/api/v1/campaigns/c-1/stream"}


async def test_watching_what_is_not_there_or_stays_away_fails(server: ScriptedServer, client: Client) -> None:
    server.script = [problem(404, "Not found")]
    with pytest.raises(NotFound):
        await anext(client.campaigns.watch("c-1"))
    server.routes = {("GET", "/api/v1/campaigns/c-1/stream"): BUSY}
    with pytest.raises(Unavailable):
        await anext(client.campaigns.watch("c-1"))
