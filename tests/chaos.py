"""`make chaos`: 100,000 messages while everything dies and is away for a while; writes docs/chaos.md."""

import argparse
import asyncio
import os
import platform
import statistics
import tempfile
import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil

from tests.support.absences import Absence, frozen_member, frozen_part, rabbitmq_away
from tests.support.chaos import Death, Plan, Record, unleash
from tests.support.crew import Member
from tests.support.killing import RabbitKeeper
from tests.support.product import Product, running_product
from tests.support.rabbitmq import RabbitServer

LONG = Plan(customers=50_000, campaigns=2, processes=60, each_server=3, batch=50)
REPORT = Path(__file__).parents[1] / "docs" / "chaos.md"
SERVERS = ("postgres", "rabbitmq", "simulator")
AWAY = " for "


def absences(product: Product, crew: list[Member], rabbit: RabbitKeeper | None) -> Sequence[Absence]:
    """A sender for longer than its lease; servers for longer than anybody waits for them."""
    sender = next(member for member in crew if member.name == "campaigns send")
    assert rabbit is not None
    return (
        frozen_member(sender, 10),
        rabbitmq_away(rabbit, 30),
        frozen_part(product, "postgres", 30),
        frozen_part(product, "simulator", 60),
    )


async def run() -> Record:
    server = RabbitServer()
    await server.start()
    keeper = RabbitKeeper(server)
    try:
        with tempfile.TemporaryDirectory(dir=Path.home(), prefix=".xencrm-chaos-") as folder:
            settings = {"XENCRM_BROKER_URL": server.url, **LONG.settings}
            async with running_product(Path(folder), **settings) as product:
                record = await unleash(
                    product, LONG, keeper, lambda crew, rabbit: absences(product, crew, rabbit)
                )
            await keeper.close()
            return record
    finally:
        await server.stop()


def report(record: Record) -> str:
    paragraphs = (*_head(record), *_table(record), *_results(record))
    return "\n".join(paragraphs) + "\n"


def _head(record: Record) -> Iterator[str]:
    processes = [death for death in record.deaths if death.name not in SERVERS and AWAY not in death.name]
    servers = [death for death in record.deaths if death.name in SERVERS]
    preparing = sum(death.met.preparing for death in record.deaths)
    moving = sum(death.met.moving > 0 for death in record.deaths)
    machine = f"{os.cpu_count()} cores, {round(psutil.virtual_memory().total / 2**30)} GiB"
    yield "# What survives\n"
    yield filled(
        f"`make chaos` sends {LONG.messages:,} messages ({LONG.campaigns} campaigns to {LONG.customers:,}",
        "customers each) through RabbitMQ and the vendor simulator, while everything is killed by SIGKILL in",
        "random order, and writes this page when every assertion held. `make test` does the same with fewer",
        "messages, on both brokers.\n",
    )
    yield filled(
        f"Run of {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {record.took_s:.0f} s, on {machine},",
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        f"(load average {os.getloadavg()[2]:.0f} in the end, with all that runs there):",
        f"**{len(processes)} kills of processes, {len(servers)} of servers**. {moving} of the",
        f"{len(record.deaths)} deaths and absences met messages on their way to or at the vendor,",
        f"{preparing} an audience that was being written down.\n",
    )


def _table(record: Record) -> Iterator[str]:
    yield "| what died | times | messages open, median | at the vendor, median | back after s | longest |"
    yield "|---|---:|---:|---:|---:|---:|"
    for name in sorted({death.name for death in record.deaths}):
        yield _row(name, record.deaths_of(name))
    yield filled(
        "\n`campaigns` and `ingestion` are the product's own processes with all roles, `front` its one port;",
        "the others run beside them, one role each. Open: neither delivered nor failed at that moment.",
        "Back: it listens, or is connected to its servers.\n",
    )


def _row(name: str, deaths: Sequence[Death]) -> str:
    back = [death.back_s for death in deaths if death.back_s is not None]
    opened, moving = ([getattr(death.met, what) for death in deaths] for what in ("open", "moving"))
    figures = (
        str(len(deaths)),
        f"{statistics.median(opened):,.0f}",
        f"{statistics.median(moving):,.0f}",
        f"{statistics.median(back):.1f}",
        f"{max(back):.1f}",
    )
    return f"| {name} | {' | '.join(figures)} |"


def _results(record: Record) -> Iterator[str]:
    vendor = record.vendor
    weather = ", ".join(f"{name} ({times} times)" for name, times in record.weather.items())
    yield filled(f"The vendor meanwhile: {weather}.\n")
    yield "## What held\n"
    yield filled(
        f"- The simulator accepted each of the {vendor['unique_accepted']:,} messages exactly once",
        f"(`accepted` = `unique_accepted` = {vendor['accepted']:,}; id by id in `/v1/accepted`), and gave",
        f"its first answer again to {vendor['duplicates_refused']:,} hand-overs that were repeated (I2).",
    )
    yield filled(
        f"- In {record.answers:,} answers of `GET /campaigns/{{id}}/stats`, asked for without a pause",
        "in front and at an API beside it, the states added up to the audience (I1).",
        f"{record.silences:,} requests were not answered, as nobody was there.",
    )
    yield filled(
        f"- In {record.recounts:,} recounts of the whole ledger on the way and one at the end every counter",
        "was right, also those of reasons (I3).",
    )
    for stats in record.stats:
        yield filled(
            f"- A campaign completed by itself: audience {stats['audience']:,}, delivered",
            f"{stats['delivered']:,}, failed {stats['failed']:,}, UNCONFIRMED {stats['unconfirmed']}.",
        )
    yield filled(
        "- Delivered and failed are the vendor's own numbers. Each message's fate is told by a receipt of",
        "it, no receipt is of anything else, nothing was dead-lettered.",
    )


def filled(*parts: str) -> str:
    text = " ".join(parts)
    indent = "  " if text.startswith("- ") else ""
    lines = textwrap.fill(text.strip("\n"), 110, subsequent_indent=indent, break_on_hyphens=False)
    return "\n" * text.startswith("\n") + lines + "\n" * text.endswith("\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--report", type=Path, default=REPORT)
    path: Path = parser.parse_args().report
    path.write_text(report(asyncio.run(run())))
    print(f"all held; written to {path}")


if __name__ == "__main__":
    main()
