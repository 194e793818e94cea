"""The typed client against running services: messages, suppressions, vendors, waiting orders."""

from uuid import uuid4

import pytest

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.ingestion import running_ingestion
from tests.support.postgres import PostgresServer
from tests.support.sending import launch
from tests.support.service import key_of
from xencrm.client.campaigns import NewCampaign
from xencrm.client.client import Client
from xencrm.client.errors import BadRequest, Conflict, NotFound
from xencrm.client.templates import Texts


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


async def test_who_asks_texts_and_what_happened(postgres: PostgresServer) -> None:
    asha = customer(name="Asha Rao", phone=None, total_orders=2)
    rules = {"combinator": "and", "rules": [{"field": "total_orders", "operator": ">", "value": 1}]}
    async with running_campaigns(postgres) as running, Client(running.url, key_of("marketer")) as client:
        await add_customers(running, [asha, customer()])
        session = await client.session()
        assert (session.person.name, session.person.kind, session.installation.currency) == (
            "marketer",
            "key",
            "INR",
        )
        assert "total_orders" in {field.name for field in await client.segments.fields()}
        texts = Texts(message_template="Hi {{ first_name }} {{ phone }}", rules=rules, samples=1)
        seen = await client.templates.preview(texts)
        (sample,) = seen.samples
        assert (seen.count, sample.text, sample.blank) == (1, "Hi Asha ", ["phone"])
        with pytest.raises(BadRequest) as refused:
            await client.templates.preview(Texts(message_template="{{ nobody }}", rules=rules))
        assert refused.value.errors[0].field == "message_template"
        segment = await client.segments.create("Buyers", rules, description="more than once")
        assert [each.name async for each in client.segments.all()] == ["Buyers"]
        assert (await client.segments.list(q="nobody")).items == []
        draft = NewCampaign(name="Autumn", segment_id=segment.segment_id, message_template="Hi")
        made = await client.campaigns.create(draft)
        changed = await client.campaigns.update(made.campaign_id, {"message_template": "Bye"})
        assert (changed.message_template, changed.template_version) == ("Bye", 1)
        assert (await client.campaigns.list(q="autumn", status="DRAFT")).items[0].name == "Autumn"
        (numbers,) = (await client.campaigns.all_stats()).items
        assert (numbers.campaign_id, numbers.audience) == (made.campaign_id, 0)
        (joined,) = (await client.profiles.timeline(str(asha.customer_id))).items
        assert joined.kind == "joined"
        shown = await client.dashboard(7)
        assert (shown.totals.customers, shown.current.customers, len(shown.series.customers)) == (2, 0, 7)
        assert {profile.name for profile in shown.newest_customers} == {"Asha Rao"}


async def test_sample_data_is_queued_once_a_day(postgres: PostgresServer) -> None:
    master = await postgres.create_database(f"master_{uuid4().hex}")
    broker = await postgres.create_database(f"broker_{uuid4().hex}")
    async with (
        running_ingestion(master, broker) as running,
        Client(running.url, key_of("marketer")) as client,
    ):
        queued = await client.add_sample_data()
        assert [batch.kind for batch in queued.batches] == ["customers", "orders"]
        assert [each.batch_id for each in (await client.add_sample_data()).batches] == [
            each.batch_id for each in queued.batches
        ]
        assert (await client.batches.get(queued.batches[0].batch_id)).rows == queued.batches[0].rows
