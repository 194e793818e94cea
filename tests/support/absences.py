"""Things that are away for a while, instead of dying and coming back at once."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import psutil

from tests.support.crew import Member
from tests.support.killing import RabbitKeeper
from tests.support.product import Product


@dataclass(frozen=True)
class Absence:
    """`pass_by` returns when it is over."""

    name: str
    pass_by: Callable[[], Awaitable[None]]


def frozen(name: str, processes: Callable[[], list[psutil.Process]], seconds: float) -> Absence:
    """SIGSTOP, and SIGCONT later: connections stay and nothing is answered."""

    async def pass_by() -> None:
        stopped = processes()
        for process in stopped:
            process.suspend()
        await asyncio.sleep(seconds)
        for process in stopped:
            with suppress(psutil.NoSuchProcess):
                process.resume()

    return Absence(f"{name} frozen for {seconds:g} s", pass_by)


def frozen_member(member: Member, seconds: float) -> Absence:
    return frozen(member.name, lambda: [psutil.Process(member.process.pid)], seconds)


def frozen_part(product: Product, name: str, seconds: float) -> Absence:
    """With its children, which PostgreSQL has."""

    def processes() -> list[psutil.Process]:
        parent = psutil.Process(product.pids()[name])
        return [parent, *parent.children(recursive=True)]

    return frozen(name, processes, seconds)


def rabbitmq_away(keeper: RabbitKeeper, seconds: float) -> Absence:
    """Killed, and started again later."""
    return Absence(f"rabbitmq away for {seconds:g} s", lambda: keeper.be_away(seconds))
