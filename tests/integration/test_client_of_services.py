"""The typed client against running services: messages, suppressions, vendors, waiting orders."""

from uuid import uuid4

import pytest

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.ingestion import running_ingestion
from tests.support.postgres import PostgresServer
from tests.support.sending import launch
from tests.support.service import key_of
from xencrm.client.client import Client
from xencrm.client.errors import BadRequest, Conflict, NotFound


async def test_messages_suppressions_and_vendors(postgres: PostgresServer) -> None:
    people = [customer() for _ in range(3)]
    async with running_campaigns(postgres) as running, Client(running.url, key_of("marketer")) as client:
        await add_customers(running, people)
        campaign_id = str(await launch(running))
        await running.rows(
            "UPDATE communication_log SET state = 'UNCONFIRMED', reason = 'IN_DOUBT' RETURNING 1"
        )
        await running.rows("UPDATE campaign_stats SET pending = 0, unconfirmed = 3 RETURNING 1")
        first, second, _ = [
            message async for message in client.campaigns.all_messages(campaign_id, state="UNCONFIRMED")
        ]
        assert (await client.messages.resend(first.message_id)).state == "PENDING"
        assert (await client.messages.give_up(second.message_id)).reason == "GIVEN_UP"
        with pytest.raises(Conflict):
            await client.messages.give_up(second.message_id)
        with pytest.raises(NotFound):
            await client.messages.get(str(uuid4()))
        failed = await client.campaigns.messages(campaign_id, state="FAILED")
        assert [message.message_id for message in failed.items] == [second.message_id]
        assert (await client.messages.get(second.message_id)).campaign_id == campaign_id
        await keep_suppressions(client, str(people[0].customer_id))
        vendors = {vendor.name: vendor for vendor in await client.vendors()}
        assert (vendors["simulator"].configured, vendors["simulator"].missing) == (True, [])
        assert "XENCRM_SMTP_HOST" in vendors["smtp"].missing


async def keep_suppressions(client: Client, customer_id: str) -> None:
    by_phone = await client.suppressions.add(email="Away@shop.example", note="by phone")
    assert (
        await client.suppressions.add(email="away@shop.example")
    ).suppression_id == by_phone.suppression_id
    assert (await client.suppressions.add(customer_id=customer_id)).reason == "MANUAL"
    taken = await client.suppressions.add_many(["one@shop.example", "nobody", "away@shop.example"])
    assert (taken.accepted, [row.index for row in taken.rejected]) == (2, [1])
    assert taken.rejected[0].errors
    found = [each.email async for each in client.suppressions.all(q="away@")]
    assert found == ["away@shop.example"]
    await client.suppressions.lift(by_phone.suppression_id)
    assert [each async for each in client.suppressions.all(q="away@")] == []
    with pytest.raises(BadRequest):
        await client.suppressions.add()


async def test_what_ingestion_says_of_itself(postgres: PostgresServer) -> None:
    master = await postgres.create_database(f"master_{uuid4().hex}")
    broker = await postgres.create_database(f"broker_{uuid4().hex}")
    async with running_ingestion(master, broker) as running, Client(running.url, key_of("admin")) as client:
        row = {"customer_email": "late@shop.example", "order_amount": "1.00", "order_id": "o-1"}
        await client.orders.post_batch([row])
        await running.until("SELECT count(*) FROM waiting_orders", 1)
        (waiting,) = (await client.orders.list_waiting(customer_email="late@shop.example")).items
        assert (waiting.order_id, waiting.customer_email) == ("o-1", "late@shop.example")
        told = await client.ingestion_operations()
        assert (told.waiting_orders, told.dead_letters, told.broker) == (1, 0, "ok")
        assert told.lag_s["outbox"] == 0
