"""The supervisor with real processes as its parts: what it does when they, or it, come to an end."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.ports import free_port
from xencrm.kernel.secrets import local_api_key
from xencrm.local.home import Home
from xencrm.local.keeper import pause_before
from xencrm.local.leftovers import MARK, processes_marked
from xencrm.local.ports import is_free, kept_ports
from xencrm.local.probe import is_ok

ROOT = Path(__file__).parents[2]


async def eventually(holds: Callable[[], bool], what: str, within_s: float = 60) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.02)


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Run:
    """One `up` over stand-in parts."""

    def __init__(self, home: Path, *names: str, ports: dict[str, int] | None = None) -> None:
        self.home = Home(home)
        self.ports = ports or {name: free_port() for name in names}
        table = [f"{name}={port}" for name, port in self.ports.items()]
        command = [sys.executable, "-m", "tests.support.stand_in_up", str(home), *table]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    async def ready(self) -> "Run":
        await eventually(self.home.credentials.exists, "not ready")
        return self

    def pid(self, name: str) -> int:
        try:
            return int((self.home.run / f"{name}.pid").read_text())
        except FileNotFoundError:
            return 0

    async def says(self, what: str) -> None:
        """Waits until it does."""
        assert self.process.stdout is not None
        while what not in (line := await asyncio.to_thread(self.process.stdout.readline)):
            assert line, f"it never said {what}"

    async def end_by_itself(self) -> str:
        output, _ = await asyncio.to_thread(self.process.communicate, timeout=60)
        return output

    async def end(self, number: signal.Signals = signal.SIGTERM) -> str:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return await self.end_by_itself()

    async def restarted(self, name: str, former: int) -> int:
        await eventually(lambda: self.pid(name) not in {0, former}, f"{name} was not started again")
        return self.pid(name)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Path]:
    """Whatever a test leaves running is ended."""
    path = tmp_path / "home"
    yield path
    if path.exists():
        for process in processes_marked(Home(path).mark()):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


async def test_a_killed_part_comes_back_at_once_on_the_same_port(home: Path) -> None:
    run = await Run(home, "first", "second").ready()
    former = run.pid("second")
    os.kill(former, signal.SIGKILL)
    killed = time.monotonic()
    await run.restarted("second", former)
    assert time.monotonic() - killed < 5
    while not await is_ok(f"http://127.0.0.1:{run.ports['second']}/readyz"):
        assert time.monotonic() - killed < 10
    await run.end()


async def test_a_part_that_ends_by_itself_is_started_again(home: Path) -> None:
    run = await Run(home, "first").ready()
    former = run.pid("first")
    os.kill(former, signal.SIGTERM)
    assert lives(await run.restarted("first", former))
    assert "first ended with exit code 0; starting it again" in await run.end()


async def test_a_part_whose_pid_cannot_be_noted_is_not_left_running(home: Path) -> None:
    run = await Run(home, "first").ready()
    former, notes = run.pid("first"), run.home.run
    aside = notes.rename(notes.with_name("aside"))
    os.kill(former, signal.SIGKILL)
    await run.says("first could not be started")
    aside.rename(notes)
    pid = await run.restarted("first", former)
    assert [process.pid for process in processes_marked(run.home.mark())] == [pid]
    await run.end()


def test_a_part_that_keeps_dying_is_given_longer_and_longer_pauses() -> None:
    pauses = [pause_before(deaths) for deaths in range(1, 12)]
    assert pauses[:2] == [0, 0]
    assert pauses[2:] == sorted(pauses[2:])
    assert pauses[2] > 0
    assert pauses[-1] == 10


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_stops_the_parts_last_started_first(home: Path, number: signal.Signals) -> None:
    run = await Run(home, "first", "second", "third").ready()
    pids = [run.pid(name) for name in run.ports]
    await run.end(number)
    assert run.process.returncode == 0
    assert (home / "order.txt").read_text().split() == ["third", "second", "first"]
    assert not any(lives(pid) for pid in pids)
    assert list(run.home.run.glob("*.pid")) == []


async def test_a_part_that_does_not_stop_is_made_to(home: Path) -> None:
    run = await Run(home, "first", "stubborn").ready()
    pid = run.pid("stubborn")
    began = time.monotonic()
    await run.end()
    assert 9 < time.monotonic() - began < 60
    assert not lives(pid)
    assert (home / "order.txt").read_text().split() == ["first"]


async def test_a_stop_in_mid_start_leaves_nothing_behind(home: Path) -> None:
    run = Run(home, "first", "second")
    await eventually(lambda: run.pid("first") != 0, "nothing was started")
    await run.end()
    assert run.process.returncode == 0
    assert processes_marked(Home(home).mark()) == []


async def test_leftovers_of_a_killed_supervisor_are_ended_by_the_next(home: Path) -> None:
    run = await Run(home, "first", "second").ready()
    left = [run.pid(name) for name in run.ports]
    await run.end(signal.SIGKILL)
    assert all(lives(pid) for pid in left)
    run.home.credentials.unlink()
    again = await Run(home, ports=run.ports).ready()
    assert not any(lives(pid) for pid in left)
    assert all(lives(again.pid(name)) for name in again.ports)
    await again.end()


async def test_leftovers_are_found_without_their_pid_files(home: Path) -> None:
    run = await Run(home, "first").ready()
    left = run.pid("first")
    await run.end(signal.SIGKILL)
    (run.home.run / "first.pid").unlink()
    run.home.credentials.unlink()
    again = await Run(home, "first").ready()
    assert not lives(left)
    await again.end()


async def test_a_stranger_that_has_the_number_of_a_part_now_is_left_alone(home: Path) -> None:
    run = await Run(home, "first").ready()
    mark = run.home.mark()
    await run.end()
    strangers = [sleeping({}), sleeping({MARK: f"{mark}/elsewhere"})]
    (run.home.run / "first.pid").write_text(f"{strangers[0].pid}\n")
    run.home.credentials.unlink()
    again = await Run(home, "first").ready()
    try:
        assert [stranger.poll() for stranger in strangers] == [None, None]
    finally:
        for stranger in strangers:
            stranger.kill()
        await again.end()


def sleeping(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["/bin/sleep", "60"], env=environment)


async def test_a_second_up_on_one_home_is_refused_in_one_line(home: Path) -> None:
    run = await Run(home, "first").ready()
    pid = run.pid("first")
    other = Run(home, "second")
    output = await other.end_by_itself()
    assert output.splitlines() == [f"refused: XenCRM is already running on {home}"]
    assert other.process.returncode == 1
    assert run.pid("first") == pid
    assert run.home.credentials.exists()
    await run.end()


async def test_a_part_that_cannot_start_ends_the_start_and_the_others(home: Path) -> None:
    with listening(free_port()) as taken:
        run = Run(home, ports={"first": free_port(), "late": taken})
        output = await run.end_by_itself()
    assert run.process.returncode == 1
    assert f"refused: late does not start; its last words are in {run.home.log('late')}" in output
    assert "Address already in use" in run.home.log("late").read_text()
    assert (home / "order.txt").read_text().split() == ["first"]


@contextlib.contextmanager
def listening(port: int) -> Iterator[int]:
    """Somebody else on the port, who never answers."""
    with socket.create_server(("127.0.0.1", port)):
        yield port


async def test_credentials_are_for_the_owner_alone_and_are_those_of_this_start(home: Path) -> None:
    run = await Run(home, "first").ready()
    path = run.home.credentials
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text()) == {
        "url": "http://front",
        "api_key": "xk_1_2",
        "sign_in_url": None,
        "simulator_url": "http://simulator",
    }
    await run.end()
    path.write_text("{}")
    again = Run(home, "first")

    def is_renewed() -> bool:
        try:
            return path.read_text() != "{}"
        except FileNotFoundError:
            return True

    await eventually(is_renewed, "old credentials were kept")
    await again.ready()
    assert [name for name in os.listdir(home) if name.startswith(".")] == []
    await again.end()


def test_the_secret_and_the_key_stay_the_same(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.make()
    secret = home.secret()
    assert home.secret() == secret
    assert (home.path / "secret").stat().st_mode & 0o777 == 0o600
    assert local_api_key(secret) == local_api_key(secret)
    prefix, key_id, rest = local_api_key(secret).split("_")
    assert (prefix, len(key_id), len(rest) >= 32) == ("xk", 12, True)


def test_a_port_is_kept_until_somebody_else_has_it(tmp_path: Path) -> None:
    path = tmp_path / "ports.json"
    ports = kept_ports(path, ["one", "two"])
    assert kept_ports(path, ["one", "two"]) == ports
    assert is_free(ports["one"])
    with listening(ports["one"]):
        changed = kept_ports(path, ["one", "two"])
    assert changed["one"] != ports["one"]
    assert changed["two"] == ports["two"]
    assert kept_ports(path, ["one", "two"]) == changed
