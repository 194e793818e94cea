"""`suppressions` as an expression: what audiences are compiled against. The migrations own the DDL."""

from sqlalchemy import Column, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import UUID

suppressions = Table(
    "suppressions",
    MetaData(),
    Column("suppression_id", UUID(as_uuid=True), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("email", Text),
    Column("customer_id", UUID(as_uuid=True)),
)
