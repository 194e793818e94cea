"""Ingestion's processes: api | consume | relay | all, and the admin commands migrate, rebuild and openapi."""

import argparse
import sys
from functools import partial
from pathlib import Path

import uvloop

from xencrm.contracts.topology import all_queues, division
from xencrm.ingestion import app, gauges, subscriptions
from xencrm.ingestion.access.session_store import purge_cutoffs
from xencrm.ingestion.batches import store as batches
from xencrm.ingestion.customers.forgetting import finding_gone
from xencrm.ingestion.orders.consumer import sweeping
from xencrm.ingestion.rebuild.service import rebuild
from xencrm.ingestion.services import build_services
from xencrm.kernel.database import Database
from xencrm.kernel.http.openapi import described
from xencrm.kernel.http.server import serve
from xencrm.kernel.logging import configure_logging
from xencrm.kernel.messaging.broker import Broker
from xencrm.kernel.messaging.consuming import consuming
from xencrm.kernel.messaging.forgetting import forget
from xencrm.kernel.messaging.gauges import Watch
from xencrm.kernel.messaging.open import open_broker
from xencrm.kernel.messaging.partitions import partitioned
from xencrm.kernel.messaging.relay import Relay
from xencrm.kernel.messaging.upkeep import upkeep
from xencrm.kernel.migrations import migrate
from xencrm.kernel.process import Role, application_name, run_roles
from xencrm.kernel.secrets import keyed_hash
from xencrm.kernel.settings import Settings
from xencrm.kernel.telemetry.setup import telemetry

MIGRATIONS = Path(__file__).parent / "migrations"
EMAIL_HASH = "e-mail"  # what the secret is used for
PROCESSES = ("api", "consume", "relay", "all")
COMMANDS = ("migrate", "rebuild", "openapi")


def roles_of(
    process: str, settings: Settings, database: Database, broker: Broker, port: int
) -> dict[str, Role]:
    roles: dict[str, Role] = {"gauges": _watch(settings, database, broker).run}
    if process in ("api", "all"):
        services = build_services(settings, database, broker)
        roles["api"] = serve(app.build(services), port=port)
        roles["known"] = services.known.listen
    if process in ("consume", "all"):
        email_hash = keyed_hash(settings.require("secret"), EMAIL_HASH)
        divided = division(settings.partitions, settings.own_partitions())
        most = settings.consumer_max_events
        roles |= consuming(database, broker, subscriptions.bindings(email_hash), divided, max_events=most)
        roles["sweep"] = sweeping(database, email_hash)
        roles["upkeep"] = upkeep(
            database,
            inbox_days=settings.inbox_days,
            outbox_days=settings.outbox_days,
            tasks=[partial(forget, database, finding_gone(email_hash))],
            purges=[partial(batches.purge, days=settings.inbox_days), purge_cutoffs],
        )
    if process in ("relay", "all"):
        roles["relay"] = Relay(database, broker).run
    return roles


def _watch(settings: Settings, database: Database, broker: Broker) -> Watch:
    queues = division(settings.partitions).queues_of_all(subscriptions.QUEUES)
    return Watch(app.SERVICE, database, broker, queues, gauges.QUERIES)


async def run(process: str, settings: Settings, port: int) -> int:
    database = Database(
        settings.require("master_db_url"),
        pool_size=settings.database_pool,
        application_name=application_name(f"ingestion-{process}"),
    )
    try:
        if process == "migrate":
            await database.wait_until_ready()
            await migrate(database, MIGRATIONS)
            return 0
        return await run_with_broker(process, settings, database, port)
    finally:
        await database.close()


async def run_with_broker(process: str, settings: Settings, database: Database, port: int) -> int:
    queues = all_queues(settings.partitions)
    plain = await open_broker(settings.require("broker_url"), queues, max_bytes=settings.broker_max_bytes)
    broker = partitioned(plain, division(settings.partitions))
    try:
        if process != "rebuild":
            return await run_roles(roles_of(process, settings, database, broker, port))
        await database.wait_until_ready()
        done = await rebuild(database, broker, settings.partitions)
        print(f"told Campaigns {done.customers} customers and {done.orders} orders in {done.ranges} ranges")
        return 0
    finally:
        await broker.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m xencrm.ingestion")
    parser.add_argument("process", choices=(*PROCESSES, *COMMANDS))
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--metrics-port", type=int)
    arguments = parser.parse_args()
    if arguments.process == "openapi":
        print(described(app.TITLE, app.ROUTES).decode())
        return
    settings = Settings()
    configure_logging(settings, f"ingestion-{arguments.process}")
    with telemetry(app.SERVICE, arguments.process, arguments.metrics_port):
        code = uvloop.run(run(arguments.process, settings, arguments.port))
    sys.exit(code)


if __name__ == "__main__":
    main()
