"""SIGKILL for parts of a busy system, and a record of what each kill met."""

import asyncio
import math
import os
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import asyncpg
import psutil

from tests.support.books import Books
from tests.support.crew import Member
from tests.support.product import Product
from tests.support.rabbitmq import RabbitServer
from tests.support.traffic import Traffic

UP_WITHIN_S = 90.0
POSTED_WITHIN_S = 120.0
MORE = 100


@dataclass(frozen=True)
class Target:
    """Something that dies by SIGKILL and is started again by whoever keeps it alive."""

    name: str
    kill: Callable[[], Awaitable[None]]
    is_up: Callable[[], Awaitable[bool]]

    async def until_up(self) -> None:
        async with asyncio.timeout(UP_WITHIN_S):
            while not await self.is_up():
                await asyncio.sleep(0.02)


@dataclass(frozen=True)
class Kill:
    """What a kill met: `in_flight` requests of clients, `behind` orders that were acknowledged and had not
    reached their last copy right after (None when that could not be asked)."""

    name: str
    in_flight: int
    behind: int | None


@dataclass(frozen=True)
class Plan:
    """How many orders are posted at least, and how often processes and each server are killed meanwhile."""

    orders: int
    processes: int
    each_server: int


async def kill_while_posting(
    traffic: Traffic, books: Books, plan: Plan, processes: Sequence[Target], servers: Sequence[Target]
) -> list[Kill]:
    """Kills in random order, spread over the orders; each when the one to die is up and clients are at work.

    With a server dies one of the processes at the same moment, which is not in the plan's number.
    """
    kills: list[Kill] = []
    turns = [processes[number % len(processes)] for number in range(plan.processes)]
    turns += [*servers] * plan.each_server
    random.shuffle(turns)

    async def kill_all() -> None:
        for number, target in enumerate(turns):
            await target.until_up()
            await _until_posted(traffic, number * plan.orders // len(turns), plan.orders // len(turns))
            kills.append(await _kill(target, traffic, books))
            with_it = [one for one in processes if target in servers and await one.is_up()]
            for victim in random.sample(with_it, min(1, len(with_it))):
                kills.append(await _kill(victim, traffic, books))
        traffic.most_order_rows = math.inf

    killing = asyncio.create_task(kill_all())
    await asyncio.gather(
        traffic.run(lambda: killing.done() and traffic.said.order_rows >= plan.orders), killing
    )
    return kills


async def _until_posted(traffic: Traffic, from_: int, step: int) -> None:
    """Waits for a random number of orders, of which the clients then have more to post."""
    said = traffic.said
    chosen = max(said.order_rows + random.randrange(20, 60), from_ + random.randrange(step))
    async with asyncio.timeout(POSTED_WITHIN_S):
        while said.order_rows < chosen:
            traffic.most_order_rows = chosen + step
            await asyncio.sleep(0.002)


async def _kill(target: Target, traffic: Traffic, books: Books) -> Kill:
    while not traffic.in_flight:
        traffic.most_order_rows = traffic.said.order_rows + MORE
        await asyncio.sleep(0.002)
    in_flight, orders = traffic.in_flight, len(traffic.said.orders)
    await target.kill()
    return Kill(target.name, in_flight, await books.behind(orders))


def process_of(member: Member) -> Target:
    """A process of a crew."""
    return _by_pid(member.name, lambda: member.process.pid, os.getpid)


def part_of(product: Product, name: str) -> Target:
    """A part that `xencrm up` has started."""

    def supervisor() -> int | None:
        return product.process.pid if product.process else None

    return _by_pid(name, lambda: product.pids().get(name), supervisor)


def postgres_of(product: Product, url: str) -> Target:
    """The PostgreSQL that `xencrm up` has started; up when it takes queries."""

    async def is_up() -> bool:
        try:
            connection = await asyncpg.connect(url, timeout=5)
            await connection.close()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
            return False
        return True

    return Target("postgres", part_of(product, "postgres").kill, is_up)


class RabbitKeeper:
    """Starts a RabbitMQ again, on its port and data, each time it was killed."""

    def __init__(self, server: RabbitServer) -> None:
        self._server = server
        self._starting: asyncio.Task[None] | None = None

    def target(self) -> Target:
        return Target("rabbitmq", self._kill, self._is_up)

    async def close(self) -> None:
        if self._starting is not None:
            await self._starting

    async def be_away(self, seconds: float) -> None:
        """Returns when it is back."""
        await self.close()
        await self._server.kill()
        await asyncio.sleep(seconds)
        await self._server.start()

    async def _kill(self) -> None:
        await self._server.kill()
        self._starting = asyncio.create_task(self._server.start())

    async def _is_up(self) -> bool:
        if self._starting is not None and self._starting.done():
            self._starting.result()
        return self._starting is None or self._starting.done()


def _by_pid(name: str, pid_now: Callable[[], int | None], parent: Callable[[], int | None]) -> Target:
    def living() -> psutil.Process | None:
        """Not somebody else's process that was given the number of one that died."""
        pid = pid_now()
        with suppress(psutil.Error):
            process = psutil.Process(pid) if pid is not None else None
            if process and process.ppid() == parent() and process.status() != psutil.STATUS_ZOMBIE:
                return process
        return None

    async def kill() -> None:
        process = living()
        assert process is not None, f"{name} is not there to be killed"
        process.kill()
        while process.is_running() and living() == process:
            await asyncio.sleep(0.001)

    async def is_up() -> bool:
        """It has got as far as to listen, or to connect to its database or broker."""
        process = living()
        with suppress(psutil.Error):
            return process is not None and bool(process.net_connections("tcp"))
        return False

    return Target(name, kill, is_up)
