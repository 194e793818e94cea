"""`suppressions`: who must not be written to."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console

from xencrm.cli.session import FAILED, WRONG, ApiKey, Url, fail, run
from xencrm.client.client import Client
from xencrm.client.suppressions import Suppression

suppressions = typer.Typer(no_args_is_help=True, help="Who must not be written to.")


class Reason(StrEnum):
    """Why somebody must not be written to."""

    UNSUBSCRIBED = "UNSUBSCRIBED"
    BOUNCED = "BOUNCED"
    COMPLAINED = "COMPLAINED"
    MANUAL = "MANUAL"


Note = Annotated[str | None, typer.Option(help="What to remember of it.", show_default=False)]


@suppressions.command("list")
def list_suppressions(
    *,
    search: Annotated[
        str | None, typer.Option(help="A part of the address, or all of it.", show_default=False)
    ] = None,
    reason: Annotated[Reason | None, typer.Option(help="Only these.", show_default=False)] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 100,
    url: Url = None,
    api_key: ApiKey = None,
) -> None:
    """Who must not be written to, the newest first."""

    async def work(client: Client, console: Console) -> int:
        page = await client.suppressions.list(q=search, reason=reason, limit=limit)
        for suppression in page.items:
            typer.echo(_line(suppression))
        if page.next_cursor:
            typer.echo("there are more; --limit shows up to 1000", err=True)
        return 0

    run(work, url, api_key)


@suppressions.command("add")
def add(
    email: Annotated[
        str | None, typer.Argument(metavar="[EMAIL]", help="The address.", show_default=False)
    ] = None,
    customer: Annotated[
        UUID | None, typer.Option(help="Id of a customer, instead of an address.", show_default=False)
    ] = None,
    note: Note = None,
    url: Url = None,
    api_key: ApiKey = None,
) -> None:
    """Suppress an address or a customer; prints the suppression's id."""
    if (email is None) == (customer is None):
        fail("give either an address or --customer", WRONG)
    customer_id = None if customer is None else str(customer)

    async def work(client: Client, console: Console) -> int:
        made = await client.suppressions.add(email=email, customer_id=customer_id, note=note)
        typer.echo(made.suppression_id)
        return 0

    run(work, url, api_key)


@suppressions.command("import")
def import_addresses(
    file: Annotated[str, typer.Argument(metavar="FILE", help="One address a line; - is standard input.")],
    *,
    reason: Annotated[Reason, typer.Option(help="Why they were suppressed elsewhere.")] = Reason.MANUAL,
    note: Note = None,
    url: Url = None,
    api_key: ApiKey = None,
) -> None:
    """Take over the addresses of a file; exit code 1 when a line is no address."""
    lines = _read_lines(file)
    numbered = [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()]

    async def work(client: Client, console: Console) -> int:
        taken = await client.suppressions.add_many(
            [address for _, address in numbered], reason=reason, note=note
        )
        for row in taken.rejected:
            said = "; ".join(error.message for error in row.errors)
            typer.echo(f"error: line {numbered[row.index][0]}: {said}", err=True)
        typer.echo(f"{taken.accepted:,} addresses are suppressed, {taken.added:,} of them newly")
        return FAILED if taken.rejected else 0

    run(work, url, api_key)


@suppressions.command("lift")
def lift(
    suppression_id: Annotated[UUID, typer.Argument(metavar="ID", help="The id that the list shows.")],
    url: Url = None,
    api_key: ApiKey = None,
) -> None:
    """Lift a suppression; there may be others on the same person."""

    async def work(client: Client, console: Console) -> int:
        await client.suppressions.lift(str(suppression_id))
        return 0

    run(work, url, api_key)


def _read_lines(source: str) -> list[str]:
    """The lines of a file or of standard input; ends the command when there are none."""
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8-sig")
    except OSError as error:
        fail(f"{source}: {error.strerror}", WRONG)
    except UnicodeDecodeError:
        fail(f"{source}: not UTF-8", WRONG)
    return text.splitlines()


def _line(suppression: Suppression) -> str:
    made_at = suppression.created_at.isoformat(timespec="seconds") if suppression.created_at else "-"
    whom = suppression.email or suppression.customer_id or "(erased)"
    return "\t".join((suppression.suppression_id, whom, suppression.reason, made_at))
