"""What the supervisor keeps alive."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from xencrm.local.probe import is_ok
from xencrm.local.process import Process, end

STOP_S = 10.0


class Part(Protocol):
    """One supervised process; it may be launched again after it ended."""

    @property
    def name(self) -> str: ...

    @property
    def log(self) -> Path: ...

    async def launch(self) -> Process:
        """Starts it, doesn't wait until it is ready."""

    async def is_ready(self) -> bool: ...

    async def stop(self) -> None:
        """Asks it to stop, then makes it; harmless when it isn't running."""


def spawn(command: Sequence[str], environment: Mapping[str, str], log: Path, folder: Path) -> Process:
    """A child in a session of its own, so that a Ctrl-C at the terminal reaches the supervisor alone."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=folder,
            start_new_session=True,
        )


@dataclass
class ServicePart:
    """A process that answers GET `ready_url` with 200 when it can work."""

    name: str
    command: Sequence[str]
    ready_url: str
    environment: Mapping[str, str]
    log: Path
    folder: Path
    _process: Process | None = field(default=None, init=False)

    async def launch(self) -> Process:
        self._process = spawn(self.command, self.environment, self.log, self.folder)
        return self._process

    async def is_ready(self) -> bool:
        return await is_ok(self.ready_url)

    async def stop(self) -> None:
        if self._process is not None:
            await end(self._process, STOP_S)
