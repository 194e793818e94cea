"""Corrections, erasure and export of customers, and the standing of batches, by the API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.support.ingestion import RunningIngestion, key_of, running_ingestion
from tests.support.postgres import PostgresServer
from xencrm.contracts.topology import ORDER_QUEUE
from xencrm.ingestion.subscriptions import bindings
from xencrm.kernel.messaging import dead_letters
from xencrm.kernel.messaging.consumer import Consumer
from xencrm.kernel.secrets import keyed_hash

HASH = keyed_hash("test-secret", "e-mail")


@pytest.fixture(scope="module")
async def ingestion(postgres: PostgresServer) -> AsyncIterator[RunningIngestion]:
    async with fresh_ingestion(postgres) as running:
        yield running


@asynccontextmanager
async def fresh_ingestion(postgres: PostgresServer, **options: Any) -> AsyncIterator[RunningIngestion]:
    master = await postgres.create_database(f"master_{uuid4().hex}")
    broker = await postgres.create_database(f"broker_{uuid4().hex}")
    async with running_ingestion(master, broker, customer_grace_s=0.3, **options) as running:
        yield running


def address() -> str:
    return f"c{uuid4().hex[:12]}@shop.example"


async def add_customer(ingestion: RunningIngestion, email: str, **fields: Any) -> str:
    """Returns the customer's id."""
    status, body = await ingestion.post("/customers", {"name": "Asha", "email": email, **fields})
    assert status == 202, body
    await ingestion.until("SELECT count(*) FROM customers WHERE email = :email", 1, email=email)
    return await id_of(ingestion, email)


async def id_of(ingestion: RunningIngestion, email: str) -> str:
    rows = await ingestion.rows("SELECT customer_id FROM customers WHERE email = :email", email=email)
    return str(rows[0][0])


async def until_applied(ingestion: RunningIngestion, *event_ids: str) -> list[str]:
    """What became of the events."""
    async with asyncio.timeout(30):
        while True:
            found = [(await ingestion.get(f"/events/{item}"))[1]["status"] for item in event_ids]
            if "queued" not in found:
                return found
            await asyncio.sleep(0.02)


async def post_order(ingestion: RunningIngestion, **body: Any) -> str:
    status, answer = await ingestion.post("/orders", {"order_amount": "10.00", **body})
    assert status == 202, answer
    return str(answer["event_id"])


class Working:
    """Consumers of an Ingestion that was started without them; of all queues, or of one."""

    def __init__(self, ingestion: RunningIngestion, queue: str = "") -> None:
        self._ingestion = ingestion
        self._queue = queue
        self._stop = asyncio.Event()

    async def __aenter__(self) -> None:
        consumers = [
            Consumer(self._ingestion.database, self._ingestion.broker, binding, max_events=2000)
            for binding in bindings(HASH)
            if self._queue in binding.queue.name
        ]
        self._tasks = [asyncio.create_task(consumer.run(self._stop)) for consumer in consumers]

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        await asyncio.gather(*self._tasks)


async def test_a_correction_is_applied_when_it_is_answered(ingestion: RunningIngestion) -> None:
    email = address()
    customer_id = await add_customer(ingestion, email, phone="1", attributes={"city": "Pune", "tier": 1})
    change = {"name": "Asha R", "phone": None, "total_spend": 5, "attributes": {"tier": 2}}
    status, body = await ingestion.ask("PATCH", f"/customers/{customer_id}", json=change)
    assert status == 200, body
    assert (body["name"], body["phone"], body["opening_total_spend"]) == ("Asha R", None, "5.00")
    assert body["attributes"] == {"city": "Pune", "tier": 2}
    assert (await ingestion.get(f"/customers/{customer_id}"))[1] == body


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, "body"),
        ({"customer_id": str(uuid4())}, "customer_id"),
        ({"email": "no address"}, "email"),
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"status": "GONE"}, "status"),
        ({"total_spend": "1.234"}, "total_spend"),
        ({"attributes": {"a": [1]}}, "attributes"),
    ],
)
async def test_a_bad_correction_names_the_field(
    ingestion: RunningIngestion, change: dict[str, Any], field: str
) -> None:
    customer_id = await add_customer(ingestion, address())
    status, problem = await ingestion.ask("PATCH", f"/customers/{customer_id}", json=change)
    assert (status, problem["errors"][0]["field"].split("[")[0]) == (400, field)


async def test_an_unknown_customer_cannot_be_corrected_or_erased(ingestion: RunningIngestion) -> None:
    for method, options in (("PATCH", {"json": {"name": "Nobody"}}), ("DELETE", {})):
        assert (await ingestion.ask(method, f"/customers/{uuid4()}", **options))[0] == 404
        assert (await ingestion.ask(method, "/customers/no-uuid", **options))[0] == 404


async def test_a_taken_address_is_a_conflict_and_changes_nothing(ingestion: RunningIngestion) -> None:
    mine, taken = address(), address()
    customer_id = await add_customer(ingestion, mine)
    await add_customer(ingestion, taken)
    change = {"email": taken.upper(), "name": "Other"}
    status, problem = await ingestion.ask("PATCH", f"/customers/{customer_id}", json=change)
    assert (status, problem["title"]) == (409, "Conflict")
    _, customer = await ingestion.get(f"/customers/{customer_id}")
    assert (customer["email"], customer["name"]) == (mine, "Asha")
    assert await ingestion.rows("SELECT 1 FROM dead_letters") == []


async def test_a_correction_with_the_same_key_is_one_event(ingestion: RunningIngestion) -> None:
    customer_id = await add_customer(ingestion, address())
    key = {"Idempotency-Key": uuid4().hex}
    for name in ("First", "Second"):
        status, body = await ingestion.ask(
            "PATCH", f"/customers/{customer_id}", json={"name": name}, headers=key
        )
        assert (status, body["name"]) == (200, "First")


async def test_orders_follow_a_customer_whose_address_changes(ingestion: RunningIngestion) -> None:
    old, new = address(), address()
    customer_id = await add_customer(ingestion, old)
    await until_applied(ingestion, await post_order(ingestion, customer_email=old))
    status, body = await ingestion.ask("PATCH", f"/customers/{customer_id}", json={"email": new})
    assert (status, body["email"]) == (200, new)
    await until_applied(ingestion, await post_order(ingestion, customer_email=new))
    assert (await ingestion.get(f"/customers/{customer_id}"))[1]["total_orders"] == 2
    assert (await ingestion.post("/orders", {"customer_email": old, "order_amount": 1}))[0] == 404
    other = await add_customer(ingestion, old)
    assert other != customer_id


async def test_what_was_accepted_before_a_move_goes_to_who_had_the_address(postgres: PostgresServer) -> None:
    """Orders lie in their queue while the customer moves, and while somebody else takes the address."""
    old, new = address(), address()
    async with fresh_ingestion(postgres, without=("order_queue", "sweep")) as ingestion:
        customer_id = await add_customer(ingestion, old)
        before = await post_order(ingestion, customer_email=old)
        await ingestion.ask("PATCH", f"/customers/{customer_id}", json={"email": new})
        other = await add_customer(ingestion, old, name="Bela")
        after = await post_order(ingestion, customer_email=old)
        async with Working(ingestion):
            assert await until_applied(ingestion, before, after) == ["applied", "applied"]
        owners = dict(await ingestion.rows("SELECT order_id, customer_id::text FROM orders"))
        assert owners == {before: customer_id, after: other}


async def test_an_erased_customer_is_gone_and_the_orders_stay_without_a_person(
    ingestion: RunningIngestion,
) -> None:
    old, email = address(), address()
    customer_id = await add_customer(ingestion, old, name="Zubeida Unforgettable", phone="+91 98220 55555")
    items = [{"gift_note": "for Zubeida Unforgettable"}]
    await until_applied(ingestion, await post_order(ingestion, customer_email=old, items=items))
    await ingestion.ask("PATCH", f"/customers/{customer_id}", json={"email": email})
    status, body = await ingestion.ask("DELETE", f"/customers/{customer_id}")
    assert (status, body) == (204, None)
    assert (await ingestion.get(f"/customers/{customer_id}"))[0] == 404
    assert (await ingestion.ask("DELETE", f"/customers/{customer_id}"))[0] == 404
    assert (await ingestion.post("/orders", {"customer_email": email, "order_amount": 1}))[0] == 404
    kept = await ingestion.rows(
        "SELECT order_amount::text, items FROM orders WHERE customer_id = :id", id=customer_id
    )
    assert [tuple(row) for row in kept] == [("10.00", None)]
    for trace in (old, email, "Zubeida", "98220 55555", "9822055555"):
        assert await mentions(ingestion, trace) == []
    again = await add_customer(ingestion, email)
    assert again != customer_id
    assert (await ingestion.get(f"/customers/{again}"))[1]["total_orders"] == 0


async def mentions(ingestion: RunningIngestion, text: str) -> list[str]:
    """Tables of the Master DB with the text in any row, as text or in bytes."""
    tables = await ingestion.rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    )
    found = []
    for (table,) in tables:
        as_hex = text.encode().hex()
        rows = await ingestion.rows(
            f"SELECT count(*) FROM {table} AS row WHERE position(:text IN row::text) > 0"
            " OR position(:as_hex IN row::text) > 0",
            text=text,
            as_hex=as_hex,
        )
        if rows[0][0]:
            found.append(table)
    return found


async def test_nothing_accepted_before_an_erasure_brings_the_person_back(postgres: PostgresServer) -> None:
    """Posts and orders lie in the queues, wait, or are dead letters when the customer is erased."""
    email, amount = address(), {"order_amount": "10.00"}
    async with fresh_ingestion(postgres, without=("customer_queue", "order_queue", "sweep")) as ingestion:
        async with Working(ingestion):
            customer_id = await add_customer(ingestion, email)
        early = [await post_order(ingestion, customer_email=email) for _ in range(3)]
        by_id = await post_order(ingestion, customer_id=customer_id)
        status, answer = await ingestion.ask("DELETE", f"/customers/{customer_id}")
        assert (status, answer["status"]) == (202, "queued")
        posts = [{"name": "Asha Late", "email": email}] * 3
        late = (await ingestion.post("/customers/batch", posts))[1]
        await ingestion.post("/orders/batch", [{**amount, "customer_email": email}] * 2)
        async with Working(ingestion, "customer_queue"):
            assert await until_applied(ingestion, answer["event_id"]) == ["applied"]
            await ingestion.until("SELECT count(*) FROM customers WHERE email = :email", 1, email=email)
        async with Working(ingestion, "order_queue"):
            assert set(await until_applied(ingestion, *early, by_id)) == {"rejected"}
            # what was posted after the erasure is a customer of its own
            again = await id_of(ingestion, email)
        assert again != customer_id
        assert (await ingestion.get(f"/batches/{late['batch_id']}"))[1]["applied"] == 3
        assert await ingestion.rows("SELECT 1 FROM orders WHERE customer_id = :id", id=customer_id) == []


async def test_erasing_removes_orders_that_wait_and_dead_letters(postgres: PostgresServer) -> None:
    email = address()
    async with fresh_ingestion(postgres, without=("customer_queue",)) as ingestion:
        waiting = (await ingestion.post("/orders/batch", [{"customer_email": email, "order_amount": 3}]))[1]
        await ingestion.until("SELECT count(*) FROM waiting_orders", 1)
        await ingestion.post("/customers", {"name": "Asha", "email": email})
        torn = dead_letters.of_frame(ORDER_QUEUE, f'[{{"customer_email": "{email}", "or'.encode(), "cut off")
        async with ingestion.database.transaction() as tx:
            await dead_letters.insert(tx, [torn])
        async with Working(ingestion):
            await ingestion.until("SELECT count(*) FROM orders", 1)
            customer_id = await id_of(ingestion, email)
            assert (await ingestion.ask("DELETE", f"/customers/{customer_id}"))[0] == 204
            await ingestion.until("SELECT count(*) FROM outbox WHERE settled_at IS NULL", 0)
        assert await mentions(ingestion, email) == []
        assert (await ingestion.get(f"/batches/{waiting['batch_id']}"))[1]["applied"] == 1


async def headers_of(ingestion: RunningIngestion, path: str) -> tuple[str, str]:
    """What a browser is told to do with an answer."""
    key = {"Authorization": f"Bearer {key_of('admin')}"}
    async with ingestion.http.get(f"{ingestion.url}/api/v1{path}", headers=key) as answer:
        return answer.headers["Content-Disposition"], answer.headers["Cache-Control"]


async def test_the_export_has_everything_of_one_customer(ingestion: RunningIngestion) -> None:
    old, email = address(), address()
    customer_id = await add_customer(ingestion, old)
    order = await post_order(ingestion, customer_email=old, items=[{"sku": "tea"}])
    await until_applied(ingestion, order)
    await ingestion.ask("PATCH", f"/customers/{customer_id}", json={"email": email})
    status, export = await ingestion.get(f"/customers/{customer_id}/export")
    assert status == 200
    assert export["customer"]["email"] == email
    assert await headers_of(ingestion, f"/customers/{customer_id}/export") == (
        f'attachment; filename="customer-{customer_id}.json"',
        "no-store",
    )
    assert [item["email"] for item in export["former_emails"]] == [old]
    assert [(item["order_id"], item["items"]) for item in export["orders"]] == [(order, [{"sku": "tea"}])]
    assert export["unapplied"] == []


async def test_a_batch_can_be_followed_to_its_end(ingestion: RunningIngestion) -> None:
    email, unknown = address(), address()
    await add_customer(ingestion, email)
    rows = [
        {"customer_email": email, "order_amount": 1},
        {"customer_email": email, "order_amount": -1},
        {"customer_email": unknown, "order_amount": 1},
        {"customer_id": str(uuid4()), "order_amount": 1},
    ]
    for key in ({}, {"Idempotency-Key": uuid4().hex}):
        _, answer = await ingestion.post("/orders/batch", rows, headers=key)
        async with asyncio.timeout(30):
            while True:
                _, batch = await ingestion.get(f"/batches/{answer['batch_id']}", role="ingest")
                if batch["status"] == "done":
                    break
                await asyncio.sleep(0.02)
        assert {
            name: batch[name] for name in ("rows", "accepted", "queued", "applied", "waiting", "rejected")
        } == {
            "rows": 4,
            "accepted": 3,
            "queued": 0,
            "applied": 1,
            "waiting": 2,
            "rejected": 0,
        }
    assert (await ingestion.get(f"/batches/{uuid4()}"))[0] == 404


async def test_a_batch_posted_again_with_its_key_is_the_same_batch(ingestion: RunningIngestion) -> None:
    email, key = address(), {"Idempotency-Key": uuid4().hex}
    await add_customer(ingestion, email)
    answers = []
    for amount in ("1.00", "2.00"):
        rows = [
            {"customer_email": email, "order_amount": amount, "order_id": f"{email}-{n}"} for n in range(3)
        ]
        answers.append((await ingestion.post("/orders/batch", rows, headers=key))[1])
    assert answers[0]["batch_id"] == answers[1]["batch_id"]
    await ingestion.until(
        "SELECT orders_spend::text FROM customers WHERE email = :email", "3.00", email=email
    )


async def test_an_order_of_somebody_who_was_erased_and_comes_back_waits_for_the_new_customer(
    postgres: PostgresServer,
) -> None:
    """The queue of orders overtakes the customer, who was posted before."""
    email = address()
    async with fresh_ingestion(postgres, without=("customer_queue", "order_queue")) as ingestion:
        async with Working(ingestion, "customer_queue"):
            erased = await add_customer(ingestion, email)
            assert (await ingestion.ask("DELETE", f"/customers/{erased}"))[0] == 204
        await ingestion.post("/customers", {"name": "Asha again", "email": email})
        orders = [{"customer_email": email, "order_amount": "7.00"}]
        batch = (await ingestion.post("/orders/batch", orders))[1]
        async with Working(ingestion, "order_queue"):
            await ingestion.until("SELECT count(*) FROM waiting_orders", 1)
        async with Working(ingestion, "customer_queue"):
            await ingestion.until("SELECT count(*) FROM orders", 1)
        assert (await ingestion.get(f"/batches/{batch['batch_id']}"))[1]["applied"] == 1


async def test_an_order_of_somebody_erased_who_does_not_come_back_is_not_kept(
    postgres: PostgresServer,
) -> None:
    email = address()
    async with fresh_ingestion(postgres) as ingestion:
        erased = await add_customer(ingestion, email)
        assert (await ingestion.ask("DELETE", f"/customers/{erased}"))[0] == 204
        orders = [{"customer_email": other, "order_amount": "7.00"} for other in (email, address())]
        batch = (await ingestion.post("/orders/batch", orders))[1]
        await ingestion.until("SELECT count(*) FROM waiting_orders", 2)
        await ingestion.rows(
            "UPDATE waiting_orders SET waiting_since = now() - interval '61 minutes' RETURNING 1"
        )
        await ingestion.until("SELECT count(*) FROM waiting_orders", 1)
        answer = (await ingestion.get(f"/batches/{batch['batch_id']}"))[1]
        assert (answer["waiting"], answer["rejected"]) == (1, 1)
        assert await mentions(ingestion, email) == []


async def test_a_customer_who_gets_an_address_at_that_moment_keeps_everything(
    ingestion: RunningIngestion,
) -> None:
    """As when another partition's consumer moves a customer to an address that a record waits for."""
    customer_id, email = await add_customer(ingestion, address(), phone="+91 98"), address()
    async with ingestion.database.transaction() as tx:
        move = "UPDATE customers SET email = :email, version = version + 1 WHERE customer_id = :id"
        await tx.execute(text(move), {"email": email, "id": customer_id})
        await ingestion.post("/customers", {"name": "Bela", "email": email})
        await ingestion.until(
            "SELECT count(*) > 0 FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND query LIKE '%customers%'",
            True,
        )
    await ingestion.until("SELECT name FROM customers WHERE email = :email", "Bela", email=email)
    customer = (await ingestion.get(f"/customers/{customer_id}"))[1]
    assert (customer["name"], customer["email"], customer["phone"]) == ("Bela", email, "+91 98")


async def test_an_erasure_repeated_with_its_key_is_answered_the_same(ingestion: RunningIngestion) -> None:
    customer_id, key = await add_customer(ingestion, address()), {"Idempotency-Key": uuid4().hex}
    for _ in range(2):
        assert (await ingestion.ask("DELETE", f"/customers/{customer_id}", headers=key))[0] == 204


async def test_attributes_do_not_grow_without_end(ingestion: RunningIngestion) -> None:
    email = address()
    customer_id = await add_customer(ingestion, email, attributes={f"old{n}": n for n in range(60)})
    more = {f"new{n}": n for n in range(60)}
    status, problem = await ingestion.ask("PATCH", f"/customers/{customer_id}", json={"attributes": more})
    assert (status, "100 attributes" in problem["detail"]) == (422, True)
    _, answer = await ingestion.post("/customers", {"name": "Asha", "email": email, "attributes": more})
    assert await until_applied(ingestion, answer["event_id"]) == ["rejected"]
    assert len((await ingestion.get(f"/customers/{customer_id}"))[1]["attributes"]) == 60
