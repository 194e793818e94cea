"""Service processes beside a running product, one role each, kept alive by a small supervisor."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.ports import free_port
from tests.support.product import Product
from xencrm.local.process import end

LOOK_S = 0.02
STOP_S = 15.0
FRUGAL = {"XENCRM_DATABASE_POOL": "4"}  # the embedded PostgreSQL has connections for the product itself


class Member:
    """One process, such as `python -m xencrm.ingestion consume`; `port` is its own."""

    def __init__(self, name: str, service: str, role: str, environment: dict[str, str], logs: Path) -> None:
        self.name = name
        self.port = free_port()
        self._command = [sys.executable, "-m", f"xencrm.{service}", role, "--port", str(self.port)]
        self._environment = environment
        self._log = logs / f"{name.replace(' ', '-')}.log"
        self.process = self._spawn()

    async def keep(self) -> None:
        """Starts it again whenever it ends."""
        while True:
            if self.process.poll() is not None:
                self.process = self._spawn()
            await asyncio.sleep(LOOK_S)

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                self._command, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )


@asynccontextmanager
async def crew_beside(product: Product, roles: Sequence[tuple[str, str]]) -> AsyncIterator[list[Member]]:
    """Processes that share the product's databases and broker, and its work; stopped in order in the end.

    Of several with the same role the second is called `campaigns send 2`.
    """
    given = json.loads((product.home / "run" / "env.json").read_text()) | FRUGAL
    logs = product.home.parent / "crew"
    logs.mkdir()
    members = [
        Member(name, *role, {**os.environ, **given}, logs)
        for name, role in zip(_names(roles), roles, strict=True)
    ]
    keeping = [asyncio.create_task(member.keep()) for member in members]
    try:
        yield members
    finally:
        for task in keeping:
            task.cancel()
        await asyncio.gather(*keeping, return_exceptions=True)
        await asyncio.gather(*(end(member.process, STOP_S) for member in members))


def _names(roles: Sequence[tuple[str, str]]) -> list[str]:
    turns = [roles[: number + 1].count(role) for number, role in enumerate(roles)]
    return [
        " ".join(role) + (f" {turn}" if turn > 1 else "") for role, turn in zip(roles, turns, strict=True)
    ]
