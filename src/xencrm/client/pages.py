"""Keyset pages: one at a time, or all of them as one stream."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")

FULL_PAGE = 1000


class Page(Struct, Generic[T]):
    items: list[T]
    next_cursor: str | None = None


async def walk(fetch: Callable[[str | None], Awaitable[Page[T]]]) -> AsyncIterator[T]:
    """Every item of every page; `fetch` takes the cursor, None for the first page."""
    cursor: str | None = None
    while True:
        page = await fetch(cursor)
        for item in page.items:
            yield item
        cursor = page.next_cursor
        if cursor is None:
            return
