"""Campaigns' processes: api | project | prepare | send | receipts | relay | all, and its admin commands."""

import argparse
import sys

import uvloop

from xencrm.campaigns import app
from xencrm.campaigns.accounts import commands
from xencrm.campaigns.readiness import MIGRATIONS
from xencrm.campaigns.roles import PORTS, SERVICE, build_services, roles_of
from xencrm.contracts.topology import all_queues, division
from xencrm.kernel.database import Database
from xencrm.kernel.errors import XenError
from xencrm.kernel.http.openapi import described
from xencrm.kernel.logging import configure_logging
from xencrm.kernel.messaging.open import open_broker
from xencrm.kernel.messaging.partitions import partitioned
from xencrm.kernel.migrations import migrate
from xencrm.kernel.process import application_name, run_roles
from xencrm.kernel.settings import Settings
from xencrm.kernel.telemetry.setup import telemetry


async def run_process(process: str, settings: Settings, port: int) -> int:
    database = _open_database(settings, process)
    queues = all_queues(settings.partitions)
    plain = await open_broker(settings.require("broker_url"), queues, max_bytes=settings.broker_max_bytes)
    broker = partitioned(plain, division(settings.partitions))
    try:
        return await run_roles(roles_of(process, build_services(settings, database, broker), port))
    finally:
        await broker.close()
        await database.close()


async def run_admin(arguments: argparse.Namespace, settings: Settings) -> int:
    """Waits up to a minute for the database. Returns the exit code."""
    database = _open_database(settings, arguments.process)
    try:
        await database.wait_until_ready()
        if arguments.process == "migrate":
            await migrate(database, MIGRATIONS)
        else:
            await commands.run(arguments, database, settings)
    except XenError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        await database.close()
    return 0


def _open_database(settings: Settings, process: str) -> Database:
    return Database(
        settings.require("business_db_url"),
        pool_size=settings.database_pool,
        application_name=application_name(f"campaigns-{process}"),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m xencrm.campaigns")
    processes = parser.add_subparsers(dest="process", required=True)
    for name, port in PORTS.items():
        process = processes.add_parser(name)
        process.add_argument("--port", type=int, default=port, help="of the API, /healthz and /readyz")
        process.add_argument("--metrics-port", type=int, help="of /metrics; none when left out")
    processes.add_parser("openapi", help="print the document of this service's API")
    processes.add_parser("migrate", help="bring the Business DB's schema to the newest version")
    commands.add_arguments(processes.add_parser("api-key", help="make, list and revoke API keys"))
    processes.add_parser(commands.SIGN_IN_LINK, help="make a link that signs in once, on this machine")
    return parser


def main() -> None:
    arguments = _parser().parse_args()
    if arguments.process == "openapi":
        print(described(app.TITLE, app.ROUTES).decode())
        return
    settings = Settings()
    configure_logging(settings, f"campaigns-{arguments.process}")
    if arguments.process not in PORTS:
        sys.exit(uvloop.run(run_admin(arguments, settings)))
    with telemetry(SERVICE, arguments.process, arguments.metrics_port):
        code = uvloop.run(run_process(arguments.process, settings, arguments.port))
    sys.exit(code)


if __name__ == "__main__":
    main()
