"""What every command shares: options, a client, and errors as one clear line.

Exit codes: 0 done, 1 it failed, 2 what was asked for is wrong, 130 stopped with Ctrl-C.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from xencrm.client.client import Client
from xencrm.client.credentials import Credentials, CredentialsMissing, find_credentials
from xencrm.client.errors import BadRequest, ClientError, ConnectionLost, Forbidden, Unauthenticated

FAILED, WRONG, INTERRUPTED = 1, 2, 130

Url = Annotated[
    str | None, typer.Option("--url", envvar="XENCRM_URL", help="The one port in front.", show_default=False)
]
ApiKey = Annotated[
    str | None,
    typer.Option("--api-key", envvar="XENCRM_API_KEY", help="Key of an API client.", show_default=False),
]
Work = Callable[[Client, Console], Awaitable[int]]


def fail(message: str, code: int = FAILED) -> NoReturn:
    """Say what is wrong on one line of stderr and end the command."""
    typer.echo(f"error: {' '.join(message.split())}", err=True)
    raise typer.Exit(code)


def run(work: Work, url: str | None, api_key: str | None) -> None:
    """Do the work with a client of the given or the local installation; its number is the exit code."""
    try:
        code = asyncio.run(_with_client(work, find_credentials(url, api_key)))
    except CredentialsMissing as error:
        fail(str(error), WRONG)
    except ClientError as error:
        fail(explained(error), WRONG if isinstance(error, BadRequest) else FAILED)
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    if code:
        raise typer.Exit(code)


def explained(error: ClientError) -> str:
    """The error with what a person can do about it."""
    match error:
        case ConnectionLost(sent=False):
            return f"{error}; is it running? `xencrm up` starts it, `xencrm doctor` looks closer"
        case Unauthenticated():
            return f"the API key was refused ({error}); `xencrm api-key list` shows the keys there are"
        case Forbidden():
            return f"{str(error).rstrip('.')}; use a key with a larger role"
        case _:
            return str(error)


async def _with_client(work: Work, credentials: Credentials) -> int:
    async with Client(credentials.url, credentials.api_key) as client:
        return await work(client, Console(highlight=False))
