"""Claims, leases and doubts in the ledger, statement by statement."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

import xencrm.campaigns
from tests.support.postgres import PostgresServer
from xencrm.campaigns.delivery import store
from xencrm.campaigns.delivery.clearance import find_confirmed
from xencrm.campaigns.delivery.store import Claimed, RunningCampaign
from xencrm.kernel.database import Database
from xencrm.kernel.migrations import migrate

MESSAGES = 5


@pytest.fixture
async def database(postgres: PostgresServer) -> AsyncIterator[Database]:
    database = Database(await postgres.create_database(f"business_{uuid4().hex}"))
    await migrate(database, Path(xencrm.campaigns.__file__).parent / "migrations")
    async with database.transaction() as tx:
        for statement in (
            "INSERT INTO segments (name, rules, created_by) VALUES ('s', '{}', 't')",
            """INSERT INTO campaigns (name, segment_id, campaign_type, vendor, status, prepared, created_by)
               SELECT 'c', segment_id, 'REMINDER', 'simulator', 'RUNNING', true, 't' FROM segments""",
            f"INSERT INTO campaign_stats (campaign_id, audience, pending)"
            f" SELECT campaign_id, {MESSAGES}, {MESSAGES} FROM campaigns",
            f"""INSERT INTO customers_mv (customer_id, name, email, status, total_spend, total_orders,
                                          total_visits, attributes, created_at, version)
                SELECT uuidv7(), 'Asha', seat || '@shop.example', 'ACTIVE', 0, 0, 0, '{{}}', now(), 1
                FROM generate_series(1, {MESSAGES}) AS seat""",
            """INSERT INTO communication_log (campaign_month, campaign_id, customer_id, state)
               SELECT campaign_month, campaign_id, customer_id, 'PENDING' FROM campaigns, customers_mv""",
        ):
            await tx.execute(text(statement))
    yield database
    await database.close()


async def run(database: Database, statement: str) -> None:
    async with database.transaction() as tx:
        await tx.execute(text(statement))


async def states(database: Database) -> dict[str, int]:
    """Messages by state; the counters must say the same."""
    async with database.transaction() as tx:
        rows = await tx.execute(text("SELECT state, count(*) FROM communication_log GROUP BY state"))
        found = {row.state: row.count for row in rows}
        counters = (await tx.execute(text("SELECT * FROM campaign_stats"))).mappings().one()
    assert {name: counters[name.lower()] for name in found} == found
    return found


async def claim(
    database: Database, lease: UUID, *, lease_s: float = 30
) -> tuple[RunningCampaign, list[Claimed]]:
    async with database.transaction() as tx:
        campaign = (await store.list_running(tx, "simulator", most_sending=100))[0]
        return campaign, await store.claim_messages(tx, campaign, lease=lease, lease_s=lease_s, most=100)


async def test_an_attempt_in_doubt_keeps_its_texts_and_the_rest_gets_the_new_ones(database: Database) -> None:
    lease = uuid4()
    campaign, claimed = await claim(database, lease)
    doubtful = claimed[0].message_id
    async with database.transaction() as tx:
        month = campaign.campaign_month
        await store.release_messages(tx, [doubtful], month=month, lease=lease, doubt=True)
        others = [item.message_id for item in claimed[1:]]
        await store.release_messages(tx, others, month=month, lease=lease)
    await run(database, "UPDATE campaigns SET template_version = 2")
    campaign, again = await claim(database, lease)
    assert {item.message_id: item.template_version for item in again} == {
        item.message_id: 1 if item.message_id == doubtful else 2 for item in claimed
    }
    async with database.transaction() as tx:
        hashes = {item.message_id: b"" for item in again}
        found = await find_confirmed(tx, campaign, hashes, lease=lease, needed_s=1)
    assert found.ready == set(hashes)


async def test_texts_that_changed_since_the_claim_are_not_handed_over(database: Database) -> None:
    lease = uuid4()
    campaign, claimed = await claim(database, lease)
    await run(database, "UPDATE campaigns SET template_version = 2")
    async with database.transaction() as tx:
        hashes = {item.message_id: b"" for item in claimed}
        assert not (await find_confirmed(tx, campaign, hashes, lease=lease, needed_s=1)).ready


async def test_a_lease_that_ends_gives_its_messages_back_with_a_doubt(database: Database) -> None:
    campaign, claimed = await claim(database, uuid4(), lease_s=0)
    async with database.transaction() as tx:
        assert await store.end_leases(tx, most=100) == MESSAGES
    assert await states(database) == {"PENDING": MESSAGES}
    async with database.transaction() as tx:
        hashes = {item.message_id: b"" for item in claimed}
        assert not (await find_confirmed(tx, campaign, hashes, lease=uuid4(), needed_s=0)).ready


@pytest.mark.parametrize(("status", "given_up"), [("PAUSED", 0), ("RUNNING", MESSAGES)])
async def test_doubts_are_given_up_only_while_the_campaign_runs(
    database: Database, status: str, given_up: int
) -> None:
    await claim(database, uuid4(), lease_s=0)
    async with database.transaction() as tx:
        await store.end_leases(tx, most=100)
    await run(database, f"UPDATE campaigns SET status = '{status}', updated_at = now() - interval '1 hour'")
    await run(database, "UPDATE communication_log SET doubt_since = now() - interval '1 hour'")
    async with database.transaction() as tx:
        assert await store.give_up_doubt(tx, budget_s=60, most=100) == given_up
    expected = {"UNCONFIRMED": MESSAGES} if given_up else {"PENDING": MESSAGES}
    assert await states(database) == expected


async def test_what_is_in_doubt_is_not_called_cancelled(database: Database) -> None:
    lease = uuid4()
    campaign, claimed = await claim(database, lease)
    async with database.transaction() as tx:
        month = campaign.campaign_month
        await store.release_messages(tx, [claimed[0].message_id], month=month, lease=lease, doubt=True)
        rest = [item.message_id for item in claimed[1:]]
        await store.release_messages(tx, rest, month=month, lease=lease)
    await run(database, "UPDATE campaigns SET status = 'CANCELLED'")
    async with database.transaction() as tx:
        assert await store.cancel_messages(tx, most=100) == MESSAGES
    assert await states(database) == {"UNCONFIRMED": 1, "CANCELLED": MESSAGES - 1}


async def test_a_campaign_whose_receipts_lag_is_not_sent_for(database: Database) -> None:
    await run(database, "UPDATE campaign_stats SET sending = 100")
    async with database.transaction() as tx:
        assert await store.list_running(tx, "simulator", most_sending=100) == []


async def test_a_doubt_about_a_customer_without_a_profile_is_not_sent_again(database: Database) -> None:
    await claim(database, uuid4(), lease_s=0)
    async with database.transaction() as tx:
        await store.end_leases(tx, most=100)
    await run(database, "DELETE FROM customers_mv WHERE email = '1@shop.example'")
    _, again = await claim(database, uuid4())
    assert len(again) == MESSAGES - 1
    await run(database, "UPDATE campaigns SET updated_at = now() - interval '1 hour'")
    await run(database, "UPDATE communication_log SET doubt_since = now() - interval '1 hour'")
    async with database.transaction() as tx:
        assert await store.give_up_doubt(tx, budget_s=60, most=100) == 1
    assert await states(database) == {"UNCONFIRMED": 1, "SENDING": MESSAGES - 1}
