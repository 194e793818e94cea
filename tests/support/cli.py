"""Running the `xencrm` command in this process, while a server answers it in the test's own loop."""

import asyncio
from pathlib import Path

from typer.testing import CliRunner, Result

from xencrm.cli.__main__ import app


async def xencrm(*arguments: str, home: Path, stdin: str = "", **environment: str) -> Result:
    """The ended command; its environment has no XENCRM_ variables but the given ones."""
    cleared = dict.fromkeys(("XENCRM_URL", "XENCRM_API_KEY"))
    env = {"XENCRM_HOME": str(home), "COLUMNS": "200", "TERM": "dumb"}
    runner = CliRunner(env={**cleared, **env, **environment})
    return await asyncio.to_thread(runner.invoke, app, list(arguments), input=stdin)
