"""`python -m xencrm.local.front`: the one port in front of the services."""

import asyncio
import signal
import sys
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path
from urllib.parse import urlsplit

import uvloop

from xencrm.kernel.logging import configure_logging
from xencrm.kernel.process import log_tasks
from xencrm.kernel.settings import Settings
from xencrm.local.front_pages import Pages
from xencrm.local.proxy.downstream import ClientConnection, Handler
from xencrm.local.proxy.upstream import Upstream
from xencrm.local.web_ui import WebUi, built_into_package, secured

API = "/api/v1/"
MCP = ("/mcp", "/mcp/")
ASSISTANT = "/assistant/"
OF_CAMPAIGNS = ("/c/", "/o/", "/u/", "/auth/")  # links in messages, and signing in
OF_INGESTION = frozenset(
    {
        "customers",
        "orders",
        "waiting-orders",
        "batches",
        "events",
        "imports",
        "dead-letters",
        "ingestion",
        "sample-data",
    }
)
# The policy of problems, which are no pages.
NOTHING = b"default-src 'none'; frame-ancestors 'none'"
IDLE_S = 75.0
FINISH_S = 3.0


def service_of(path: str) -> str | None:
    """The name of the part that answers a path, if it is not one of the front's own."""
    if path.startswith(OF_CAMPAIGNS):
        return "campaigns"
    if path in MCP:
        return "mcp"
    if path.startswith(ASSISTANT):
        return "assistant"
    if not path.startswith(API):
        return None
    return "ingestion" if path.removeprefix(API).partition("/")[0] in OF_INGESTION else "campaigns"


class Front:
    """Listens, passes requests on, and answers a few pages itself."""

    def __init__(self, services: dict[str, Upstream], pages: Pages, *, https: bool = False) -> None:
        self._services = services
        self._pages = pages
        self._protecting = secured(NOTHING, https=https)
        self._connections: set[ClientConnection] = set()

    def route(self, path: str) -> Upstream | Handler:
        return self._services.get(service_of(path) or "") or self._pages.handler(path)

    async def serve(self, host: str, port: int, stop: asyncio.Event) -> None:
        """Until the stop; then requests under way have a moment to be answered."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._connection, host, port, backlog=1024, reuse_address=True)
        sweeping = asyncio.create_task(self._sweep())
        await stop.wait()
        server.close()
        sweeping.cancel()
        await self._finish()

    def _connection(self) -> ClientConnection:
        return ClientConnection(self.route, self._connections, self._protecting)

    async def _sweep(self) -> None:
        """Hangs up on clients that keep a connection and send nothing."""
        while True:
            await asyncio.sleep(5)
            before = time.monotonic() - IDLE_S
            for connection in list(self._connections):
                if not connection.is_busy and connection.last_active < before:
                    connection.close()

    async def _finish(self) -> None:
        deadline = time.monotonic() + FINISH_S
        while any(connection.is_busy for connection in self._connections):
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(0.02)
        for connection in list(self._connections):
            connection.close()


def parse_arguments(arguments: list[str]) -> Namespace:
    parser = ArgumentParser(prog="xencrm.local.front", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--credentials", type=Path, required=True, help="ready only when this file is there")
    parser.add_argument("--ingestion", required=True, help="base URL of the service")
    parser.add_argument("--campaigns", required=True, help="base URL of the service")
    parser.add_argument("--mcp", help="base URL of the MCP server")
    parser.add_argument("--assistant", help="base URL of the assistant")
    parser.add_argument("--simulator", help="base URL, asked only whether it is ready")
    return parser.parse_args(arguments)


def upstream(name: str, url: str) -> Upstream:
    where = urlsplit(url)
    return Upstream(name, where.hostname or "127.0.0.1", where.port or 80)


async def run(chosen: Namespace, *, https: bool) -> None:
    names = ("ingestion", "campaigns", "mcp", "assistant", "simulator")
    parts = {name: url for name in names if (url := getattr(chosen, name))}
    services = {name: upstream(name, url) for name, url in parts.items() if name != "simulator"}
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, log_tasks)
    pages = Pages(
        parts, chosen.credentials, service_of, WebUi(built_into_package(), https=https), https=https
    )
    await Front(services, pages, https=https).serve(chosen.host, chosen.port, stop)


def main() -> int:
    chosen = parse_arguments(sys.argv[1:])
    settings = Settings()
    configure_logging(settings, "front")
    uvloop.run(run(chosen, https=(settings.public_url or "").startswith("https://")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
