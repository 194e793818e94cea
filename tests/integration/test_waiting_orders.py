"""Orders that wait for their customer, as they are shown to whoever runs the installation."""

from uuid import uuid4

from tests.support.campaigns import walk
from tests.support.ingestion import running_ingestion
from tests.support.postgres import PostgresServer
from tests.support.service import RunningService
from xencrm.ingestion.orders.reads import NO_EMAIL, NO_ID


async def test_waiting_orders_are_listed_with_the_reason_until_their_customer_comes(
    postgres: PostgresServer,
) -> None:
    master = await postgres.create_database(f"master_{uuid4().hex}")
    broker = await postgres.create_database(f"broker_{uuid4().hex}")
    async with running_ingestion(master, broker) as ingestion:
        await look_at_waiting_orders(ingestion)


async def look_at_waiting_orders(ingestion: RunningService) -> None:
    comes, never = "comes@shop.example", "never@shop.example"
    rows = [{"customer_email": email, "order_amount": 1} for email in (comes, never, comes)]
    rows.append({"customer_id": str(uuid4()), "order_amount": 1})
    await ingestion.post("/orders/batch", rows)
    await ingestion.until("SELECT count(*) FROM waiting_orders", 4)
    listed = await walk(ingestion, "/waiting-orders", limit=1)
    assert [item["customer_email"] for item in listed] == [row.get("customer_email") for row in rows]
    assert [item["waiting_since"] for item in listed] == sorted(item["waiting_since"] for item in listed)
    assert {item["reason"] for item in listed if item["customer_id"]} == {NO_ID}
    assert {item["reason"] for item in listed if item["customer_email"]} == {NO_EMAIL}
    narrowed = await walk(ingestion, "/waiting-orders", limit=1, customer_email=comes.upper())
    assert narrowed == [item for item in listed if item["customer_email"] == comes]
    told = (await ingestion.get("/ingestion/operations"))[1]
    assert (told["waiting_orders"], told["broker"], told["dead_letters"]) == (4, "ok", 0)
    assert told["waiting_orders_oldest_s"] > 0
    assert {"outbox", "order_queue"} <= told["lag_s"].keys()
    await ingestion.post("/customers", {"name": "Asha", "email": comes})
    await ingestion.until("SELECT count(*) FROM waiting_orders", 2)
    left = await walk(ingestion, "/waiting-orders", limit=10)
    assert [item["customer_email"] for item in left] == [never, None]
