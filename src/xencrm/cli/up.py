"""`up`: the whole product on this machine."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from xencrm.cli.session import WRONG, fail
from xencrm.kernel.settings import Settings


def up(
    port: Annotated[int | None, typer.Option(help="The one port in front.", show_default="8000")] = None,
    home: Annotated[Path | None, typer.Option(help="Data directory.", show_default=".xencrm")] = None,
) -> None:
    """Start everything on this machine and stay until Ctrl-C."""
    given = {"port": port, "home": home}
    settings = read_settings({name: value for name, value in given.items() if value is not None})
    from xencrm.local.up import run_up  # noqa: PLC0415

    raise typer.Exit(asyncio.run(run_up(settings)))


def read_settings(given: dict[str, Any]) -> Settings:
    """Settings from the environment, what is given going first; ends the command when one is wrong."""
    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = "; ".join(
            f"XENCRM_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()
        )
        fail(wrong, WRONG)
