"""Something to a server that is opened when it is first needed, shared, and opened anew after it was lost."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Generic, TypeVar

from xencrm.kernel.messaging.broker import BrokerUnavailable

T = TypeVar("T")
OPEN_TIMEOUT_S = 5.0
FIRST_PAUSE_S = 0.05
MOST_PAUSE_S = 1.0


class Link(Generic[T]):
    """All callers share one attempt, which goes on when they leave; after a failed attempt the next one
    begins with a pause, so that a server that is away is asked about once a second however many ask."""

    def __init__(
        self,
        open_: Callable[[], Awaitable[T]],
        close: Callable[[T], Awaitable[None]],
        is_open: Callable[[T], bool],
    ) -> None:
        self._open = open_
        self._close = close
        self._is_open = is_open
        self._value: T | None = None
        self._attempt: asyncio.Task[T] | None = None
        self._pause_s = 0.0
        self._closed = False

    async def get(self) -> T:
        """Waits for the attempt under way, if any; its failure is raised as BrokerUnavailable."""
        if self._closed:
            raise BrokerUnavailable("closed")
        if self._value is not None and self._is_open(self._value):
            return self._value
        if self._attempt is None or self._attempt.done():
            self._attempt = leavable(self._try())
        return await asyncio.shield(self._attempt)

    async def close(self) -> None:
        self._closed = True
        if self._attempt is not None:
            self._attempt.cancel()
            await asyncio.wait([self._attempt])
        await self._drop()

    async def _try(self) -> T:
        await self._drop()
        await asyncio.sleep(self._pause_s)
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                self._value = value = await self._open()
        except (BrokerUnavailable, TimeoutError) as error:
            self._pause_s = min(max(self._pause_s * 2, FIRST_PAUSE_S), MOST_PAUSE_S)
            raise BrokerUnavailable(str(error) or "no answer") from error
        self._pause_s = 0.0
        return value

    async def _drop(self) -> None:
        value, self._value = self._value, None
        if value is not None:
            with suppress(BrokerUnavailable, TimeoutError):
                async with asyncio.timeout(OPEN_TIMEOUT_S):
                    await self._close(value)


def leavable(work: Coroutine[None, None, T]) -> asyncio.Task[T]:
    """A task whose waiters (shielded) may leave: a failure that nobody awaits is not reported."""
    task = asyncio.create_task(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task


@contextmanager
def raised_as_unavailable(*errors: type[BaseException]) -> Iterator[None]:
    """Turns what a client library raises for a lost or slow server into BrokerUnavailable.

    A library may also end its pending calls with CancelledError when the connection goes; a cancellation
    that somebody asked for passes.
    """
    try:
        yield
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise BrokerUnavailable("the connection was lost") from error
    except TimeoutError as error:
        raise BrokerUnavailable("no answer in time") from error
    except errors as error:
        raise BrokerUnavailable(str(error) or repr(error)) from error
