"""Servers and brokers that tests of every folder may ask for. They start once a session, on first use."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import structlog

from tests.support.postgres import PostgresServer
from tests.support.rabbitmq import RabbitServer

# Where nobody has said how to log, structlog paints each value of each frame of a traceback, which may take
# seconds.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)


@pytest.fixture(scope="session")
async def postgres() -> AsyncIterator[PostgresServer]:
    """A PostgreSQL server: `.url(database)`, `await .create_database(name)`. Shared: don't kill it."""
    server = PostgresServer()
    try:
        await server.start()
        yield server
    finally:
        await server.stop()


@pytest.fixture(scope="session")
async def rabbitmq() -> AsyncIterator[RabbitServer]:
    """A RabbitMQ server: `.url`, `await .fresh_vhost()`. Shared: don't kill it."""
    server = RabbitServer()
    try:
        await server.start()
        yield server
    finally:
        await server.stop()


@pytest.fixture
async def rabbitmq_url(rabbitmq: RabbitServer) -> str:
    """A virtual host of its own."""
    return await rabbitmq.fresh_vhost()


@pytest.fixture
async def embedded_url(postgres: PostgresServer) -> str:
    """An empty database for an embedded broker."""
    return await postgres.create_database(f"broker_{uuid4().hex}")


@pytest.fixture(params=["rabbitmq", "embedded"])
def broker_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty broker; a test that asks for it runs once with each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=["rabbitmq", "embedded"])
def broker_settings(request: pytest.FixtureRequest) -> dict[str, str]:
    """What `xencrm up` is told for a kind of broker; a test that asks for it runs once with each."""
    if request.param == "embedded":
        return {}
    return {"XENCRM_BROKER_URL": request.getfixturevalue("rabbitmq_url")}
