"""What happened with a customer, in one list."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.campaigns import (
    add_customers,
    add_orders,
    customer,
    order,
    running_campaigns,
    walk,
)
from tests.support.full_databases import fill_business
from tests.support.postgres import PostgresServer
from tests.support.sending import launch
from tests.support.service import RunningService
from tests.support.statements import captured, plans_of, scanned
from xencrm.campaigns.readiness import MIGRATIONS
from xencrm.campaigns.receipts import service as receipts
from xencrm.campaigns.receipts.model import RetryPolicy
from xencrm.campaigns.reporting import timeline
from xencrm.campaigns.tracking import service as tracking
from xencrm.campaigns.tracking import store as engagement
from xencrm.campaigns.tracking.model import Seen, Times
from xencrm.campaigns.tracking.template_links import link_of
from xencrm.contracts.receipts import Outcome, ReceiptReceived
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Database
from xencrm.kernel.ids import uuid7
from xencrm.kernel.migrations import migrate

SALE = link_of("https://shop.example/sale")


# Beside what a busy shop has: opens, clicks and suppressions of many.
_ENGAGED = (
    """
    INSERT INTO engagements (campaign_month, message_id, campaign_id, opens, first_opened_at, clicks)
    SELECT campaign_month, message_id, campaign_id, 1, now(), 1 FROM communication_log
    """,
    """
    INSERT INTO link_clicks (campaign_month, message_id, link, campaign_id, clicks, first_at, last_at)
    SELECT campaign_month, message_id, 7, campaign_id, 1, now(), now() FROM communication_log
    """,
    """
    INSERT INTO suppressions (customer_id, reason, email_hash, created_by)
    SELECT customer_id, 'MANUAL', sha256(customer_id::text::bytea), 't' FROM customers_mv
    """,
    "ANALYZE",
)


@pytest.fixture
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres) as running:
        yield running


async def ordered(campaigns: RunningService, customer_id: UUID, *days_ago: int) -> list[str]:
    made = [
        order(
            customer_id=customer_id,
            order_amount=Decimal("25.50"),
            ordered_at=utc_now() - timedelta(days=days),
        )
        for days in days_ago
    ]
    await add_orders(campaigns, made)
    return [each.order_id for each in made]


async def message_of(campaigns: RunningService, customer_id: UUID) -> Seen:
    query = "SELECT campaign_month, message_id FROM communication_log WHERE customer_id = :id"
    (row,) = await campaigns.rows(query, id=customer_id)
    return Seen(row.campaign_month, row.message_id, None)


async def said(campaigns: RunningService, message: Seen) -> None:
    """The vendor has delivered it; it was opened twice and a link of it clicked."""
    received = ReceiptReceived(
        message_id=message.message_id,
        attempt=1,
        outcome=Outcome.DELIVERED,
        vendor="simulator",
        occurred_at=utc_now(),
        body="Hi",
    )
    await campaigns.rows(
        "UPDATE communication_log SET state = 'SENT', sent_at = now() WHERE message_id = :id RETURNING 1",
        id=message.message_id,
    )
    now = utc_now()
    times = Times(2, now + timedelta(minutes=1), now + timedelta(minutes=2))
    clicked = Seen(message.campaign_month, message.message_id, SALE.key)
    async with campaigns.database.transaction() as tx:
        await receipts.record_receipts(tx, [(uuid7(), received)], RetryPolicy(3, 1.0), str.encode)
        await engagement.record(tx, {message: times, clicked: Times(1, times.last_at, times.last_at)})


async def shown(campaigns: RunningService, customer_id: UUID, limit: int) -> list[Any]:
    return await walk(campaigns, f"/profiles/{customer_id}/timeline", limit=limit)


async def test_all_that_happened_comes_in_one_list_newest_first_page_by_page(
    campaigns: RunningService,
) -> None:
    asha, other = customer(email="asha@shop.example"), customer()
    await add_customers(campaigns, [asha, other])
    old, new = await ordered(campaigns, asha.customer_id, 40, 2)
    await ordered(campaigns, other.customer_id, 1)
    campaign_id = await launch(campaigns, name="Autumn", track=True)
    async with campaigns.database.transaction() as tx:
        await tracking.keep_links(tx, campaign_id, [SALE])
    await said(campaigns, await message_of(campaigns, asha.customer_id))
    await campaigns.post("/suppressions", {"email": "ASHA@shop.example"})
    items = await shown(campaigns, asha.customer_id, 100)
    times = [datetime.fromisoformat(item["at"]) for item in items]
    assert times == sorted(times, reverse=True)
    by_kind = {item["kind"]: item for item in items}
    assert sorted(item["kind"] for item in items) == sorted(
        ["joined", "order", "order", "message", "receipt", "open", "click", "suppression"]
    )
    orders = [item for item in items if item["kind"] == "order"]
    assert [(item["order_id"], item["order_amount"], item["status"]) for item in orders] == [
        (new, "25.50", "COMPLETED"),
        (old, "25.50", "COMPLETED"),
    ]
    for kind in ("message", "receipt", "open", "click"):
        assert (by_kind[kind]["campaign_id"], by_kind[kind]["campaign_name"]) == (str(campaign_id), "Autumn")
    assert by_kind["message"]["status"] == by_kind["receipt"]["status"] == "DELIVERED"
    assert (by_kind["open"]["count"], by_kind["click"]["count"]) == (2, 1)
    assert by_kind["click"]["url"] == "https://shop.example/sale"
    assert by_kind["suppression"]["reason"] == "MANUAL"
    for limit in (1, 3):
        assert await shown(campaigns, asha.customer_id, limit) == items


async def test_orders_of_the_same_moment_are_each_shown_once(campaigns: RunningService) -> None:
    asha, at = customer(), utc_now()
    await add_customers(campaigns, [asha])
    await add_orders(campaigns, [order(customer_id=asha.customer_id, ordered_at=at) for _ in range(5)])
    items = await shown(campaigns, asha.customer_id, 2)
    assert len({item["order_id"] for item in items if item["kind"] == "order"}) == 5
    assert len(items) == 6


async def test_a_timeline_of_one_kind_has_nothing_else(campaigns: RunningService) -> None:
    asha = customer()
    await add_customers(campaigns, [asha])
    await ordered(campaigns, asha.customer_id, 2, 1)
    path = f"/profiles/{asha.customer_id}/timeline"
    orders = await walk(campaigns, path, limit=1, kind="order")
    assert orders == [item for item in await shown(campaigns, asha.customer_id, 9) if item["kind"] == "order"]
    assert len(orders) == 2
    assert (await campaigns.get(path, params={"kind": "party"}))[0] == 400


async def test_who_is_held_out_or_unknown_has_nothing_to_show(campaigns: RunningService) -> None:
    asha = customer()
    await add_customers(campaigns, [asha])
    await launch(campaigns)
    await campaigns.rows("UPDATE communication_log SET state = 'HOLDOUT' RETURNING 1")
    assert [item["kind"] for item in await shown(campaigns, asha.customer_id, 10)] == ["joined"]
    assert (await campaigns.get(f"/profiles/{uuid4()}/timeline"))[0] == 404
    path = f"/profiles/{asha.customer_id}/timeline"
    assert (await campaigns.get(path, params={"cursor": "x"}))[0] == 400
    assert (await campaigns.get(path, role="ingest"))[0] == 403


async def test_a_timeline_is_found_by_index_among_many(postgres: PostgresServer) -> None:
    database = Database(await postgres.create_database(f"timelines_{uuid4().hex}"))
    await migrate(database, MIGRATIONS)
    await fill_business(database.url)
    async with database.transaction() as tx:
        for statement in _ENGAGED:
            await tx.exec_driver_sql(statement)
    async with database.transaction() as tx:
        customer_id = (await tx.exec_driver_sql("SELECT customer_id FROM customers_mv LIMIT 1")).scalar_one()
        with captured(database) as statements:
            found = await timeline.list_timeline(tx, customer_id, b"", kind=None, after=None, most=50)
    assert {item.kind for item, _ in found} >= {"joined", "order", "message", "open", "click", "suppression"}
    assert len(statements) == 1
    for plan in await plans_of(database, statements[0]):
        assert scanned(plan) <= {"campaigns", "campaign_links"}, plan
    await database.close()
