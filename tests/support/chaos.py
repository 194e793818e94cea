"""Campaigns are sent while everything dies again and again; what has to hold is looked at all the way."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from uuid import uuid4

import aiohttp

from tests.support.absences import Absence
from tests.support.books import Books
from tests.support.crew import Member, crew_beside
from tests.support.killing import RabbitKeeper, Target, part_of, postgres_of, process_of
from tests.support.ledger import open_ledger
from tests.support.product import Product
from tests.support.waiting import until
from tests.support.weather import Weather
from tests.support.witness import Standing, Witness

CREW = (
    ("campaigns", "api"),
    ("campaigns", "send"),
    ("campaigns", "send"),
    ("campaigns", "receipts"),
    ("campaigns", "prepare"),
    ("campaigns", "relay"),
    ("ingestion", "relay"),
)
PARTS = ("campaigns", "ingestion", "front")
PREPARERS = {"campaigns", "campaigns prepare"}
# No message is ever out of attempts, so that each has to be accepted once.
SETTINGS = {
    "XENCRM_SEND_LEASE_S": "6",
    "XENCRM_RETRY_BASE_S": "0.2",
    "XENCRM_MAX_ATTEMPTS": "10",
    "XENCRM_LOG_LEVEL": "WARNING",
}
ROWS = 5000
END_S = 240.0
GAP_S = (0.2, 1.0)
EARLY = 0.7
BY_THEN = 0.85
TEMPLATE = "Hi {{ first_name }}, thank you for {{ total_orders }} orders."

Act = Callable[[], Awaitable[None]]
Away = Callable[[list[Member], RabbitKeeper | None], Sequence[Absence]]


@dataclass(frozen=True)
class Plan:
    """`campaigns` go to all customers each; the processes' kills are shared out evenly."""

    customers: int
    campaigns: int
    processes: int
    each_server: int
    batch: int

    @property
    def messages(self) -> int:
        return self.customers * self.campaigns

    @property
    def settings(self) -> dict[str, str]:
        return {**SETTINGS, "XENCRM_SEND_BATCH": str(self.batch)}


@dataclass(frozen=True)
class Death:
    """One SIGKILL (or an absence), what it met, and after how long the victim was there again."""

    name: str
    at_s: float
    met: Standing
    back_s: float | None = None


@dataclass
class Record:
    """What happened."""

    deaths: list[Death] = field(default_factory=list)
    stats: list[dict[str, Any]] = field(default_factory=list)
    vendor: dict[str, int] = field(default_factory=dict)
    weather: dict[str, int] = field(default_factory=dict)
    answers: int = 0
    silences: int = 0
    recounts: int = 0
    took_s: float = 0.0

    def deaths_of(self, name: str) -> list[Death]:
        return [death for death in self.deaths if death.name == name]


def no_absences(crew: list[Member], rabbit: RabbitKeeper | None) -> Sequence[Absence]:
    return ()


async def unleash(
    product: Product, plan: Plan, rabbit: RabbitKeeper | None = None, away: Away = no_absences
) -> Record:
    """Sends the plan's campaigns under its kills and checks what came of them. Raises AssertionError."""
    await _post_customers(product, plan.customers)
    async with crew_beside(product, CREW) as crew:
        chaos = _Chaos(product, plan, crew, rabbit, away(crew, rabbit))
        return await chaos.run()


class _Chaos:
    def __init__(
        self,
        product: Product,
        plan: Plan,
        crew: list[Member],
        rabbit: RabbitKeeper | None,
        absences: Sequence[Absence],
    ) -> None:
        self._product = product
        self._plan = plan
        self._processes = [part_of(product, part) for part in PARTS] + [process_of(one) for one in crew]
        self._servers = [postgres_of(product, Books(product).business_url), part_of(product, "simulator")]
        self._servers += [rabbit.target()] if rabbit else []
        self._absences = absences
        self._witness = Witness(product, [product.url, f"http://127.0.0.1:{crew[0].port}"])
        self._done = 0.0
        self._weather = Weather(product, self._lead)
        self._began = time.monotonic()
        self._record = Record()
        self._returns: list[asyncio.Task[Death]] = []
        self._campaigns: list[str] = []

    async def run(self) -> Record:
        async with asyncio.TaskGroup() as tasks:
            beside = [
                tasks.create_task(task)
                for task in (self._witness.run(), self._weather.run(), _shop(self._product))
            ]
            await self._kill_all()
            beside[1].cancel()
            await self._weather.calm()
            record = self._record
            record.deaths = sorted(await asyncio.gather(*self._returns), key=lambda death: death.at_s)
            record.stats = [await self._ended(campaign_id) for campaign_id in self._campaigns]
            record.took_s = self._elapsed()
            for task in beside:
                task.cancel()
        record.weather = dict(self._weather.seen)
        record.answers, record.silences = self._witness.answers, self._witness.silences
        record.recounts = self._witness.recounts
        record.vendor = await check_outcome(self._product, record.stats, self._plan)
        check_deaths(record, self._plan, self._processes, self._servers)
        return record

    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _lead(self) -> float:
        """By how much a larger part of the messages than of the deaths is through."""
        return self._witness.standing.settled / self._plan.messages - self._done

    async def _kill_all(self) -> None:
        """In random order, spread over most of the messages; a campaign is launched before the one before it
        is through."""
        plan = self._plan
        turns = [self._processes[number % len(self._processes)] for number in range(plan.processes)]
        turns += [*self._servers] * plan.each_server
        acts: list[Act] = [partial(self._strike, turn) for turn in turns]
        acts += [partial(self._miss, absence) for absence in self._absences]
        random.shuffle(acts)
        launches = {int(EARLY * number * len(acts) / plan.campaigns) for number in range(plan.campaigns)}
        for number, act in enumerate(acts):
            await self._launch_what_is_due(sum(at <= number for at in launches))
            self._done = number / len(acts) * BY_THEN
            await self._witness.until_settled(int(self._done * plan.messages * 0.9))
            await asyncio.sleep(random.uniform(*GAP_S))
            await self._witness.until_busy()
            await act()

    async def _launch_what_is_due(self, due: int) -> None:
        """Or what is wanted so that there is work for those who are killed."""
        plan, launched = self._plan, len(self._campaigns)
        is_short = self._witness.standing.open < plan.customers // 4
        if launched < plan.campaigns and (launched < due or is_short):
            await self._launch()

    async def _launch(self) -> None:
        """Whoever writes the audience down is killed in the middle of it."""
        campaign_id = await _launch_to_everybody(self._product, f"Chaos {len(self._campaigns) + 1}")
        self._campaigns.append(campaign_id)
        self._witness.watch(campaign_id)
        due = len(self._campaigns) * self._plan.customers
        for share in (0.9, 0.4):
            await self._written(due - int(share * self._plan.customers))
            for target in self._processes:
                if target.name in PREPARERS and await target.is_up():
                    await self._kill(target)

    async def _written(self, messages: int) -> None:
        async def written() -> int:
            return self._witness.standing.messages

        await until(written, lambda count: count >= messages, within_s=60)

    async def _strike(self, target: Target) -> None:
        """With a server dies one of the processes at the same moment, which is not in the plan's number."""
        await target.until_up()
        await self._kill(target)
        others = [one for one in self._processes if target in self._servers and await one.is_up()]
        for victim in random.sample(others, min(1, len(others))):
            await self._kill(victim)

    async def _kill(self, target: Target) -> None:
        death = Death(target.name, self._elapsed(), self._witness.standing)
        with suppress(AssertionError):  # it has just ended by itself, as its server has
            await target.kill()
            self._returns.append(asyncio.create_task(self._returned(target, death)))

    async def _returned(self, target: Target, death: Death) -> Death:
        began = time.monotonic()
        await target.until_up()
        return replace(death, back_s=time.monotonic() - began)

    async def _miss(self, absence: Absence) -> None:
        death = Death(absence.name, self._elapsed(), self._witness.standing)
        began = time.monotonic()
        await absence.pass_by()
        gone = replace(death, back_s=time.monotonic() - began)
        self._returns.append(asyncio.create_task(_at_once(gone)))

    async def _ended(self, campaign_id: str) -> dict[str, Any]:
        async def stats() -> dict[str, Any]:
            return dict(await self._product.ask_patiently("GET", f"/campaigns/{campaign_id}/stats"))

        return await until(stats, lambda seen: seen["status"] == "COMPLETED", within_s=END_S)


async def _at_once(death: Death) -> Death:
    return death


async def check_outcome(product: Product, stats: list[dict[str, Any]], plan: Plan) -> dict[str, int]:
    """Everybody got each campaign once; all numbers agree. Returns the vendor's own."""
    for campaign in stats:
        assert campaign["audience"] == plan.customers
        assert campaign["delivered"] + campaign["failed"] == plan.customers, campaign
    vendor: dict[str, int] = await product.simulator("/v1/stats")
    assert vendor["accepted"] == vendor["unique_accepted"] == plan.messages, vendor
    assert vendor["delivered"] == sum(campaign["delivered"] for campaign in stats)
    assert vendor["failed"] == sum(campaign["failed"] for campaign in stats)
    async with open_ledger(product) as ledger:
        await ledger.check_counters()
        messages = {str(row["message_id"]) for row in await ledger.rows(_MESSAGES)}
        assert await ledger.rows(_ASTRAY) == []
    assert await accepted_by(product) == dict.fromkeys(messages, 1)
    assert len(messages) == plan.messages
    assert (await product.ask_patiently("GET", "/operations"))["dead_letters"] == 0
    return vendor


_MESSAGES = "SELECT message_id FROM communication_log"
# A receipt of a message that is not there, and a message whose fate no receipt tells.
_ASTRAY = """
    SELECT message_id FROM delivery_receipts WHERE NOT matched
    UNION ALL
    SELECT message_id FROM communication_log AS message
    WHERE NOT EXISTS (SELECT FROM delivery_receipts AS receipt
                      WHERE receipt.message_id = message.message_id AND receipt.outcome = message.state)
    LIMIT 10
"""


async def accepted_by(product: Product) -> dict[str, int]:
    """How often the simulator accepted each message."""
    counts: dict[str, int] = {}
    cursor: str | None = ""
    while cursor is not None:
        page = await product.simulator(f"/v1/accepted?limit=1000&cursor={cursor}")
        counts |= {item["message_id"]: item["accepted"] for item in page["items"]}
        cursor = page["next_cursor"]
    return counts


def check_deaths(record: Record, plan: Plan, processes: list[Target], servers: list[Target]) -> None:
    """There were as many as promised, each met work that was not done, most met messages at the vendor."""
    assert sum(len(record.deaths_of(target.name)) for target in processes) >= plan.processes
    assert all(len(record.deaths_of(target.name)) >= plan.each_server for target in servers)
    # Of the kills at a launch some come before the first message is written.
    idle = [death for death in record.deaths if death.met.open == 0 and death.name not in PREPARERS]
    assert not idle, idle
    busy = sum(death.met.moving > 0 for death in record.deaths)
    assert busy > len(record.deaths) / 2, f"{busy} of {len(record.deaths)}"


async def _post_customers(product: Product, count: int) -> None:
    rows = [_customer(number) for number in range(count)]
    for first in range(0, count, ROWS):
        await product.ask("POST", "/customers/batch", json=rows[first : first + ROWS])

    async def customers() -> int:
        return int((await product.ask_patiently("GET", "/dashboard"))["totals"]["customers"])

    await until(customers, lambda found: found == count, within_s=120)


def _customer(number: int) -> dict[str, str]:
    return {"name": f"Person {number}", "email": f"person{number}@shop.example"}


async def _launch_to_everybody(product: Product, name: str) -> str:
    rules = {"combinator": "and", "rules": [{"field": "total_orders", "operator": ">=", "value": 0}]}
    ask = product.ask_patiently
    segment = await ask("POST", "/segments", json={"name": f"{name} {uuid4().hex}", "rules": rules})
    made = await ask(
        "POST",
        "/campaigns",
        json={"name": name, "segment_id": segment["segment_id"], "message_template": TEMPLATE},
    )
    path = f"/campaigns/{made['campaign_id']}"
    with suppress(aiohttp.ClientResponseError):  # 409: an earlier answer was lost on its way
        await ask("POST", f"{path}/launch")
    assert (await ask("GET", path))["status"] in ("PREPARING", "RUNNING")
    return str(made["campaign_id"])


async def _shop(product: Product) -> None:
    """Profiles change meanwhile, so that relays and projectors have something to do."""
    for number in range(10**9):
        rows = [
            {"customer_email": f"person{(number * 20 + row) % 1000}@shop.example", "order_amount": 1}
            for row in range(20)
        ]
        await product.ask_patiently("POST", "/orders/batch", json=rows, within_s=180)
        await asyncio.sleep(0.3)
