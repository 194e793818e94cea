"""The embedded PostgreSQL: its programs from the wheel, its life ours."""

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path

import asyncpg
import psutil

from xencrm.local.errors import LocalRunError
from xencrm.local.files import kept_text
from xencrm.local.leftovers import end_processes, processes_in
from xencrm.local.lock import Lock
from xencrm.local.ports import choose_port, is_free
from xencrm.local.process import Process, until_ended
from xencrm.local.unprivileged import cluster_folder, own_folder, programs_folder, unprivileged_account

USER = "xencrm"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    "wal_buffers": "16MB",
    "min_wal_size": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "log_line_prefix": "%m [%p] %d ",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",  # the details of an error are people's data
    "timezone": "UTC",
    "log_timezone": "UTC",
}
INITDB = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth=scram-sha-256")
READY_TIMEOUT_S = 120.0
FAST_STOP_S = 10.0
ORPHAN_STOP_S = 2.0
# What says "not yet" while the server starts, stops or recovers.
NOT_YET = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


class NotStarted(LocalRunError):
    """The server was asked for what it has only once it was started."""


class EmbeddedPostgres:
    """One cluster under `data_root`, on TCP at 127.0.0.1, with a password and a port that are kept there.

    `start()` also recovers what a kill -9 left behind; only one living object may run a cluster. `taken`:
    ports that are promised to others.
    """

    name = "postgres"

    def __init__(
        self,
        data_root: Path,
        log: Path | None = None,
        *,
        connections: int = 100,
        taken: frozenset[int] = frozenset(),
    ) -> None:
        self._root = data_root.resolve()
        self.log = log or self._root / "postgres.log"
        self._lock = Lock(self._root / "lock", f"the PostgreSQL in {self._root} is run by another process")
        self._settings = {**SETTINGS, "max_connections": str(connections)}
        self._taken = taken
        self._account = unprivileged_account()
        self._process: Process | None = None
        self._cluster: Path | None = None
        self._port: int | None = None

    @property
    def pid(self) -> int:
        """The process id of the server that was started last."""
        if self._process is None:
            raise NotStarted
        return self._process.pid

    @property
    def location(self) -> Path:
        """The folder of the data, which is not always below `data_root`."""
        if self._cluster is None:
            self._make_root()
            self._cluster = cluster_folder(self._root, self._account)
        return self._cluster

    def url(self, database: str) -> str:
        if self._port is None:
            raise NotStarted
        return f"postgresql://{USER}:{self._password()}@127.0.0.1:{self._port}/{database}"

    async def start(self) -> None:
        """Returns when the server takes connections. Raises LocalRunError when it doesn't come up."""
        process = await self.launch()
        deadline = time.monotonic() + READY_TIMEOUT_S
        while not await self.is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise LocalRunError(f"PostgreSQL did not start; its last words are in {self.log}")
            await asyncio.sleep(0.03)

    async def launch(self) -> Process:
        """Starts the server as a child, whatever was left behind before; doesn't wait until it answers."""
        self._make_root()
        self._lock.take()
        await self.end_leftovers()
        if not (self.location / "data").exists():
            await asyncio.to_thread(self._init_cluster)
        self._port = self._port or self._kept_port()
        options = [f"--{name}={value}" for name, value in {**self._settings, "port": str(self._port)}.items()]
        self._process = self._run("postgres", "-D", str(self.location / "data"), *options)
        return self._process

    async def is_ready(self) -> bool:
        try:
            connection = await asyncpg.connect(self.url("postgres"), timeout=5)
        except asyncpg.InvalidPasswordError as error:
            raise LocalRunError(
                f"the password in {self._root / 'password'} is not that of the data"
            ) from error
        except NOT_YET:
            return False
        await connection.close()
        return True

    async def create_database(self, name: str) -> None:
        """Makes the database unless it is there."""
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
                quoted = name.replace('"', '""')
                await connection.execute(f'CREATE DATABASE "{quoted}"')
        finally:
            await connection.close()

    async def stop(self) -> None:
        """A fast shutdown: open transactions are rolled back, everything committed is on disk."""
        if self._process is not None:
            for request in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                if self._process.poll() is None:
                    self._process.send_signal(request)
                if await until_ended(self._process, FAST_STOP_S):
                    break
        self._lock.release()

    def kill(self) -> None:
        """Ends the server at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _make_root(self) -> None:
        """Open for passing through, closed for looking: PostgreSQL's user has to get to its data."""
        if not self._root.exists():
            self._root.mkdir(parents=True)
            self._root.chmod(0o711)

    def _password(self) -> str:
        return kept_text(self._root / "password", secrets.token_hex(16))

    def _kept_port(self) -> int:
        note = self._root / "port"
        port = int(kept_text(note, str(choose_port(self._taken))))
        if port in self._taken or not is_free(port):
            note.unlink()
            port = int(kept_text(note, str(choose_port(self._taken))))
        return port

    def _init_cluster(self) -> None:
        """Into a draft that is renamed when it is whole, so that a kill leaves nothing half made."""
        draft, password = self.location / "data.draft", self.location / "initial-password"
        shutil.rmtree(draft, ignore_errors=True)
        own_folder(draft, self._account)
        try:
            password.touch(0o600)
            password.write_text(self._password())
            if self._account:
                os.chown(password, self._account.uid, self._account.gid)
            arguments = (*INITDB, f"--username={USER}", f"--pwfile={password}", "--no-instructions")
            if self._run("initdb", "-D", str(draft), *arguments).wait():
                raise LocalRunError(f"initdb failed; its last words are in {self.log}")
        finally:
            password.unlink(missing_ok=True)
        draft.rename(self.location / "data")

    def _run(self, program: str, *arguments: str) -> Process:
        """A bare environment: nothing of ours (PGPORT, LANG, secrets) reaches the server."""
        command = [str(programs_folder(self._account) / program), *arguments]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C"},
                start_new_session=True,
                umask=0o077,
                **(self._account.as_popen() if self._account else {}),
            )

    async def end_leftovers(self) -> None:
        """Ends servers of this cluster that outlived their supervisor, and children that outlived the server.

        Ours is what works in our data folder: every PostgreSQL process does. Once none is left,
        a `postmaster.pid` can only name a stranger that has the number now, and may go.
        """
        if not self._root.exists():
            return
        data = (self.location / "data").resolve()
        note = data / "postmaster.pid"
        if not note.exists():
            return
        server = _first_line(note)
        leftovers = processes_in(data, "postgres")
        await end_processes([p for p in leftovers if p.pid == server], signal.SIGINT, FAST_STOP_S)
        await end_processes(leftovers, signal.SIGQUIT, ORPHAN_STOP_S)
        if server is None or psutil.pid_exists(server):
            note.unlink(missing_ok=True)


def _first_line(note: Path) -> int | None:
    try:
        return int(note.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
