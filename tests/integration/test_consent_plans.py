"""Looking for suppressions is done by index, and in as many statements for one message as for hundreds."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.support.full_databases import CUSTOMERS, fill_business
from tests.support.postgres import PostgresServer
from tests.support.sending import HASHES
from tests.support.statements import captured, indexes_used, plans_of, scanned
from xencrm.campaigns.consent import service as consent
from xencrm.campaigns.consent.model import Reason, Word
from xencrm.campaigns.delivery import store
from xencrm.campaigns.delivery.clearance import Clearance, find_confirmed, start_messages
from xencrm.campaigns.planning.counting import AudienceCount, count_audience
from xencrm.campaigns.planning.membership import Admission
from xencrm.campaigns.planning.model import CampaignType
from xencrm.campaigns.readiness import MIGRATIONS
from xencrm.campaigns.segments.parsing import parse_rule
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Database
from xencrm.kernel.migrations import migrate

# Tables that hold a handful of rows, whatever is in the others.
SMALL = {"campaigns", "campaign_stats", "erased_addresses"}
SUPPRESSED = 20_000
STRANGERS = """
    INSERT INTO suppressions (email_hash, reason, email, created_by)
    SELECT sha256(n::text::bytea), 'MANUAL', 'stranger' || n || '@x.example', 't'
    FROM generate_series(1, :n) AS n
"""
OURS = """
    INSERT INTO suppressions (email_hash, reason, email, customer_id, created_by)
    SELECT sha256(email::bytea), (ARRAY['UNSUBSCRIBED', 'BOUNCED'])[1 + n % 2], email,
           CASE WHEN n % 4 < 2 THEN customer_id END, 't'
    FROM (SELECT email, customer_id, row_number() OVER (ORDER BY customer_id) AS n
          FROM customers_mv) AS numbered
    WHERE n <= 100
"""


@pytest.fixture(scope="module")
async def database(postgres: PostgresServer) -> AsyncIterator[Database]:
    url = await postgres.create_database(f"consent_{uuid4().hex}")
    database = Database(url)
    await migrate(database, MIGRATIONS)
    await fill_business(url)
    async with database.transaction() as tx:
        await tx.execute(text(STRANGERS), {"n": SUPPRESSED})
        await tx.execute(text(OURS))
        await tx.execute(text("ANALYZE"))
    yield database
    await database.close()


@pytest.mark.parametrize("idempotent", [True, False])
async def test_the_look_before_a_call_is_one_statement_by_index(database: Database, idempotent: bool) -> None:
    look = find_confirmed if idempotent else start_messages
    for size in (1, 200):
        async with database.transaction() as tx:
            (campaign,) = await store.list_running(tx, "simulator", most_sending=100_000)
            lease = uuid4()
            claimed = await store.claim_messages(
                tx, campaign, lease=lease, lease_s=60, most=size, idempotent=idempotent
            )
            hashes = {item.message_id: HASHES(item.email) for item in claimed}
            assert len(hashes) == size
            with captured(database) as statements:
                found: Clearance = await look(tx, campaign, hashes, lease=lease, needed_s=1)
        assert len(found.ready) + len(found.suppressed) == size
        (statement,) = statements
        for plan in await plans_of(database, statement):
            assert scanned(plan) <= SMALL, plan
            assert {
                "suppressions_customer",
                "suppressions_email_hash_reason_customer_id_key",
            } <= indexes_used(plan)


async def test_suppressed_people_are_found_from_their_side(database: Database) -> None:
    for rules in (
        {"combinator": "and", "rules": []},
        {"field": "status", "operator": "=", "value": "ACTIVE"},
    ):
        wrapped = rules if "rules" in rules else {"combinator": "and", "rules": [rules]}
        with captured(database) as statements:
            counted = await count(database, wrapped)
        asked = [each for each in statements if "suppressions" in each.text and "EXPLAIN" not in each.text]
        assert len(asked) == 1
        plan = (await plans_of(database, asked[0]))[0]
        assert "customers_mv" not in scanned(plan), plan
        assert counted.suppressed > 0
    assert counted.count <= CUSTOMERS


async def count(database: Database, rules: object) -> AudienceCount:
    admission = Admission(uuid4(), CampaignType.PROMOTIONAL, 10, parse_rule(rules))
    async with database.transaction() as tx:
        return await count_audience(tx, admission, utc_now())


async def test_statements_for_bounces_are_two_however_many(database: Database) -> None:
    counts = []
    for size in (1, 300):
        async with database.transaction() as tx:
            found = await tx.execute(
                text("SELECT message_id FROM communication_log ORDER BY message_id LIMIT :n"), {"n": size}
            )
            words = [Word(message_id, Reason.BOUNCED, "vendor smtp") for message_id in found.scalars()]
            with captured(database) as statements:
                await consent.keep_words(tx, HASHES, words)
            counts.append(len(statements))
            for plan in await plans_of(database, statements[0]):
                assert scanned(plan) <= SMALL, plan
    assert counts == [2, 2]


async def test_whose_an_address_is_is_found_by_index(database: Database) -> None:
    with captured(database) as statements:
        async with database.transaction() as tx:
            emails = [f"stranger{number}@x.example" for number in range(500)]
            await consent.suppress_all(tx, HASHES, emails, reason=Reason.MANUAL, note=None, created_by="t")
    assert len(statements) == 2
    for plan in await plans_of(database, statements[0]):
        assert scanned(plan) == set(), plan
        assert "profile_texts_email" in indexes_used(plan)
