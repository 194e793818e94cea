"""The migrations make what the code speaks of."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import Table, TextClause
from sqlalchemy.dialects.postgresql.asyncpg import dialect

import xencrm.campaigns.readiness
import xencrm.ingestion.__main__
from tests.support.modules import values_of
from tests.support.postgres import PostgresServer
from xencrm.kernel.database import Database
from xencrm.kernel.migrations import migrate
from xencrm.kernel.telemetry.gauges import GaugeQuery

MIGRATIONS = {
    "ingestion": xencrm.ingestion.__main__.MIGRATIONS,
    "campaigns": xencrm.campaigns.readiness.MIGRATIONS,
}
MESSAGING = (
    "inbox",
    "outbox",
    "dead_letters",
    "forgetting",
    "rejections",
    "progress",
    "relay",
    "upkeep",
    "gauges",
    "lags",
)


@pytest.fixture(params=sorted(MIGRATIONS))
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def connection(
    postgres: PostgresServer, service: str
) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    url = await postgres.create_database(f"schema_{uuid4().hex}")
    database = Database(url)
    await migrate(database, MIGRATIONS[service])
    await database.close()
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


def statements_of(service: str) -> dict[str, TextClause]:
    """All statements of a service's code, and the kernel's that run in its database, by name."""
    packages = [f"xencrm.{service}", *(f"xencrm.kernel.messaging.{name}" for name in MESSAGING)]
    found = {name: text for package in packages for name, text in values_of(package, TextClause)}
    queries = {name: query for package in packages for name, query in values_of(package, GaugeQuery)}
    return {**found, **{name: query.statement for name, query in queries.items()}}


async def test_every_statement_of_the_code_fits_the_schema(
    connection: "asyncpg.Connection[asyncpg.Record]", service: str
) -> None:
    statements = statements_of(service)
    assert len(statements) > 20
    misfits = {}
    for name, text in statements.items():
        try:
            await connection.prepare(str(text.compile(dialect=dialect())))
        except asyncpg.PostgresError as error:
            misfits[name] = str(error)
    assert misfits == {}


async def test_every_table_of_the_code_has_its_columns(
    connection: "asyncpg.Connection[asyncpg.Record]", service: str
) -> None:
    rows = await connection.fetch("SELECT table_name, column_name FROM information_schema.columns")
    present = {(row["table_name"], row["column_name"]) for row in rows}
    tables = dict(values_of(f"xencrm.{service}", Table))
    wanted = {(table.name, column.name) for table in tables.values() for column in table.columns}
    assert wanted <= present


async def test_migrating_twice_changes_nothing(postgres: PostgresServer, service: str) -> None:
    database = Database(await postgres.create_database(f"schema_{uuid4().hex}"))
    await migrate(database, MIGRATIONS[service])
    await migrate(database, MIGRATIONS[service])
    await database.close()
