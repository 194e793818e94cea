"""An answer that goes on: server-sent events, until the work is done or nobody listens any more."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Final

import msgspec
from msgspec import Struct

from xencrm.kernel.asgi import Header, Send

BEAT_S: Final = 15.0
HEADERS: Final = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
)

# Says what there is to tell, by the name of the event.
Tell = Callable[[str, Struct], None]


async def stream(
    send: Send, headers: list[Header], work: Callable[[Tell], Awaitable[None]], left: Awaitable[None]
) -> None:
    """The work is cancelled when the listener has left, and waited for."""
    frames: asyncio.Queue[bytes] = asyncio.Queue()

    def tell(event: str, body: Struct) -> None:
        frames.put_nowait(b"event: %b\ndata: %b\n\n" % (event.encode(), msgspec.json.encode(body)))

    working = asyncio.create_task(_run(work, tell, frames))
    leaving = asyncio.ensure_future(left)
    leaving.add_done_callback(lambda _: working.cancel())
    try:
        await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS, *headers]})
        async for frame in _frames(frames):
            await send({"type": "http.response.body", "body": frame, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        leaving.cancel()
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working


async def _run(work: Callable[[Tell], Awaitable[None]], tell: Tell, frames: "asyncio.Queue[bytes]") -> None:
    try:
        await work(tell)
    finally:
        frames.put_nowait(b"")


async def _frames(frames: "asyncio.Queue[bytes]") -> AsyncIterator[bytes]:
    """With a comment in silence, so that nothing in between hangs up."""
    while True:
        try:
            async with asyncio.timeout(BEAT_S):
                frame = await frames.get()
        except TimeoutError:
            yield b": still here\n\n"
            continue
        if not frame:
            return
        yield frame
