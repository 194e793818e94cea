"""Erased customers in a rebuild: a Business DB that was restored from a backup hears of them again."""

from uuid import UUID

from sqlalchemy import text

from tests.support.campaigns import add_customers, customer
from tests.support.mirrors import Mirrors, running_mirrors
from tests.support.postgres import PostgresServer
from xencrm.ingestion.rebuild.erased import AT_ONCE
from xencrm.ingestion.rebuild.service import rebuild
from xencrm.kernel.ids import uuid7

_BURY = text("""
    INSERT INTO tombstones (customer_id, email_hash, until, erased_at)
    SELECT customer_id, email_hash, now(), now()
    FROM unnest(CAST(:ids AS uuid[])) AS customer_id, unnest(ARRAY['a'::bytea, 'b']) AS email_hash
""")
_SENT = text("""
    INSERT INTO communication_log (campaign_month, campaign_id, customer_id, state, address, body)
    VALUES (now(), uuidv7(), :id, 'DELIVERED', 'gone@shop.example', 'Hi Gone')
""")


async def erased_before(mirrors: Mirrors, ids: list[UUID]) -> None:
    """The Master DB knows that they were erased; the Business DB has one of them as if they were not."""
    async with mirrors.ingestion.database.transaction() as tx:
        await tx.execute(_BURY, {"ids": ids})
    await add_customers(mirrors.campaigns, [customer(customer_id=ids[-1], name="Gone")])
    async with mirrors.campaigns.database.transaction() as tx:
        await tx.execute(_SENT, {"id": ids[-1]})


async def test_who_was_erased_leaves_a_restored_business_db_again(postgres: PostgresServer) -> None:
    ids = [uuid7() for _ in range(AT_ONCE + 2)]
    places: set[str] = set()
    async with running_mirrors(postgres) as mirrors:
        await erased_before(mirrors, ids)
        for _ in range(2):
            await rebuild(mirrors.ingestion.database, mirrors.ingestion.broker, 1)
            await mirrors.campaigns.until("SELECT count(*) FROM tombstones", len(ids))
            await mirrors.until_equal()
            (sent,) = await mirrors.campaigns.rows("SELECT state, address, body, ctid FROM communication_log")
            assert tuple(sent)[:3] == ("DELIVERED", None, None)
            places.add(sent.ctid)
        assert len(places) == 1, "the second time there was nothing to write"
