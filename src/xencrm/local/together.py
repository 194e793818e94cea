"""Several things at once, of which the first failure is told."""

import asyncio
from collections.abc import Coroutine


async def together(*steps: Coroutine[None, None, None]) -> None:
    """Runs them side by side; when one fails the others are cancelled and its error is raised by itself."""
    try:
        async with asyncio.TaskGroup() as group:
            for step in steps:
                group.create_task(step)
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
