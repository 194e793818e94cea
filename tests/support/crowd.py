"""A crowd of customers made in SQL, the same in both databases: for what shows only where there are many.

Their totals stand there without the orders that would make them.
"""

from typing import Final, TypeAlias

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_FIRST = (
    "Asha Ravi Priya Arjun Meera Vikram Kavya Rohan Fatima Omar Zoé José Jürgen Anna Sofia Mateo Emma Yuki"
)
_LAST = "Rao Sharma Patel Gupta Iyer Nair Khan Singh Mehta Das Smith Brown Weber Silva García Rossi Sato Chen"
_CITIES = (
    "Mumbai Pune Delhi Chennai Kolkata Jaipur Surat Lucknow Berlin Madrid Lisbon Tokyo Lagos Nairobi Quito"
)
_HOSTS = "mail.example mail.example mail.example inbox.example post.example box.example home.example"
_TIERS = "free free free silver silver gold"


def _number(seed: int) -> str:
    """From 0 to below 1, the same for the same customer."""
    return f"((hashint8extended(n, {seed}) & 2147483647) / 2147483648.0::float8)"


def _one_of(words: str, seed: int) -> str:
    values = words.split()
    return f"('{{{','.join(values)}}}'::text[])[1 + ({_number(seed)} * {len(values)})::int % {len(values)}]"


# The ids are as those of UUIDv7: in the order of time. A million of customers came within two years.
_CROWD: Final = f"""
    SELECT *, made_at AS created_at,
           (lpad(to_hex((extract(epoch FROM made_at) * 1000)::bigint), 12, '0') || '7'
            || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid AS customer_id,
           lower(translate(replace(name, ' ', '.'), 'éüí', 'eui') || n) || '@' || host AS email,
           (orders * (200 + 3000 * {_number(1)} ^ 2))::numeric(14, 2) AS spend,
           CASE WHEN orders > 0
                THEN made_at + (timestamptz '2026-07-01' - made_at) * {_number(2)} END AS last_at
    FROM (
        SELECT n, timestamptz '2024-01-01' + n * interval '1 minute' * (1e6 / $1::int) AS made_at,
               {_one_of(_FIRST, 3)} || ' ' || {_one_of(_LAST, 4)} AS name,
               {_one_of(_HOSTS, 5)} AS host,
               CASE WHEN {_number(6)} < 0.7 THEN format('+91%s', 7000000000 + n) END AS phone,
               CASE WHEN {_number(7)} < 0.93 THEN 'ACTIVE' ELSE 'INACTIVE' END AS status,
               CASE WHEN {_number(8)} < 0.75 THEN 1 + ({_number(9)} ^ 4 * 30)::int ELSE 0 END AS orders,
               jsonb_build_object('city', {_one_of(_CITIES, 10)}, 'tier', {_one_of(_TIERS, 11)},
                                  'age', 18 + ({_number(12)} * 60)::int) AS attributes
        FROM generate_series(1, $1::int) AS n
    ) AS person
"""
_INTO_CUSTOMERS: Final = f"""
    INSERT INTO customers (customer_id, email, name, phone, status, opening_total_spend, opening_total_visits,
                           orders_spend, orders_count, orders_last_at, attributes, created_at)
    SELECT customer_id, email, name, phone, status, 0, 0, spend, orders, last_at, attributes, created_at
    FROM ({_CROWD}) AS crowd
"""
_INTO_CUSTOMERS_MV: Final = f"""
    INSERT INTO customers_mv (customer_id, email, name, phone, status, total_spend, total_orders,
                              total_visits, last_order_at, attributes, created_at, version)
    SELECT customer_id, email, name, phone, status, spend, orders, orders, last_at, attributes, created_at, 1
    FROM ({_CROWD}) AS crowd
"""
_INTO_PROFILE_TEXTS: Final = f"""
    INSERT INTO profile_texts (customer_id, searched, attributes)
    SELECT customer_id, lower(concat_ws(E'\\n', name, email, phone) COLLATE "pg_c_utf8"), attributes
    FROM ({_CROWD}) AS crowd
"""
_INDEXES: Final = """
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made FROM pg_index
    WHERE indrelid = $1::text::regclass AND NOT indisunique
"""


async def fill_master_db(connection: Connection, customers: int) -> None:
    await _fill(connection, "customers", _INTO_CUSTOMERS, customers)


async def fill_business_db(connection: Connection, customers: int) -> None:
    await _fill(connection, "customers_mv", _INTO_CUSTOMERS_MV, customers)
    await _fill(connection, "profile_texts", _INTO_PROFILE_TEXTS, customers)


async def _fill(connection: Connection, table: str, statement: str, customers: int) -> None:
    """Indexes are made afterwards: that takes a fraction of the time."""
    indexes = await connection.fetch(_INDEXES, table)
    for index in indexes:
        await connection.execute(f"DROP INDEX {index['name']}")
    await connection.execute(statement, customers)
    for index in indexes:
        await connection.execute(index["made"])
    await connection.execute(f"VACUUM ANALYZE {table}")
