"""`doctor`: what is reachable, and what to do about what isn't."""

import asyncio
import platform
from importlib.metadata import version

import typer
from rich.console import Console
from rich.text import Text

from xencrm.cli.checks import Check, examine
from xencrm.cli.session import FAILED, WRONG, ApiKey, Url, fail
from xencrm.client.client import Client
from xencrm.client.credentials import Credentials, CredentialsMissing, find_credentials
from xencrm.client.retry import RetryPolicy


def doctor(url: Url = None, api_key: ApiKey = None) -> None:
    """Check what is reachable, versions, queues and lag; the exit code is 1 when something failed."""
    console = Console(highlight=False)
    console.print(f"xencrm {version('xencrm')}, Python {platform.python_version()}")
    try:
        credentials = find_credentials(url, api_key)
    except CredentialsMissing as error:
        fail(str(error), WRONG)
    checks = asyncio.run(_examine(credentials))
    for check in checks:
        _show(check, console)
    if not all(check.ok for check in checks):
        raise typer.Exit(FAILED)


async def _examine(credentials: Credentials) -> list[Check]:
    hasty = RetryPolicy(budget_s=1.0)
    async with Client(credentials.url, credentials.api_key, retries=hasty, timeout_s=5.0) as client:
        return await examine(client, credentials.url)


def _show(check: Check, console: Console) -> None:
    verdict = Text("ok    ", "green") if check.ok else Text("failed", "bold red")
    console.print(Text.assemble(verdict, f"  {check.name:<18} {check.said}"), soft_wrap=True)
    if not check.ok and check.todo:
        console.print(Text(f"        {check.todo}"), soft_wrap=True)
