"""Child processes, on any event loop: started, awaited, ended."""

import asyncio
import signal
import subprocess
import time

Process = subprocess.Popen[bytes]

# asyncio's own subprocesses cannot change user under uvloop, so the children are plain Popen objects.
POLL_S = 0.03


async def until_ended(process: Process, timeout_s: float | None = None) -> bool:
    """Waits for a child; False when it still lives after the timeout."""
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    while process.poll() is None:
        if deadline is not None and time.monotonic() > deadline:
            return False
        await asyncio.sleep(POLL_S)
    return True


async def end(process: Process, grace_s: float, first: signal.Signals = signal.SIGTERM) -> None:
    """Asks a child to stop, then makes it."""
    if process.poll() is None:
        process.send_signal(first)
        if not await until_ended(process, grace_s):
            process.kill()
    await until_ended(process)
