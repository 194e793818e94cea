"""How much of texts a sender has at hand for one vendor, from composing until the end of the call."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

MOST_BYTES: Final = 8_000_000


class Room:
    """Once it is full nothing more is composed until a call ends; what is begun last goes beyond it by one
    message at most."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._taken = 0
        self._freed = asyncio.Event()

    @property
    def is_full(self) -> bool:
        return self._taken >= self._most

    @contextmanager
    def share(self) -> Iterator["Share"]:
        """What one call takes, given back at the end."""
        share = Share(self)
        try:
            yield share
        finally:
            self.move(-share.taken)

    def move(self, size: int) -> None:
        self._taken += size
        self._freed.set()

    async def wait(self) -> None:
        while self.is_full:
            self._freed.clear()
            await self._freed.wait()


class Share:
    """Of a room, for the texts of one call."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.taken = 0

    @property
    def is_full(self) -> bool:
        return self._room.is_full

    async def wait(self) -> None:
        """Until something more may be composed."""
        await self._room.wait()

    def take(self, size: int) -> None:
        self.taken += size
        self._room.move(size)
