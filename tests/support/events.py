"""Reading server-sent events as a browser does."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.support.service import key_of


@dataclass(frozen=True)
class SentEvent:
    name: str
    data: Any


class Reader:
    """What comes on one stream: events one by one, comments and `retry` aside."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response
        self.comments: list[str] = []
        self.retry_ms: int | None = None

    async def next(self) -> SentEvent | None:
        """None at the end of the stream."""
        name, data = "message", ""
        async for line in self.response.content:
            text = line.decode().rstrip("\n")
            field, _, value = text.partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                data = value
            elif field == "retry":
                self.retry_ms = int(value)
            elif field == "":
                self.comments.append(value) if text else None
                if not text and data:
                    return SentEvent(name, json.loads(data))
        return None

    async def rest(self) -> list[SentEvent]:
        """All that comes until the end."""
        events = []
        while (event := await self.next()) is not None:
            events.append(event)
        return events


@asynccontextmanager
async def reading(
    http: aiohttp.ClientSession, url: str, *, key: str = key_of("viewer")
) -> AsyncIterator[Reader]:
    """An open stream; the answer's status is looked at by whoever wants to."""
    headers = {"Authorization": f"Bearer {key}"}
    timeout = aiohttp.ClientTimeout(total=None, sock_read=60)
    async with http.get(url, headers=headers, timeout=timeout) as response:
        yield Reader(response)
