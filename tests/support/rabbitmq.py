"""A private RabbitMQ for tests: a plain process on a port and in a folder of its own."""

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import aio_pika
from aio_pika.exceptions import CONNECTION_EXCEPTIONS

from tests.support.debian import ensure_installed
from tests.support.ports import free_port
from xencrm.local.process import until_ended

PROGRAMS = Path("/usr/lib/rabbitmq/bin")
ACCOUNT = "rabbitmq"
START_TIMEOUT_S = 90.0
VHOSTS_AT_ONCE = 10
CONFIGURATION = """\
disk_free_limit.absolute = 50MB
vm_memory_high_watermark.absolute = 1GB
log.file.level = warning
"""
ADD_VHOST = (
    'ok = rabbit_vhost:add(<<"{name}">>, <<"tests">>),'
    "ok = rabbit_auth_backend_internal:set_permissions("
    '<<"guest">>, <<"{name}">>, <<".*">>, <<".*">>, <<".*">>, <<"tests">>)'
)

logging.getLogger("aiormq.connection").setLevel(logging.CRITICAL)  # an error for each try while it starts


class RabbitServer:
    """`kill` and `start` again keep port and data; `stop` removes the data."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="xencrm-test-rabbitmq-"))
        self._port = free_port()
        dist_port = free_port()
        self._node = f"{self._folder.name}@localhost"
        self._process: subprocess.Popen[bytes] | None = None
        self._spare_vhosts: list[str] = []
        self._vhosts_made = 0
        self._environment = _environment(self._folder, self._node, self._port, dist_port)

    @property
    def url(self) -> str:
        """The default virtual host."""
        return f"amqp://guest:guest@127.0.0.1:{self._port}/"

    async def start(self) -> None:
        """Returns when an AMQP connection opens (8 to 12 s); also after a kill."""
        await asyncio.to_thread(_install)
        self._prepare_folder()
        self._process = self._run("rabbitmq-server")
        deadline = time.monotonic() + START_TIMEOUT_S
        while not await self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"RabbitMQ did not start:\n{self._output()}")
            await asyncio.sleep(0.2)

    async def kill(self) -> None:
        """SIGKILL to the server and all its children."""
        await self._end(signal.SIGKILL)

    async def freeze(self) -> None:
        """It keeps its connections and answers nothing, until it is killed."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGSTOP)

    async def restart(self) -> None:
        """A stop in order, then a start."""
        await self._end(signal.SIGTERM)
        await self.start()

    async def stop(self) -> None:
        """Ends the server and removes its data."""
        await self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def fresh_vhost(self) -> str:
        """The URL of a virtual host that nobody has used."""
        if not self._spare_vhosts:
            await self._make_vhosts()
        return self.url + self._spare_vhosts.pop()

    async def control(self, *arguments: str) -> None:
        """Runs `rabbitmqctl` with the arguments. Takes a second or two."""
        process = self._run("rabbitmqctl", "-n", self._node, *arguments)
        if not await until_ended(process, START_TIMEOUT_S) or process.returncode:
            raise RuntimeError(f"rabbitmqctl {arguments[0]} failed:\n{self._output()}")

    async def _make_vhosts(self) -> None:
        first = self._vhosts_made
        self._vhosts_made += VHOSTS_AT_ONCE
        names = [f"v{number}" for number in range(first, self._vhosts_made)]
        await self.control("eval", ",".join(ADD_VHOST.format(name=name) for name in names) + ".")
        self._spare_vhosts = names

    def _prepare_folder(self) -> None:
        (self._folder / "rabbitmq.conf").write_text(CONFIGURATION)
        (self._folder / "enabled_plugins").write_text("[].\n")
        if os.geteuid() == 0:
            for path in (self._folder, *self._folder.glob("*")):
                shutil.chown(path, ACCOUNT, ACCOUNT)

    def _run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        as_account = ("setpriv", "--reuid", ACCOUNT, "--regid", ACCOUNT, "--init-groups")
        prefix = as_account if os.geteuid() == 0 else ()
        with (self._folder / "output.log").open("ab") as output:
            return subprocess.Popen(
                [*prefix, str(PROGRAMS / program), *arguments],
                env=self._environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    async def _is_ready(self) -> bool:
        try:
            async with asyncio.timeout(5), await aio_pika.connect(self.url):
                return True
        except (*CONNECTION_EXCEPTIONS, TimeoutError):
            return False

    async def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, how)
            await until_ended(self._process, START_TIMEOUT_S)
            self._process = None

    def _output(self) -> str:
        return (self._folder / "output.log").read_text(errors="replace")[-2000:]


def _environment(folder: Path, node: str, port: int, dist_port: int) -> dict[str, str]:
    return {
        "PATH": os.defpath + ":/usr/sbin:/sbin",
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": node,
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_DIST_PORT": str(dist_port),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
    }


def _install() -> None:
    ensure_installed(PROGRAMS / "rabbitmq-server", "rabbitmq-server", "RabbitMQ")
