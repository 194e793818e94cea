"""The one port in front, on uvloop in a thread of its own: as it runs in earnest but for the process."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path

import uvloop

from tests.support.ports import free_port
from xencrm.local.front import Front, service_of, upstream
from xencrm.local.front_pages import Pages
from xencrm.local.probe import is_ok
from xencrm.local.web_ui import WebUi


@asynccontextmanager
async def running_front(
    services: Mapping[str, str], credentials: Path, web_ui: WebUi | None = None, *, https: bool = False
) -> AsyncIterator[int]:
    """The port; `services` are base URLs by name. Without a web UI it is as if none was built."""
    port = free_port()
    upstreams = {name: upstream(name, url) for name, url in services.items()}
    pages = Pages(
        services, credentials, service_of, web_ui or WebUi(credentials.parent / "none"), https=https
    )
    told: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        stop = asyncio.Event()
        told.set_result((asyncio.get_running_loop(), stop))
        await Front(upstreams, pages, https=https).serve("127.0.0.1", port, stop)

    serving = asyncio.create_task(asyncio.to_thread(uvloop.run, serve()))
    loop, stop = await asyncio.wrap_future(told)
    while not await is_ok(f"http://127.0.0.1:{port}/healthz"):
        assert not serving.done()
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(stop.set)
        await serving
