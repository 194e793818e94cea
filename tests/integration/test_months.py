"""Messages and receipts by month: partitions, what statements look at, and what is kept for how long."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import text

from tests.support.postgres import PostgresServer
from tests.support.sending import HASHES
from xencrm.campaigns.delivery import store
from xencrm.campaigns.delivery.clearance import find_confirmed, start_messages
from xencrm.campaigns.readiness import MIGRATIONS
from xencrm.campaigns.receipts import reads
from xencrm.campaigns.receipts import service as receipts
from xencrm.campaigns.receipts.model import RetryPolicy
from xencrm.campaigns.retention import service as retention
from xencrm.contracts.receipts import Outcome, ReceiptReceived
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Database, Tx
from xencrm.kernel.ids import uuid7
from xencrm.kernel.migrations import migrate
from xencrm.kernel.monthly import make_ahead, month_after

NOW = utc_now()
THIS_MONTH = month_after(NOW.date(), 0)
PARTITIONS = """
    SELECT CAST(CAST(inhrelid AS regclass) AS text) FROM pg_inherits
    WHERE inhparent = CAST(CAST(:name AS text) AS regclass)
"""
TEXTS = """
    SELECT campaign_month, count(*), count(address) + count(subject) + count(body) + count(vendor_ref)
    FROM communication_log GROUP BY 1 ORDER BY 1
"""
ADD_CAMPAIGN = """
    WITH segment AS (
        INSERT INTO segments (name, rules, created_by) VALUES (gen_random_uuid()::text, '{}', 't')
        RETURNING segment_id
    ), campaign AS (
        INSERT INTO campaigns (name, segment_id, campaign_type, vendor, status, prepared, created_by,
                               campaign_month, launched_at)
        SELECT 'c', segment_id, 'REMINDER', 'simulator', $2, true, 't', $1, now() FROM segment
        RETURNING campaign_id
    )
    INSERT INTO campaign_stats (campaign_id) SELECT campaign_id FROM campaign RETURNING campaign_id
"""
ADD_MESSAGES = """
    INSERT INTO communication_log (campaign_month, campaign_id, customer_id, state, address, subject, body,
                                   vendor_ref, settled_at)
    SELECT $1, $2, uuidv7(), $4, n || '@shop.example', 'Hi', 'Hello', 'ref', now()
    FROM generate_series(1, $3) AS n
"""
ADD_RECEIPTS = """
    INSERT INTO delivery_receipts (campaign_month, receipt_id, message_id, attempt, outcome, vendor, matched,
                                   occurred_at)
    SELECT campaign_month, uuidv7(), message_id, 1, 'DELIVERED', 'simulator', true, now()
    FROM communication_log WHERE campaign_id = $1
"""


@pytest.fixture(autouse=True)
def _this_month_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "utc_now", lambda: NOW)


@pytest.fixture
async def database(postgres: PostgresServer) -> AsyncIterator[Database]:
    database = Database(await postgres.create_database(f"months_{uuid4().hex}"))
    await migrate(database, MIGRATIONS)
    yield database
    await database.close()


@pytest.fixture
async def connection(database: Database) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Another program's."""
    connection = await asyncpg.connect(database.url)
    yield connection
    await connection.close()


async def fetch(database: Database, query: str, **values: Any) -> list[tuple[Any, ...]]:
    async with database.transaction() as tx:
        return [tuple(row) for row in await tx.execute(text(query), values)]


async def partitions(database: Database, table: str) -> set[str]:
    return {name for (name,) in await fetch(database, PARTITIONS, name=table)}


async def add_campaign(
    connection: "asyncpg.Connection[asyncpg.Record]",
    month: date,
    messages: int = 3,
    *,
    state: str = "DELIVERED",
    status: str = "RUNNING",
) -> UUID:
    """Launched in that month, with its messages and a receipt for each."""
    campaign_id: UUID = await connection.fetchval(ADD_CAMPAIGN, month, status)
    await connection.execute(ADD_MESSAGES, month, campaign_id, messages, state)
    await connection.execute(ADD_RECEIPTS, campaign_id)
    return campaign_id


async def make_months(database: Database, *months: date) -> None:
    """As the upkeep of that time did."""
    for month in months:
        for table in (retention.LEDGER, retention.RECEIPTS):
            await make_ahead(database, table, month)


async def clear_texts(database: Database, *, months: int, most: int) -> list[int]:
    """To the end; how many messages each transaction looked at."""
    seen = [most]
    while seen[-1] == most:
        async with database.transaction() as tx:
            seen.append(await retention.clear_texts(tx, months=months, most=most))
    return seen[1:]


async def test_months_are_made_ahead_and_rows_that_were_early_move_over(
    database: Database, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await add_campaign(connection, THIS_MONTH)
    for _ in range(2):
        await retention.keep_months(database, months=13)
    ahead = [f"{month_after(THIS_MONTH, number):%Y%m}" for number in range(3)]
    for table in ("communication_log", "delivery_receipts"):
        assert await partitions(database, table) == {f"{table}_{month}" for month in (*ahead, "default")}
        rows = await fetch(
            database, f"SELECT CAST(CAST(tableoid AS regclass) AS text), count(*) FROM {table} GROUP BY 1"
        )
        assert rows == [(f"{table}_{ahead[0]}", 3)]


async def test_a_month_has_the_indexes_and_the_free_space_of_its_table(database: Database) -> None:
    await retention.keep_months(database, months=13)
    query = """
        SELECT relname, reloptions, (SELECT count(*) FROM pg_index WHERE indrelid = pg_class.oid)
        FROM pg_class WHERE relname IN (:default, :month)
    """
    for table in ("communication_log", "delivery_receipts"):
        names = {"default": f"{table}_default", "month": f"{table}_{THIS_MONTH:%Y%m}"}
        (_, *of_default), (_, *of_month) = await fetch(database, query, **names)
        assert of_default == of_month


async def test_a_month_that_cannot_be_made_now_holds_nobody_up_and_is_made_later(
    database: Database, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    campaign_id = await add_campaign(connection, THIS_MONTH)
    async with connection.transaction():
        await connection.execute("UPDATE communication_log SET reason = 'x'")
        making = asyncio.create_task(retention.keep_months(database, months=13))
        other = await asyncpg.connect(database.url)
        await other.execute(ADD_MESSAGES, THIS_MONTH, campaign_id, 5, "PENDING")
        await other.close()
        await making
        assert await partitions(database, "communication_log") == {"communication_log_default"}
        assert len(await partitions(database, "delivery_receipts")) == 4
    await retention.keep_months(database, months=13)
    assert len(await partitions(database, "communication_log")) == 4
    assert await fetch(database, "SELECT count(*) FROM communication_log") == [(8,)]


async def test_a_month_of_which_much_has_come_already_is_not_moved(
    database: Database, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await add_campaign(connection, THIS_MONTH)
    await make_ahead(database, retention.LEDGER, THIS_MONTH, most_moved=2)
    assert f"communication_log_{THIS_MONTH:%Y%m}" not in await partitions(database, "communication_log")
    await make_ahead(database, retention.LEDGER, THIS_MONTH, most_moved=3)
    assert len(await partitions(database, "communication_log")) == 4


async def test_makers_at_the_same_time_make_each_month_once(database: Database) -> None:
    await asyncio.gather(*(retention.keep_months(database, months=13) for _ in range(3)))
    await retention.keep_months(database, months=13)
    assert len(await partitions(database, "communication_log")) == 4


async def test_texts_and_receipts_go_when_their_months_are_over_and_the_ledger_stays(
    database: Database, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    old, before, kept = (month_after(THIS_MONTH, -ago) for ago in (5, 3, 2))
    await make_months(database, old)
    for month in (old, before, kept, THIS_MONTH):
        await add_campaign(connection, month, 25)
    await retention.keep_months(database, months=2)
    async with database.transaction() as tx:
        assert await retention.purge_receipts(tx, months=2, most=1000) == 0, "all had a partition"
    assert await clear_texts(database, months=2, most=10) == [10, 10, 10, 10, 10, 0]
    assert await fetch(database, TEXTS) == [
        (old, 25, 0),
        (before, 25, 0),
        (kept, 25, 100),
        (THIS_MONTH, 25, 100),
    ]
    receipts_left = await fetch(
        database, "SELECT campaign_month, count(*) FROM delivery_receipts GROUP BY 1 ORDER BY 1"
    )
    assert receipts_left == [(kept, 25), (THIS_MONTH, 25)]


async def test_months_that_never_had_a_partition_are_cleared_too(
    database: Database, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    old = month_after(THIS_MONTH, -20)
    await add_campaign(connection, old, 25)
    await add_campaign(connection, THIS_MONTH, 25)
    async with database.transaction() as tx:
        assert await retention.purge_receipts(tx, months=13, most=20) == 20
        assert await retention.purge_receipts(tx, months=13, most=20) == 5
    assert await clear_texts(database, months=13, most=1000) == [25]
    assert await fetch(database, TEXTS) == [(old, 25, 0), (THIS_MONTH, 25, 100)]


async def test_what_was_cleared_is_not_looked_at_again_until_the_next_month(
    database: Database, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await add_campaign(connection, month_after(THIS_MONTH, -20))
    assert await clear_texts(database, months=13, most=100) == [3]
    await connection.execute("UPDATE communication_log SET body = 'late'")
    assert await clear_texts(database, months=13, most=100) == [0]
    await connection.execute("UPDATE cleared_months SET cleared_at = cleared_at - interval '1 month'")
    assert await clear_texts(database, months=13, most=100) == [3]
    assert await fetch(database, "SELECT count(body) FROM communication_log") == [(0,)]


async def claim_and_release(tx: Tx) -> None:
    (campaign,) = await store.list_running(tx, "simulator", most_sending=100)
    lease = uuid4()
    claimed = await store.claim_messages(tx, campaign, lease=lease, lease_s=60, most=10, idempotent=False)
    ids = [message.message_id for message in claimed]
    assert len(ids) == 10
    hashes = dict.fromkeys(ids, b"")
    assert len((await find_confirmed(tx, campaign, hashes, lease=lease, needed_s=1)).ready) == 10
    assert len((await start_messages(tx, campaign, hashes, lease=lease, needed_s=1)).ready) == 10
    assert await store.release_messages(tx, ids, month=campaign.campaign_month, lease=lease) == 10


async def complete_campaigns(tx: Tx) -> None:
    assert await store.complete_campaigns(tx, silent=[]) == []


def delivered(message_id: UUID) -> ReceiptReceived:
    return ReceiptReceived(
        message_id=message_id,
        attempt=1,
        outcome=Outcome.DELIVERED,
        vendor="simulator",
        occurred_at=utc_now(),
    )


async def record_receipts(tx: Tx) -> None:
    (campaign,) = await store.list_running(tx, "simulator", most_sending=100)
    claimed = await store.claim_messages(tx, campaign, lease=uuid4(), lease_s=60, most=10)
    received = [(uuid7(), delivered(message.message_id)) for message in claimed]
    for _ in range(2):
        await receipts.record_receipts(tx, received, RetryPolicy(max_attempts=3, base_s=1.0), HASHES)
    done = await tx.execute(text("SELECT delivered FROM campaign_stats WHERE delivered > 0"))
    assert done.scalars().all() == [10]


async def list_messages(tx: Tx) -> None:
    (campaign,) = await store.list_running(tx, "simulator", most_sending=100)
    month = campaign.campaign_month
    shown = await reads.list_messages(
        tx, campaign.campaign_id, month, state=None, words=(), after=None, most=10
    )
    assert len(shown) == 10


async def scans(tx: Tx) -> Counter[str]:
    """How often this connection has read rows or an index, by partition, since its counts were collected."""
    rows = await tx.execute(
        text("""
            SELECT relname, coalesce(seq_scan, 0) + coalesce(idx_scan, 0) FROM pg_stat_xact_user_tables
            WHERE relname ~ '^(communication_log|delivery_receipts)_'
        """)
    )
    return Counter(dict(map(tuple, rows)))


@pytest.mark.parametrize("plans", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize(
    "work",
    [claim_and_release, complete_campaigns, record_receipts, list_messages],
    ids=lambda work: work.__name__,
)
async def test_other_months_are_not_looked_at(
    database: Database,
    connection: "asyncpg.Connection[asyncpg.Record]",
    work: Callable[[Tx], Awaitable[None]],
    plans: str,
) -> None:
    """A receipt may be one of the month before: its message's id only says when that was written down."""
    earlier = [month_after(THIS_MONTH, -ago) for ago in (1, 2, 3)]
    await make_months(database, *earlier)
    for month in earlier:
        await add_campaign(connection, month, status="COMPLETED")
    await add_campaign(connection, THIS_MONTH, 40, state="PENDING")
    async with database.transaction() as tx:
        await tx.execute(text(f"SET LOCAL plan_cache_mode = {plans}"))
        before = await scans(tx)
        await work(tx)
        looked_at = set(await scans(tx) - before)
    assert f"communication_log_{THIS_MONTH:%Y%m}" in looked_at
    months = {THIS_MONTH, month_after(THIS_MONTH, -1)} if work is record_receipts else {THIS_MONTH}
    tables = ("communication_log", "delivery_receipts")
    assert looked_at <= {f"{table}_{month:%Y%m}" for table in tables for month in months}


async def test_a_receipt_finds_a_message_of_whatever_month(
    database: Database, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """One that was written down long after its campaign's month, or whose id says nothing of its time."""
    campaign_id = await add_campaign(connection, month_after(THIS_MONTH, -7), state="SENDING")
    await connection.execute("UPDATE campaign_stats SET sending = 3, audience = 3")
    await connection.execute(
        "UPDATE communication_log SET message_id = gen_random_uuid() WHERE address LIKE '1@%'"
    )
    ids = [row["message_id"] for row in await connection.fetch("SELECT message_id FROM communication_log")]
    far = UUID(int=(1 << 128) - 1 & ~(0xF << 76) | 7 << 76)
    received = [(uuid7(), delivered(message_id)) for message_id in (*ids, far)]
    async with database.transaction() as tx:
        await receipts.record_receipts(tx, received, RetryPolicy(max_attempts=3, base_s=1.0), HASHES)
    stats = "SELECT delivered, sending FROM campaign_stats WHERE campaign_id = :campaign_id"
    assert await fetch(database, stats, campaign_id=campaign_id) == [(3, 0)]
    assert await fetch(database, "SELECT message_id FROM delivery_receipts WHERE NOT matched") == [(far,)]
