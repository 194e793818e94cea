"""`dead-letters`: events that could not be applied, to look at, to replay, or to give up."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import msgspec
import typer
from rich.console import Console

from xencrm.cli.session import FAILED, WRONG, ApiKey, Url, Work, fail, run
from xencrm.client.client import Client
from xencrm.client.dead_letters import DeadLetter, Service
from xencrm.client.errors import Conflict, NotFound

dead_letters = typer.Typer(no_args_is_help=True, help="Events that could not be applied.")

LetterId = Annotated[UUID, typer.Argument(metavar="ID", help="The id that the list shows.")]
SomeId = Annotated[UUID | None, typer.Argument(metavar="ID", help="The id that the list shows.")]
Of = Annotated[
    Service | None, typer.Option("--service", help="Only of this service.", show_default="both services")
]
Queue = Annotated[str | None, typer.Option(help="Only of this queue.", show_default=False)]
Type = Annotated[str | None, typer.Option("--type", help="Only events of this type.", show_default=False)]
All = Annotated[bool, typer.Option("--all", help="Every letter, or all of a service, queue or type.")]
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask.")]


@dataclass(frozen=True)
class Choice:
    """Which letters a command is about: one, or all of a kind."""

    letter_id: str | None
    service: Service | None
    queue: str | None = None
    type: str | None = None

    @property
    def services(self) -> Sequence[Service]:
        return (self.service,) if self.service else tuple(Service)


@dataclass(frozen=True)
class Deed:
    """What is done to letters, in words and by the client."""

    verb: str
    done: str
    to: Callable[[Client, Service, str], Awaitable[None]]


REPLAY = Deed(
    "replay", "replayed", lambda client, service, letter: client.dead_letters.replay(service, letter)
)
DROP = Deed("drop", "dropped", lambda client, service, letter: client.dead_letters.drop(service, letter))


@dead_letters.command("list")
def list_letters(
    *,
    service: Of = None,
    queue: Queue = None,
    type_: Type = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many of each service at most.")] = 100,
    url: Url = None,
    api_key: ApiKey = None,
) -> None:
    """The letters there are, the last to fail first."""
    choice = Choice(None, service, queue, type_)

    async def work(client: Client, console: Console) -> int:
        for each in choice.services:
            page = await client.dead_letters.list(each, queue=queue, type_=type_, limit=limit)
            for letter in page.items:
                typer.echo(_line(each, letter))
            if page.next_cursor:
                typer.echo(f"there are more of {each}; --limit shows up to 1000", err=True)
        return 0

    run(work, url, api_key)


@dead_letters.command("show")
def show(letter_id: LetterId, service: Of = None, url: Url = None, api_key: ApiKey = None) -> None:
    """One letter with its payload, as JSON."""
    choice = Choice(str(letter_id), service)

    async def work(client: Client, console: Console) -> int:
        for each in choice.services:
            with suppress(NotFound):
                letter = await client.dead_letters.get(each, str(letter_id))
                shown = {"service": each, **msgspec.to_builtins(letter)}
                typer.echo(msgspec.json.format(msgspec.json.encode(shown), indent=2))
                return 0
        fail(f"there is no dead letter {letter_id}")

    run(work, url, api_key)


@dead_letters.command("replay")
def replay(
    *,
    letter_id: SomeId = None,
    every: All = False,
    service: Of = None,
    queue: Queue = None,
    type_: Type = None,
    yes: Yes = False,
    url: Url = None,
    api_key: ApiKey = None,
) -> None:
    """Put a letter's event into its queue again, or the events of all of them, the oldest first."""
    run(_settling(REPLAY, _chosen(letter_id, every, service, queue, type_), yes), url, api_key)


@dead_letters.command("drop")
def drop(
    *,
    letter_id: SomeId = None,
    every: All = False,
    service: Of = None,
    queue: Queue = None,
    type_: Type = None,
    yes: Yes = False,
    url: Url = None,
    api_key: ApiKey = None,
) -> None:
    """Give a letter's event up, or those of all of them."""
    run(_settling(DROP, _chosen(letter_id, every, service, queue, type_), yes), url, api_key)


def _chosen(
    letter_id: UUID | None, every: bool, service: Service | None, queue: str | None, type_: str | None
) -> Choice:
    """Ends the command when it is neither one letter nor all of a kind."""
    if (letter_id is None) is not every:
        fail("give the id of a letter, or --all", WRONG)
    if letter_id is not None and (queue or type_):
        fail("--queue and --type go with --all", WRONG)
    return Choice(str(letter_id) if letter_id else None, service, queue, type_)


def _settling(deed: Deed, choice: Choice, yes: bool) -> Work:
    async def work(client: Client, console: Console) -> int:
        if choice.letter_id is None:
            return await _settle_all(client, deed, choice, yes)
        return await _settle_one(client, deed, choice, choice.letter_id)

    return work


async def _settle_one(client: Client, deed: Deed, choice: Choice, letter_id: str) -> int:
    for service in choice.services:
        with suppress(NotFound):
            await deed.to(client, service, letter_id)
            typer.echo(f"{deed.done} {letter_id}")
            return 0
    fail(f"there is no dead letter {letter_id}")


async def _settle_all(client: Client, deed: Deed, choice: Choice, yes: bool) -> int:
    """In the order in which they failed, which is that of their ids."""
    found = [
        (letter.dead_letter_id, service)
        for service in choice.services
        async for letter in client.dead_letters.all(service, queue=choice.queue, type_=choice.type)
    ]
    if found and not yes:
        typer.confirm(f"{deed.verb} {len(found):,} letters?", abort=True)
    done = [await _settled(client, deed, service, letter_id) for letter_id, service in sorted(found)]
    typer.echo(f"{deed.done} {sum(done):,} of {len(found):,} letters")
    return 0 if all(done) else FAILED


async def _settled(client: Client, deed: Deed, service: Service, letter_id: str) -> bool:
    """Says what is in the way of this letter only."""
    try:
        await deed.to(client, service, letter_id)
    except (NotFound, Conflict) as error:
        typer.echo(f"error: {letter_id}: {error}", err=True)
        return False
    return True


def _line(service: Service, letter: DeadLetter) -> str:
    failed_at = letter.failed_at.isoformat(timespec="seconds")
    fields = (letter.dead_letter_id, service, failed_at, letter.queue, letter.type, letter.reason)
    return "\t".join(" ".join(field.split()) for field in fields)
