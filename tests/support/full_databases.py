"""Databases with as much in them as a busy shop has: plans differ from those of empty tables."""

import asyncpg

from tests.support.crowd import fill_business_db, fill_master_db

CUSTOMERS = 20_000

_ORDERS = """
    INSERT INTO {table} (order_id, customer_id, order_amount, order_status, ordered_at, version)
    SELECT customer_id || '-' || n, customer_id, 10 + n,
           CASE n WHEN 3 THEN 'REFUNDED' ELSE 'COMPLETED' END, created_at + n * interval '1 day', 1
    FROM {customers}, generate_series(1, 3) AS n
"""
_INBOX = """
    INSERT INTO inbox (day, event_id)
    SELECT now()::date + n % 5 - 1, gen_random_uuid() FROM generate_series(1, 100000) AS n
"""
_OUTBOX = """
    INSERT INTO outbox (exchange, routing_key, settled_at)
    SELECT 'data_ingestion', 'customer_mv', now() - n * interval '1 second'
    FROM generate_series(1, 50000) AS n
"""
_WAITING = """
    INSERT INTO waiting_orders (event_id, order_id, customer_email, accepted_at, event, ready, waiting_since)
    SELECT uuidv7(), 'waiting-' || n, 'stranger' || n || '@shop.example', now(), '{}', n % 100 = 0,
           now() - n * interval '1 minute'
    FROM generate_series(1, 20000) AS n
"""
_FORMER = """
    INSERT INTO customer_emails (email, until, customer_id)
    SELECT 'former' || n || '@shop.example', now(), uuidv7() FROM generate_series(1, 20000) AS n
"""
_ERASED = """
    INSERT INTO tombstones (customer_id, email_hash, until, erased_at)
    SELECT uuidv7(), sha256(n::text::bytea), now(), now() FROM generate_series(1, 20000) AS n
"""
_BURIED = "INSERT INTO tombstones SELECT uuidv7(), now() FROM generate_series(1, 20000)"
# A campaign that is over, and one of which half is left.
_LEDGER = (
    "INSERT INTO segments (name, rules, created_by) VALUES ('s', '{}', 't')",
    """
    INSERT INTO campaigns (name, segment_id, campaign_type, vendor, status, prepared, created_by)
    SELECT 'campaign ' || n, segment_id, 'REMINDER', 'simulator', status, true, 't'
    FROM segments, unnest(ARRAY['COMPLETED', 'RUNNING']) WITH ORDINALITY AS made (status, n)
    """,
    "INSERT INTO campaign_stats (campaign_id) SELECT campaign_id FROM campaigns",
    """
    INSERT INTO communication_log (campaign_month, campaign_id, customer_id, state, settled_at)
    SELECT campaign_month, campaign_id, customer_id,
           CASE WHEN status = 'COMPLETED' OR n % 2 = 0 THEN 'DELIVERED' WHEN n % 9 = 0 THEN 'SENDING'
                ELSE 'PENDING' END, now()
    FROM campaigns, (SELECT customer_id, row_number() OVER () AS n FROM customers_mv) AS numbered
    """,
    """
    INSERT INTO delivery_receipts (campaign_month, receipt_id, message_id, attempt, outcome, vendor, matched,
                                   occurred_at)
    SELECT campaign_month, uuidv7(), message_id, 1, 'DELIVERED', 'simulator', true, now()
    FROM communication_log WHERE state = 'DELIVERED'
    """,
)


async def fill_master(url: str) -> None:
    """Customers who are there, moved and were erased, orders, applied and carried events, waiting orders."""
    connection = await asyncpg.connect(url)
    await fill_master_db(connection, CUSTOMERS)
    orders = _ORDERS.format(table="orders", customers="customers")
    for statement in (orders, _INBOX, _OUTBOX, _WAITING, _FORMER, _ERASED):
        await connection.execute(statement)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def fill_business(url: str) -> None:
    """Profiles, orders, and the messages of two campaigns."""
    connection = await asyncpg.connect(url)
    await fill_business_db(connection, CUSTOMERS)
    orders = _ORDERS.format(table="orders_mv", customers="customers_mv")
    for statement in (orders, _BURIED, *_LEDGER):
        await connection.execute(statement)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
