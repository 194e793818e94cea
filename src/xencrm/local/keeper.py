"""Keeps one part alive."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable
from pathlib import Path

from xencrm.local.errors import LocalRunError
from xencrm.local.files import write_atomically
from xencrm.local.parts import Part
from xencrm.local.process import Process, until_ended

Say = Callable[[str], None]
# A part that lived this long and dies is started again at once.
STEADY_S = 5.0
LONGEST_PAUSE_S = 10.0
MOST_DEATHS_BEFORE_READY = 4


def pause_before(deaths_in_a_row: int) -> float:
    """Seconds before the next start: none after the first two deaths in a row, then doubling from 0.25."""
    return 0.0 if deaths_in_a_row < 3 else min(0.25 * 2.0 ** (deaths_in_a_row - 3), LONGEST_PAUSE_S)


class Keeper:
    """Starts a part, names it in `run/<part>.pid`, and starts it again whenever it dies."""

    def __init__(self, part: Part, run_folder: Path, say: Say) -> None:
        self.part = part
        self._pid_file = run_folder / f"{part.name}.pid"
        self._say = say
        self._deaths_in_a_row = 0
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        process = await self._launch()
        self._watch = asyncio.create_task(self._keep(process))

    async def until_ready(self, timeout_s: float) -> None:
        """Raises LocalRunError when the part keeps dying or takes longer."""
        deadline = time.monotonic() + timeout_s
        while not await self.part.is_ready():
            if self._deaths_in_a_row >= MOST_DEATHS_BEFORE_READY:
                raise LocalRunError(f"{self.part.name} does not start; its last words are in {self.part.log}")
            if time.monotonic() > deadline:
                raise LocalRunError(
                    f"{self.part.name} is not ready yet; its last words are in {self.part.log}"
                )
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        await self.part.stop()
        self._pid_file.unlink(missing_ok=True)

    async def _launch(self) -> Process:
        process = await self.part.launch()
        try:
            write_atomically(self._pid_file, f"{process.pid}\n", mode=0o644)
        except OSError:
            await self.part.stop()
            raise
        return process

    async def _keep(self, process: Process) -> None:
        while True:
            born = time.monotonic()
            await until_ended(process)
            if time.monotonic() - born > STEADY_S:
                self._deaths_in_a_row = 0
            process = await self._replace(f"{self.part.name} {_how_it_ended(process.returncode)}")

    async def _replace(self, what_happened: str) -> Process:
        """Tries until a new process is there."""
        while True:
            self._deaths_in_a_row += 1
            pause = pause_before(self._deaths_in_a_row)
            self._say(f"{what_happened}; starting it again" + (f" in {pause:.1f} s" if pause else ""))
            await asyncio.sleep(pause)
            try:
                return await self._launch()
            except (OSError, LocalRunError) as error:
                what_happened = f"{self.part.name} could not be started: {error}"


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    with contextlib.suppress(ValueError):
        return f"was ended by {signal.Signals(-code).name}"
    return f"was ended by signal {-code}"
