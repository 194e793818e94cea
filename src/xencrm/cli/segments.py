"""`segments`: look at an audience before it is one."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from xencrm.cli.session import FAILED, WRONG, ApiKey, Url, fail, run
from xencrm.client.client import Client
from xencrm.client.profiles import Profile
from xencrm.client.segments import ExplainedPart, Reading

segments = typer.Typer(no_args_is_help=True, help="Named rules over profiles.")

RulesFile = Annotated[str, typer.Argument(metavar="FILE", help="Rules as JSON; - reads standard input.")]


@segments.command("preview")
def preview(
    rules: RulesFile,
    sample: Annotated[int, typer.Option(min=0, max=100, help="How many profiles to show.")] = 10,
    url: Url = None,
    api_key: ApiKey = None,
) -> None:
    """How many profiles the rules match now, and some of them."""
    tree = read_rules(rules)

    async def work(client: Client, console: Console) -> int:
        found = await client.segments.preview(tree, sample=sample)
        if found.words:
            console.print(Text(found.words), soft_wrap=True)
        console.print(f"{found.count:,} profiles in {found.took_ms:.1f} ms")
        if found.sample:
            console.print(_table(found.sample))
        return 0

    run(work, url, api_key)


@segments.command("explain")
def explain(
    rules: RulesFile,
    customer_id: Annotated[str, typer.Argument(metavar="CUSTOMER_ID", help="Id of the customer.")],
    url: Url = None,
    api_key: ApiKey = None,
) -> None:
    """Why the rules match a customer or don't; the exit code is 0 when they do."""
    tree = read_rules(rules)

    async def work(client: Client, console: Console) -> int:
        explained = await client.segments.explain(tree, customer_id)
        for line in _explanation(explained):
            console.print(Text(line), soft_wrap=True)
        return 0 if explained.verdict else FAILED

    run(work, url, api_key)


@segments.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What the segment is called.")],
    rules: RulesFile,
    url: Url = None,
    api_key: ApiKey = None,
) -> None:
    """Keep the rules under a name; prints the segment's id."""
    tree = read_rules(rules)

    async def work(client: Client, console: Console) -> int:
        typer.echo((await client.segments.create(name, tree)).segment_id)
        return 0

    run(work, url, api_key)


@segments.command("parse")
def parse(
    text: Annotated[str, typer.Argument(help="Who is meant, in plain words.")],
    url: Url = None,
    api_key: ApiKey = None,
) -> None:
    """The rules that plain words mean, as JSON; what was understood and left out goes to standard error."""

    async def work(client: Client, console: Console) -> int:
        reading = await client.segments.parse(text)
        for line in _told(reading):
            typer.echo(line, err=True)
        if reading.rules is None:
            return FAILED
        typer.echo(_json(reading.rules))
        return 0

    run(work, url, api_key)


def _told(reading: Reading) -> Iterator[str]:
    for part in reading.understood:
        yield f"+ {part.text}: {'; '.join((part.words, *part.notes))}"
    for left in reading.left_out:
        yield f"- {left.text}: {left.why}"
    if reading.hint:
        yield reading.hint


def read_rules(source: str) -> Any:
    """The JSON of a file or of standard input; ends the command when there is none."""
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
        return msgspec.json.decode(text)
    except OSError as error:
        fail(f"{source}: {error.strerror}", WRONG)
    except (UnicodeDecodeError, msgspec.DecodeError) as error:
        fail(f"{source}: not JSON: {error}", WRONG)


def _explanation(part: ExplainedPart, depth: int = 0) -> Iterator[str]:
    """A line a part, `+` where it matches and `-` where it does not, its own parts further in."""
    mark = f"{'  ' * depth}{'+' if part.verdict else '-'} "
    if part.rules is None:
        value = "" if part.operator in ("null", "notNull") else f" {_json(part.value)}"
        yield f"{mark}{part.field} {part.operator}{value}  (is {_json(part.actual)})"
        return
    yield f"{mark}{'not ' if part.negated else ''}{part.combinator}"
    for child in part.rules:
        yield from _explanation(child, depth + 1)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _table(profiles: list[Profile]) -> Table:
    table = Table("name", "email", "status", box=None, pad_edge=False)
    table.add_column("spend", justify="right")
    table.add_column("orders", justify="right")
    table.add_column("last order")
    for profile in profiles:
        table.add_row(*map(Text, _cells(profile)))
    return table


def _cells(profile: Profile) -> tuple[str, ...]:
    last = profile.last_order_at.date().isoformat() if profile.last_order_at else "-"
    spend, orders = f"{profile.total_spend:,}", f"{profile.total_orders:,}"
    return (profile.name, profile.email, profile.status, spend, orders, last)
