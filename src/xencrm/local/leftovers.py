"""Processes that outlived the supervisor which started them: found without guessing, and ended."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

MARK = "XENCRM_SUPERVISED_BY"


def processes_in(folder: Path, program: str) -> list[psutil.Process]:
    """The processes of a program whose working directory is exactly this folder."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.name() == program and Path(process.cwd()) == folder:
                found.append(process)
    return found


def processes_marked(mark: str) -> list[psutil.Process]:
    """The processes that were given this mark in their environment, whoever still runs them."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(MARK) == mark:
                found.append(process)
    return found


async def end_processes(processes: Iterable[psutil.Process], first: signal.Signals, grace_s: float) -> None:
    """Asks them to stop and, after the grace, makes them.

    psutil compares start times first, so a number that was given to another process is never signalled.
    """
    asked = list(processes)
    for process in asked:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(first)
    for process in await _still_there(asked, grace_s):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    await _still_there(asked, grace_s)


async def _still_there(processes: list[psutil.Process], timeout_s: float) -> list[psutil.Process]:
    deadline = time.monotonic() + timeout_s
    while living := [process for process in processes if _is_alive(process)]:
        if time.monotonic() > deadline:
            break
        await asyncio.sleep(0.03)
    return living


def _is_alive(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False
