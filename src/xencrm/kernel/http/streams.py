"""Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).

A topic is looked at while somebody listens, at most twice a second and once for all who listen. A stream
carries one topic or several; a reader that is slow misses states, never the last one.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from xencrm.kernel.database import described, is_transient
from xencrm.kernel.errors import Unavailable
from xencrm.kernel.http.asking import IsGood, asking
from xencrm.kernel.logging import get_logger
from xencrm.kernel.process import Role

EVENT_STREAM: Final = "text/event-stream"
HEADERS: Final = {"cache-control": "no-store", "x-accel-buffering": "no"}
EVERY_S: Final = 0.5
HEARTBEAT_S: Final = 15.0
RETRY_MS: Final = 2000
# A topic that is over and has not changed for so long is told to have ended.
QUIET_S: Final = 2.0
# Then the reader connects again by itself, with a key that is still good.
MOST_LIFE_S: Final = 900.0
# How often it is asked whether the reader may still read.
GOOD_EVERY_S: Final = 5.0
# How long an answer may take to begin, before its place is given to another.
BEGIN_S: Final = 10.0
MOST_PAUSE_S: Final = 5.0
log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """What a look has seen. `version` differs when there is something to tell; `over`: no more is expected;
    `end` is the data of the last event then."""

    data: bytes
    version: object
    over: bool = False
    end: bytes = b"{}"


@dataclass(frozen=True, slots=True)
class Topic:
    """`key` is the same for all who listen to the same thing, `event` the name of what is told; it is looked
    at every so often, by default every EVERY_S."""

    key: str
    event: str
    look: Callable[[], Awaitable[Told]]
    every_s: float | None = None


class Stream:
    """What one reader has yet to be told: the newest of each topic."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        self.topics = tuple(topics)
        self.began = False
        self._open = {topic.key for topic in topics}
        self._waiting: dict[str, list[bytes]] = {}
        self._wake = asyncio.Event()
        self._is_closed = False

    def tell(self, topic: Topic, frame: bytes) -> None:
        self._waiting[topic.key] = [frame]
        self._wake.set()

    def end(self, topic: Topic, frame: bytes) -> None:
        """Nothing more comes of this topic."""
        self._waiting.setdefault(topic.key, []).append(frame)
        self._open.discard(topic.key)
        self._wake.set()

    def close(self) -> None:
        self._is_closed = True
        self._wake.set()

    async def frames(self) -> AsyncIterator[bytes]:
        """Until all topics have ended, it is closed, or it has lasted for long enough."""
        ends_at = time.monotonic() + MOST_LIFE_S
        yield b"retry: %d\n\n" % RETRY_MS
        while not self._is_closed and time.monotonic() < ends_at:
            yield await self._next()
            if not self._open and not self._waiting:
                return

    async def _next(self) -> bytes:
        """The frames that wait, or a comment after a while without any."""
        try:
            await asyncio.wait_for(self._wake.wait(), HEARTBEAT_S)
        except TimeoutError:
            return b": still here\n\n"
        self._wake.clear()
        waiting, self._waiting = self._waiting, {}
        return b"".join(frame for frames in waiting.values() for frame in frames)


class Hub:
    """The streams of a process, `most` at once, and who listens to what."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._streams: set[Stream] = set()
        self._feeds: dict[str, _Feed] = {}
        self._is_closed = False

    def open(self, *topics: Topic) -> AsyncIterator[bytes]:
        """The bytes of a new stream. Raises Unavailable when there are too many."""
        if self._is_closed or len(self._streams) >= self._most:
            raise Unavailable("There are too many streams open here.", retry_after_s=5)
        stream = Stream(topics)
        reader = asking()
        self._streams.add(stream)
        for topic in topics:
            self._feed(topic).add(stream)
        asyncio.get_running_loop().call_later(BEGIN_S, self._give_up, stream)
        return self._frames(stream, reader.is_good if reader is not None else None)

    def closed_with(self, role: Role) -> Role:
        """The role; when it is asked to stop, all streams end at once."""

        async def closing(stop: asyncio.Event) -> None:
            watching = asyncio.create_task(self._close_after(stop))
            try:
                await role(stop)
            finally:
                watching.cancel()
                self.close()

        return closing

    def close(self) -> None:
        self._is_closed = True
        for stream in list(self._streams):
            stream.close()
        for feed in list(self._feeds.values()):
            feed.stop()

    async def _close_after(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self.close()

    async def _frames(self, stream: Stream, is_good: IsGood | None) -> AsyncIterator[bytes]:
        stream.began = True
        watching = asyncio.create_task(_close_when_bad(stream, is_good)) if is_good is not None else None
        try:
            async for frame in stream.frames():
                yield frame
        finally:
            if watching is not None:
                watching.cancel()
            self._leave(stream)

    def _give_up(self, stream: Stream) -> None:
        if not stream.began:
            self._leave(stream)

    def _leave(self, stream: Stream) -> None:
        self._streams.discard(stream)
        for topic in stream.topics:
            if feed := self._feeds.get(topic.key):
                feed.remove(stream)

    def _feed(self, topic: Topic) -> "_Feed":
        feed = self._feeds.get(topic.key)
        if feed is None:
            feed = self._feeds[topic.key] = _Feed(topic, self._forget)
        return feed

    def _forget(self, feed: "_Feed") -> None:
        if self._feeds.get(feed.topic.key) is feed:
            del self._feeds[feed.topic.key]


async def _close_when_bad(stream: Stream, is_good: IsGood) -> None:
    """A key that was revoked and a session that is over read no further."""
    while True:
        await asyncio.sleep(GOOD_EVERY_S)
        if not await is_good():
            return stream.close()


class _Feed:
    """Looks at a topic for as long as somebody listens and there is something to come."""

    def __init__(self, topic: Topic, forget: Callable[["_Feed"], None]) -> None:
        self.topic = topic
        self._forget = forget
        self._listeners: set[Stream] = set()
        self._told: Told | None = None
        self._task = asyncio.create_task(self._run(), name=f"feed {topic.key}")

    def add(self, stream: Stream) -> None:
        self._listeners.add(stream)
        if self._told is not None:
            stream.tell(self.topic, self._frame(self._told))

    def remove(self, stream: Stream) -> None:
        self._listeners.discard(stream)
        if not self._listeners:
            self.stop()

    def stop(self) -> None:
        self._forget(self)
        self._task.cancel()

    async def _run(self) -> None:
        every_s = self.topic.every_s or EVERY_S
        pause_s, changed_at = every_s, time.monotonic()
        while True:
            try:
                if self._tell(await self.topic.look()):
                    changed_at = time.monotonic()
                pause_s = every_s
            except Exception as error:
                self._report(error)
                pause_s = min(pause_s * 2, MOST_PAUSE_S)
            if self._told is not None and self._told.over and time.monotonic() - changed_at >= QUIET_S:
                return self._end(self._told)
            await asyncio.sleep(pause_s)

    def _tell(self, told: Told) -> bool:
        """Whether there was something new."""
        if self._told is not None and self._told.version == told.version:
            return False
        self._told = told
        for stream in self._listeners:
            stream.tell(self.topic, self._frame(told))
        return True

    def _end(self, told: Told) -> None:
        self._forget(self)
        for stream in self._listeners:
            stream.end(self.topic, b"event: end\ndata: %s\n\n" % told.end)

    def _frame(self, told: Told) -> bytes:
        return b"event: %s\ndata: %s\n\n" % (self.topic.event.encode(), told.data)

    def _report(self, error: Exception) -> None:
        if is_transient(error):
            log.warning("stream.waiting", topic=self.topic.key, reason=described(error))
        else:
            log.exception("stream.failed", topic=self.topic.key)
