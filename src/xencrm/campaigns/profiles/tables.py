"""`customers_mv` as an expression: what rules compile against. The migrations own the DDL.

`profile_texts` has what is searched by text: name, e-mail and phone in lower case, a line each, and the
attributes. Its index is not touched when totals change.
"""

from sqlalchemy import BigInteger, Column, DateTime, Integer, MetaData, Numeric, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

metadata = MetaData()

customers_mv = Table(
    "customers_mv",
    metadata,
    Column("customer_id", UUID(as_uuid=True), primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("phone", Text),
    Column("status", Text, nullable=False),
    Column("total_spend", Numeric(16, 2), nullable=False),
    Column("total_orders", Integer, nullable=False),
    Column("total_visits", Integer, nullable=False),
    Column("last_order_at", DateTime(timezone=True)),
    Column("attributes", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("synced_at", DateTime(timezone=True), nullable=False),
)

profile_texts = Table(
    "profile_texts",
    metadata,
    Column("customer_id", UUID(as_uuid=True), primary_key=True),
    Column("searched", Text(collation="pg_c_utf8"), nullable=False),
    Column("attributes", JSONB, nullable=False),
)
