"""`messages`: what became of a campaign's messages, and decisions on those that nobody knows about."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
import typer
from rich.console import Console

from xencrm.cli.session import FAILED, ApiKey, Url, Work, run
from xencrm.client.campaigns import Message
from xencrm.client.client import Client
from xencrm.client.errors import Conflict, NotFound
from xencrm.client.messages import OpenedMessage

messages = typer.Typer(no_args_is_help=True, help="What became of a campaign's messages.")


class State(StrEnum):
    """Of a message."""

    PENDING = "PENDING"
    SENDING = "SENDING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    CANCELLED = "CANCELLED"
    UNCONFIRMED = "UNCONFIRMED"


MessageId = Annotated[UUID, typer.Argument(metavar="MESSAGE_ID", help="The id that the list shows.")]
MessageIds = Annotated[list[UUID], typer.Argument(metavar="MESSAGE_ID...", help="As the list shows them.")]
Decision = Callable[[Client, str], Awaitable[OpenedMessage]]


@messages.command("list")
def list_messages(
    campaign_id: Annotated[str, typer.Argument(metavar="CAMPAIGN_ID", show_default=False)],
    *,
    state: Annotated[State | None, typer.Option(help="Only those in this state.", show_default=False)] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 100,
    url: Url = None,
    api_key: ApiKey = None,
) -> None:
    """A campaign's messages, by customer."""

    async def work(client: Client, console: Console) -> int:
        page = await client.campaigns.messages(campaign_id, state=state, limit=limit)
        for message in page.items:
            typer.echo(_line(message))
        if page.next_cursor:
            typer.echo("there are more; --limit shows up to 1000", err=True)
        return 0

    run(work, url, api_key)


@messages.command("show")
def show(message_id: MessageId, url: Url = None, api_key: ApiKey = None) -> None:
    """One message with its text and the vendor's receipts, as JSON."""

    async def work(client: Client, console: Console) -> int:
        message = await client.messages.get(str(message_id))
        typer.echo(msgspec.json.format(msgspec.json.encode(message), indent=2))
        return 0

    run(work, url, api_key)


@messages.command("resend")
def resend(message_ids: MessageIds, url: Url = None, api_key: ApiKey = None) -> None:
    """Send UNCONFIRMED messages once more; a customer who got the first gets two."""
    run(_deciding(message_ids, lambda client, message_id: client.messages.resend(message_id)), url, api_key)


@messages.command("give-up")
def give_up(message_ids: MessageIds, url: Url = None, api_key: ApiKey = None) -> None:
    """Count UNCONFIRMED messages as failed."""
    run(_deciding(message_ids, lambda client, message_id: client.messages.give_up(message_id)), url, api_key)


def _deciding(message_ids: list[UUID], decide: Decision) -> Work:
    """Each for itself: what is in the way of one is said, and the others go on."""

    async def work(client: Client, console: Console) -> int:
        done = [await _decided(client, str(message_id), decide) for message_id in message_ids]
        return 0 if all(done) else FAILED

    return work


async def _decided(client: Client, message_id: str, decide: Decision) -> bool:
    try:
        message = await decide(client, message_id)
    except (NotFound, Conflict) as error:
        typer.echo(f"error: {message_id}: {error}", err=True)
        return False
    typer.echo(f"{message_id} {message.state}")
    return True


def _line(message: Message) -> str:
    fields = (message.message_id, message.state, message.reason, message.address or message.email)
    return "\t".join(" ".join((field or "-").split()) for field in fields)
