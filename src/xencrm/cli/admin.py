"""`migrate`, `rebuild`, `api-key`, `sign-in-link`: commands of services, with the local environment set."""

from collections.abc import Sequence
from typing import Annotated

import typer

from xencrm.cli.environment import admin_environment, run_admin

MASTER, BUSINESS = "XENCRM_MASTER_DB_URL", "XENCRM_BUSINESS_DB_URL"
BROKER, PORT = "XENCRM_BROKER_URL", "XENCRM_PORT"

api_key = typer.Typer(no_args_is_help=True, help="Keys of API clients.")
rebuild = typer.Typer(no_args_is_help=True, help="Make copies anew from what they are copies of.")


def migrate() -> None:
    """Bring both databases to this version's schema."""
    environment = admin_environment([MASTER, BUSINESS])
    for service in ("ingestion", "campaigns"):
        if code := run_admin(service, ["migrate"], environment):
            raise typer.Exit(code)


@rebuild.command("profiles")
def profiles() -> None:
    """Make the profiles and their orders what the Master DB says, while everything goes on."""
    raise typer.Exit(run_admin("ingestion", ["rebuild"], admin_environment([MASTER, BROKER])))


@api_key.command("create")
def create(
    name: Annotated[str, typer.Option(help="What the key is for.")],
    role: Annotated[str, typer.Option(help="viewer, marketer, admin or ingest.")] = "ingest",
    agent: Annotated[
        bool, typer.Option("--agent", help="It launches only with the plan token of a pre-flight.")
    ] = False,
    draft_only: Annotated[
        bool, typer.Option("--draft-only", help="It writes drafts and segments, and launches nothing.")
    ] = False,
    daily_recipients: Annotated[
        int | None, typer.Option(min=1, help="To how many customers a day its launches may write.")
    ] = None,
) -> None:
    """Make a key; it is shown once."""
    limits = ["--agent"] * agent + ["--draft-only"] * draft_only
    if daily_recipients is not None:
        limits += ["--daily-recipients", str(daily_recipients)]
    _run(["create", "--name", name, "--role", role, *limits])


@api_key.command("list")
def list_keys() -> None:
    """The keys there are, without their secrets."""
    _run(["list"])


@api_key.command("revoke")
def revoke(key_id: Annotated[str, typer.Argument(help="The id that `api-key list` shows.")]) -> None:
    """Make a key worthless, in both services within seconds."""
    _run(["revoke", key_id])


@api_key.command("announce")
def announce() -> None:
    """Tell Ingestion all keys again: after one of the databases or the broker was restored."""
    _run(["announce"])


def sign_in_link() -> None:
    """Make an address that signs in once, within 15 minutes, in a browser on this machine."""
    raise typer.Exit(run_admin("campaigns", ["sign-in-link"], admin_environment([BUSINESS, PORT])))


def _run(arguments: Sequence[str]) -> None:
    environment = admin_environment([BUSINESS])
    raise typer.Exit(run_admin("campaigns", ["api-key", *arguments], environment))
