"""The parts of one installation as a whole: started in order, kept alive, stopped in the opposite order."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager

from xencrm.local.errors import LocalRunError
from xencrm.local.files import last_line
from xencrm.local.home import Home
from xencrm.local.keeper import Keeper, Say
from xencrm.local.leftovers import end_processes, processes_marked
from xencrm.local.parts import STOP_S, Part, spawn
from xencrm.local.process import end, until_ended
from xencrm.local.together import together

READY_TIMEOUT_S = 120.0


class Supervisor:
    """Everything that one `xencrm up` has started."""

    def __init__(self, home: Home, say: Say) -> None:
        self._home = home
        self._say = say
        self._keepers: list[Keeper] = []

    async def start(self, part: Part) -> None:
        """Starts it and keeps it alive from now on; doesn't wait until it is ready."""
        keeper = Keeper(part, self._home.run, self._say)
        self._keepers.append(keeper)
        await keeper.start()

    async def until_ready(self) -> None:
        """Raises LocalRunError when one of the parts started so far does not become ready."""
        await together(*(keeper.until_ready(READY_TIMEOUT_S) for keeper in self._keepers))

    async def run_once(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Runs a command to its end. Raises LocalRunError with its last line when it fails."""
        log = self._home.log(name)
        process = spawn(command, self._home.marked(environment), log, self._home.path)
        try:
            await until_ended(process)
        finally:
            await end(process, STOP_S)
        if process.returncode != 0:
            raise LocalRunError(f"{name} failed: {last_line(log)} (see {log})")

    async def stop(self) -> None:
        """The last that was started is stopped first."""
        if not self._keepers:
            return
        self._say("stopping")
        while self._keepers:
            await self._keepers.pop().stop()
        self._say("stopped")


Start = Callable[[Supervisor], Coroutine[None, None, None]]


async def supervise(home: Home, start: Start, say: Say) -> None:
    """Holds the home, ends leftovers, runs `start`, then keeps everything alive until SIGINT or SIGTERM.

    `start` starts the parts in order; they are stopped in the opposite order, also when it fails.
    Raises LocalRunError with one clear line.
    """
    home.make()
    lock = home.lock()
    lock.take()
    try:
        with stop_signals() as stop:
            await _clear_up(home)
            async with stopped_in_the_end(Supervisor(home, say)) as supervisor:
                await _until_stopped(start(supervisor), stop)
    finally:
        lock.release()


async def _clear_up(home: Home) -> None:
    """What an earlier supervisor left: processes, pid files, credentials, large logs."""
    home.credentials.unlink(missing_ok=True)
    await end_processes(processes_marked(home.mark()), signal.SIGTERM, STOP_S)
    for note in home.run.glob("*.pid"):
        note.unlink()
    home.rotate_logs()


async def _until_stopped(starting: Coroutine[None, None, None], stop: asyncio.Event) -> None:
    """Returns when told to stop, also in mid start; a failed start is raised."""
    start, told = asyncio.create_task(starting), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({start, told}, return_when=asyncio.FIRST_COMPLETED)
        if not told.done():
            await start
            await told
    finally:
        start.cancel()
        told.cancel()
        await asyncio.gather(start, told, return_exceptions=True)


@asynccontextmanager
async def stopped_in_the_end(supervisor: Supervisor) -> AsyncIterator[Supervisor]:
    try:
        yield supervisor
    finally:
        await supervisor.stop()


@contextmanager
def stop_signals() -> Iterator[asyncio.Event]:
    """Set by SIGINT, SIGTERM and a closed terminal."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    numbers = {signal.SIGINT, signal.SIGTERM}
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup
        numbers.add(signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
