"""The life of a process: roles that run side by side until a signal, then drain within a deadline."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import structlog

from xencrm.kernel.logging import get_logger

DRAIN_S = 9.0

Role = Callable[[asyncio.Event], Awaitable[None]]
log = get_logger(__name__)


async def run_roles(roles: Mapping[str, Role]) -> int:
    """Runs every role until SIGTERM or SIGINT; each gets the event that says stop.

    Returns the exit code: 0 after a drain, 1 when a role failed or returned before it was asked to.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGUSR1, log_tasks)
    tasks = {asyncio.create_task(_run_role(name, role, stop), name=name) for name, role in roles.items()}
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({*tasks, stopping}, return_when=asyncio.FIRST_COMPLETED)
    failed = not stop.is_set()
    stop.set()
    _, late = await asyncio.wait(tasks, timeout=DRAIN_S)
    for task in late:
        log.warning("process.role_cut_short", role=task.get_name())
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return 1 if failed else 0


def log_tasks() -> None:
    """Where every task of the process waits, from its beginning inwards (asked for by SIGUSR1)."""
    for task in asyncio.all_tasks():
        log.warning("process.task", task=task.get_name(), waits_in=list(_places(task.get_coro())))


def _places(waiting: Any) -> Iterator[str]:
    """Function and line of each coroutine, and of the one that it awaits; drivers in C have none."""
    while (frame := getattr(waiting, "cr_frame", None)) is not None:
        yield f"{frame.f_globals['__name__']}.{frame.f_code.co_qualname}:{frame.f_lineno}"
        waiting = waiting.cr_await


async def _run_role(name: str, role: Role, stop: asyncio.Event) -> None:
    structlog.contextvars.bind_contextvars(role=name)
    try:
        await role(stop)
    except Exception:
        log.exception("process.role_failed")
        raise
    if not stop.is_set():
        log.error("process.role_ended_early")


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Sleeps, but not past the stop."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def wake_or_stop(wake: asyncio.Event, stop: asyncio.Event, seconds: float) -> None:
    """Sleeps until woken, stopped, or the time is over; takes the wake-up."""
    waits = [asyncio.ensure_future(wake.wait()), asyncio.ensure_future(stop.wait())]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    wake.clear()


def application_name(process: str) -> str:
    return f"xencrm-{process}-{os.getpid()}"
