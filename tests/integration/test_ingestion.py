"""Customers and orders over HTTP, through the queue, into the Master DB."""

import asyncio
import json
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from tests.support.ingestion import RunningIngestion, running_ingestion
from tests.support.postgres import PostgresServer

TOTALS = """
    SELECT (opening_total_spend + orders_spend, orders_count, opening_total_visits + orders_count)::text
    FROM customers WHERE email = :email
"""


@pytest.fixture(scope="module")
async def ingestion(postgres: PostgresServer) -> AsyncIterator[RunningIngestion]:
    master = await postgres.create_database(f"master_{uuid4().hex}")
    broker = await postgres.create_database(f"broker_{uuid4().hex}")
    async with running_ingestion(master, broker, customer_grace_s=0.5) as running:
        yield running


def address() -> str:
    return f"c{uuid4().hex[:12]}@shop.example"


async def add_customer(ingestion: RunningIngestion, email: str, **fields: Any) -> None:
    status, body = await ingestion.post("/customers", {"name": "Asha", "email": email, **fields})
    assert status == 202, body
    await ingestion.until("SELECT count(*) FROM customers WHERE email = :email", 1, email=email)


async def applied(ingestion: RunningIngestion, event_id: str) -> None:
    async with asyncio.timeout(30):
        while (await ingestion.get(f"/events/{event_id}"))[1]["status"] == "queued":
            await asyncio.sleep(0.02)


async def post_order(ingestion: RunningIngestion, body: dict[str, Any], **options: Any) -> str:
    status, answer = await ingestion.post("/orders", body, **options)
    assert status == 202, answer
    await applied(ingestion, answer["event_id"])
    return str(answer["event_id"])


async def totals(ingestion: RunningIngestion, email: str) -> str:
    return str((await ingestion.rows(TOTALS, email=email))[0][0])


async def test_a_customer_and_an_order_reach_the_master_db(ingestion: RunningIngestion) -> None:
    email = address()
    await add_customer(ingestion, email, phone="+91 98", attributes={"city": "Pune", "tier": 2})
    event_id = await post_order(ingestion, {"customer_email": email, "order_amount": 120.5})
    assert (await ingestion.get(f"/events/{event_id}"))[1]["status"] == "applied"
    _, page = await ingestion.get("/customers", params={"search": email})
    customer = page["items"][0]
    assert customer["total_spend"] == "120.50"
    assert (customer["total_orders"], customer["total_visits"]) == (1, 1)
    assert customer["attributes"] == {"city": "Pune", "tier": 2}
    _, orders = await ingestion.get(f"/customers/{customer['customer_id']}/orders")
    assert [(item["order_id"], item["order_amount"]) for item in orders["items"]] == [(event_id, "120.50")]


async def test_a_field_left_out_keeps_its_value_and_a_repeat_changes_nothing(
    ingestion: RunningIngestion,
) -> None:
    email = address()
    await add_customer(ingestion, email, phone="1", total_spend="99.50", total_visits=3)
    body = {"name": " Asha R ", "email": email.upper(), "status": "INACTIVE", "attributes": {"a": None}}
    for _ in range(2):
        _, answer = await ingestion.post("/customers", body)
        await applied(ingestion, answer["event_id"])
    row = (await ingestion.rows("SELECT * FROM customers WHERE email = :email", email=email))[0]
    assert (row.name, row.phone, row.status, row.version) == ("Asha R", "1", "INACTIVE", 2)
    assert row.opening_total_spend == Decimal("99.50")
    assert await totals(ingestion, email) == "(99.50,0,3)"


@pytest.mark.parametrize("lean", [True, False])
@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/customers", {"name": "A", "email": "not an address"}, "email"),
        ("/customers", {"email": "a@b.example"}, "name"),
        ("/customers", {"name": "A\nB", "email": "a@b.example"}, "name"),
        ("/customers", {"name": "A", "email": "a@b.example", "colour": "red"}, "colour"),
        ("/customers", {"name": 7, "email": "a@b.example"}, "name"),
        (
            "/customers",
            {"name": "A", "email": "a@b.example", "last_order_at": "1900-01-01T00:00:00Z"},
            "last_order_at",
        ),
        ("/orders", {"customer_email": "a@b.example", "order_amount": -1}, "order_amount"),
        ("/orders", {"customer_email": "a@b.example", "order_amount": "1.999"}, "order_amount"),
        ("/orders", {"customer_email": "a@b.example", "order_amount": 1e12}, "order_amount"),
        ("/orders", {"order_amount": 1}, "customer_email"),
        (
            "/orders",
            {"customer_email": "a@b.example", "order_amount": 1, "order_status": "LOST"},
            "order_status",
        ),
    ],
)
async def test_bad_input_names_the_field(
    ingestion: RunningIngestion, lean: bool, path: str, body: dict[str, Any], field: str
) -> None:
    status, problem = await send(ingestion, path, json.dumps(body).encode(), lean)
    assert status == 400
    assert [error["field"] for error in problem["errors"]] == [field]


async def send(ingestion: RunningIngestion, path: str, raw: bytes, lean: bool) -> tuple[int, Any]:
    """Over the lean way in, or (by a body of unknown length) over the framework behind it."""

    async def chunks() -> AsyncIterator[bytes]:
        yield raw

    headers = {"content-type": "application/json"}
    return await ingestion.ask("POST", path, data=raw if lean else chunks(), headers=headers)


@pytest.mark.parametrize("lean", [True, False])
async def test_both_ways_in_refuse_what_is_no_json(ingestion: RunningIngestion, lean: bool) -> None:
    status, problem = await send(ingestion, "/customers", b'{"name": ', lean)
    assert status == 400
    assert problem["title"]


@pytest.mark.parametrize("lean", [True, False])
async def test_both_ways_in_accept_the_same(ingestion: RunningIngestion, lean: bool) -> None:
    email = address()
    status, answer = await send(
        ingestion, "/customers", json.dumps({"name": "Asha", "email": email}).encode(), lean
    )
    assert (status, answer["status"]) == (202, "queued")
    await ingestion.until("SELECT count(*) FROM customers WHERE email = :email", 1, email=email)


async def test_an_order_moves_between_states_customers_and_days(ingestion: RunningIngestion) -> None:
    one, other = address(), address()
    await add_customer(ingestion, one)
    await add_customer(ingestion, other)
    order = {"customer_email": one, "order_amount": 100, "order_id": uuid4().hex}
    await post_order(ingestion, {**order, "ordered_at": "2024-05-01T10:00:00Z"})
    early = {"customer_email": one, "order_amount": 5, "ordered_at": "2023-01-01T00:00:00Z"}
    await post_order(ingestion, early)
    assert await totals(ingestion, one) == "(105.00,2,2)"
    await post_order(ingestion, {**order, "order_amount": 80})
    assert await totals(ingestion, one) == "(85.00,2,2)"
    rows = await ingestion.rows("SELECT orders_last_at::text FROM customers WHERE email = :e", e=one)
    assert rows[0][0].startswith("2024-05-01")
    await post_order(ingestion, {**order, "customer_email": other})
    assert await totals(ingestion, one) == "(5.00,1,1)"
    assert await totals(ingestion, other) == "(100.00,1,1)"
    rows = await ingestion.rows("SELECT orders_last_at::text FROM customers WHERE email = :e", e=one)
    assert rows[0][0].startswith("2023-01-01")
    await post_order(ingestion, {**order, "customer_email": other, "order_status": "REFUNDED"})
    assert await totals(ingestion, other) == "(0.00,0,0)"
    rows = await ingestion.rows("SELECT orders_last_at FROM customers WHERE email = :e", e=other)
    assert rows[0][0] is None


async def test_the_same_order_completed_and_refunded_in_one_batch_is_refunded(
    ingestion: RunningIngestion,
) -> None:
    email = address()
    await add_customer(ingestion, email)
    order = {"customer_email": email, "order_amount": 10, "order_id": uuid4().hex}
    rows = [order, {**order, "order_status": "REFUNDED"}, {**order, "order_id": uuid4().hex}]
    status, answer = await ingestion.post("/orders/batch", rows)
    assert (status, answer["accepted"]) == (202, 3)
    await ingestion.until("SELECT orders_count FROM customers WHERE email = :email", 1, email=email)
    assert await totals(ingestion, email) == "(10.00,1,1)"
    found = await ingestion.rows("SELECT order_status FROM orders WHERE order_id = :o", o=order["order_id"])
    assert found[0][0] == "REFUNDED"


async def test_good_rows_go_on_when_others_are_bad(ingestion: RunningIngestion) -> None:
    one, other = address(), address()
    lines = [{"name": "A", "email": one}, {"name": "", "email": other}, {"name": "B", "email": other}]
    body = b"\n".join([*(json.dumps(line).encode() for line in lines), b"{nonsense", b""])
    headers = {"content-type": "application/x-ndjson"}
    status, answer = await ingestion.ask("POST", "/customers/batch", data=body, headers=headers)
    assert (status, answer["accepted"]) == (202, 2)
    assert [(row["index"], row["errors"][0]["field"]) for row in answer["rejected"]] == [
        (1, "name"),
        (3, "body"),
    ]
    await ingestion.until("SELECT count(*) FROM customers WHERE email = ANY(:e)", 2, e=[one, other])


async def test_a_batch_of_more_than_ten_thousand_rows_is_refused_whole(ingestion: RunningIngestion) -> None:
    status, problem = await ingestion.post("/orders/batch", [1] * 10_001)
    assert status == 400
    assert problem["errors"][0]["field"] == "body"


async def test_the_same_idempotency_key_is_the_same_event_and_the_first_body_wins(
    ingestion: RunningIngestion,
) -> None:
    email = address()
    await add_customer(ingestion, email)
    headers = {"Idempotency-Key": uuid4().hex}
    bodies = [{"customer_email": email, "order_amount": amount} for amount in (10, 20, 30)]
    answers = [await ingestion.post("/orders", body, headers=headers) for body in bodies]
    assert len({answer["event_id"] for _, answer in answers}) == 1
    other = await ingestion.post("/orders", bodies[0], headers=headers, role="ingest")
    assert other[1]["event_id"] != answers[0][1]["event_id"]
    rows = [{"customer_email": email, "order_amount": 1} for _ in range(3)]
    batches = [await ingestion.post("/orders/batch", rows, headers=headers) for _ in range(2)]
    assert batches[0][1]["batch_id"] == batches[1][1]["batch_id"]
    await post_order(ingestion, {"customer_email": email, "order_amount": 0})
    assert await totals(ingestion, email) == "(23.00,6,6)"


async def test_an_order_of_an_unknown_customer_gets_404_after_the_grace(ingestion: RunningIngestion) -> None:
    status, problem = await ingestion.post("/orders", {"customer_email": address(), "order_amount": 1})
    assert (status, problem["status"]) == (404, 404)


async def test_a_customer_posted_a_moment_ago_is_found(ingestion: RunningIngestion) -> None:
    email = address()
    await ingestion.post("/customers", {"name": "A", "email": email})
    status, _ = await ingestion.post("/orders", {"customer_email": email, "order_amount": 1})
    assert status == 202
    await ingestion.until("SELECT orders_count FROM customers WHERE email = :email", 1, email=email)


async def test_orders_before_their_customers_wait_and_are_applied_in_order(
    ingestion: RunningIngestion,
) -> None:
    email, order_id = address(), uuid4().hex
    first = {
        "customer_email": email,
        "order_amount": 10,
        "order_id": order_id,
        "ordered_at": "2024-01-02T00:00:00Z",
    }
    await ingestion.post("/orders/batch", [first, {"customer_email": email, "order_amount": 7}])
    await ingestion.until("SELECT count(*) FROM waiting_orders WHERE customer_email = :e", 2, e=email)
    waiting = await ingestion.rows("SELECT event_id FROM waiting_orders WHERE order_id = :o", o=order_id)
    assert (await ingestion.get(f"/events/{waiting[0][0]}"))[1]["status"] == "waiting"
    second = {"customer_email": email, "order_amount": 10, "order_id": order_id, "order_status": "PENDING"}
    await ingestion.post("/orders/batch", [second])
    await ingestion.until("SELECT count(*) FROM waiting_orders WHERE customer_email = :e", 3, e=email)
    await add_customer(ingestion, email)
    await ingestion.until("SELECT count(*) FROM waiting_orders WHERE customer_email = :e", 0, e=email)
    assert await totals(ingestion, email) == "(7.00,1,1)"
    order = (await ingestion.rows("SELECT * FROM orders WHERE order_id = :o", o=order_id))[0]
    assert (order.order_status, order.ordered_at.isoformat()) == ("PENDING", "2024-01-02T00:00:00+00:00")


async def test_an_id_that_was_never_given_out_is_not_found(ingestion: RunningIngestion) -> None:
    assert (await ingestion.get(f"/events/{uuid4()}"))[0] == 404


@pytest.mark.parametrize(
    ("role", "method", "path", "status"),
    [
        (None, "POST", "/customers", 401),
        (None, "GET", "/customers", 401),
        ("viewer", "POST", "/customers", 403),
        ("viewer", "POST", "/orders/batch", 403),
        ("viewer", "GET", "/customers", 200),
        ("ingest", "GET", "/customers", 403),
        ("ingest", "POST", "/orders/batch", 400),
        ("ingest", "GET", "/events/018f0000-0000-7000-8000-000000000000", 404),
    ],
)
async def test_roles(
    ingestion: RunningIngestion, role: str | None, method: str, path: str, status: int
) -> None:
    assert (await ingestion.ask(method, path, role=role, json=[]))[0] == status


async def test_every_change_leaves_as_a_snapshot_with_a_higher_version(postgres: PostgresServer) -> None:
    master = await postgres.create_database(f"master_{uuid4().hex}")
    broker = await postgres.create_database(f"broker_{uuid4().hex}")
    async with running_ingestion(master, broker, without=("relay",)) as ingestion:
        email = address()
        await add_customer(ingestion, email)
        await post_order(ingestion, {"customer_email": email, "order_amount": 3, "order_id": "o-1"})
        rows = await ingestion.rows("SELECT routing_key, body FROM outbox ORDER BY outbox_id")
        events = [(row.routing_key, json.loads(bytes(row.body))[0]["data"]) for row in rows]
    assert [(key, data["version"]) for key, data in events] == [
        ("customer_mv", 1),
        ("customer_mv", 2),
        ("order_mv", 1),
    ]
    assert events[1][1]["total_spend"] == "3.00"
    assert events[2][1]["order_id"] == "o-1"


async def test_an_order_nested_too_deeply_is_refused(ingestion: RunningIngestion) -> None:
    for depth in (20, 5000):
        raw = (
            b'{"customer_email":"a@b.example","order_amount":1,"items":' + b"[" * depth + b"]" * depth + b"}"
        )
        for lean in (True, False):
            assert (await send(ingestion, "/orders", raw, lean))[0] == 400


async def test_a_search_that_cannot_be_is_the_clients_error(ingestion: RunningIngestion) -> None:
    assert (await ingestion.get("/customers", params={"search": "\0"}))[0] == 400


async def test_a_waiting_order_that_cannot_be_applied_stops_no_other(ingestion: RunningIngestion) -> None:
    rich, other = address(), address()
    amounts = ["9999999999.99"] * 150
    rows = [{"customer_email": rich, "order_amount": amount} for amount in amounts]
    await ingestion.post("/orders/batch", [*rows, {"customer_email": other, "order_amount": 5}])
    await ingestion.until("SELECT count(*) FROM waiting_orders WHERE customer_email = :e", 150, e=rich)
    await ingestion.post("/customers/batch", [{"name": "R", "email": rich}, {"name": "O", "email": other}])
    await ingestion.until("SELECT sum(orders_count) FROM customers WHERE email = :e", 1, e=other)
    await ingestion.until("SELECT count(*) FROM waiting_orders WHERE customer_email = :e", 0, e=rich)
    applied, aside = (
        await ingestion.rows(
            "SELECT (SELECT orders_count FROM customers WHERE email = :e),"
            " (SELECT count(*) FROM dead_letters WHERE subject = :e)",
            e=rich,
        )
    )[0]
    assert applied + aside == 150
    assert aside > 0


async def test_an_order_that_moves_away_is_taken_from_its_present_customer(
    ingestion: RunningIngestion,
) -> None:
    one, other, order_id = address(), address(), uuid4().hex
    await add_customer(ingestion, one)
    moves = [
        {"customer_email": one, "order_amount": 10, "order_id": order_id},
        {"customer_email": other, "order_amount": 10, "order_id": order_id},
    ]
    await ingestion.post("/orders/batch", moves)
    await ingestion.until("SELECT count(*) FROM waiting_orders WHERE customer_email = :e", 1, e=other)
    assert await totals(ingestion, one) == "(10.00,1,1)"
    await add_customer(ingestion, other)
    await ingestion.until("SELECT orders_count FROM customers WHERE email = :e", 1, e=other)
    assert await totals(ingestion, one) == "(0.00,0,0)"
