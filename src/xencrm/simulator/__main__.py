"""`python -m xencrm.simulator --port P --data DIR`: a vendor that takes messages and brings none anywhere."""

import os
import socket
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from random import Random

import uvloop

from xencrm.kernel.logging import configure_logging, get_logger
from xencrm.kernel.process import Role, run_roles
from xencrm.kernel.settings import Settings
from xencrm.simulator import ledger, outbox, panel
from xencrm.simulator.app import Simulator
from xencrm.simulator.intake import Intake
from xencrm.simulator.panel import Panel
from xencrm.simulator.server import bind, serve
from xencrm.simulator.storage import Storage
from xencrm.simulator.webhook import Receiver, Webhook

SECRET_VARIABLE = "XENCRM_SIMULATOR_RECEIPTS_SECRET"

log = get_logger(__name__)


def parse_arguments(arguments: list[str]) -> Namespace:
    parser = ArgumentParser(prog="xencrm.simulator", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of what it remembers")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--receipts-url", help="where webhook receipts are posted to")
    parser.add_argument(
        "--receipts-secret",
        default=os.environ.get(SECRET_VARIABLE),
        help=f"what receipts are signed with; better in {SECRET_VARIABLE}, where ps does not show it",
    )
    parser.add_argument("--seed", type=int, help="makes the draws repeatable")
    chosen = parser.parse_args(arguments)
    if chosen.receipts_url and not chosen.receipts_secret:
        parser.error("--receipts-url needs --receipts-secret")
    return chosen


async def run(chosen: Namespace, listener: socket.socket) -> int:
    receiver = Receiver(chosen.receipts_url, chosen.receipts_secret) if chosen.receipts_url else None
    storage = Storage(chosen.data / "simulator.db", ledger.SCHEMA + outbox.SCHEMA + panel.SCHEMA)
    try:
        return await run_roles(await assemble(storage, receiver, Random(chosen.seed), listener))
    finally:
        storage.close()


async def assemble(
    storage: Storage, receiver: Receiver | None, random: Random, listener: socket.socket
) -> dict[str, Role]:
    board = Panel(storage, webhook=receiver is not None)
    await board.load()
    intake = Intake(storage, board, random)
    app = Simulator(storage, board, intake, random)
    roles: dict[str, Role] = {"http": lambda stop: serve(app, listener, stop)}
    if receiver is not None:
        webhook = Webhook(receiver, storage, board, random)
        roles["webhook"] = lambda stop: webhook.run(intake.receipts_waiting, stop)
    host, port = listener.getsockname()[:2]
    log.info("simulator.started", host=host, port=port, dials=repr(board.dials))
    return roles


def main() -> int:
    chosen = parse_arguments(sys.argv[1:])
    configure_logging(Settings(), "simulator")
    try:
        listener = bind(chosen.host, chosen.port)
    except OSError as error:
        raise SystemExit(f"cannot listen on {chosen.host}:{chosen.port}: {error}") from error
    return uvloop.run(run(chosen, listener))


if __name__ == "__main__":
    sys.exit(main())
