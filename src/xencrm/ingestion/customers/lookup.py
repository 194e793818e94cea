"""Customers that orders name: a memory of those that are known, and one look-up for concurrent misses."""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

from xencrm.ingestion.customers import store
from xencrm.kernel.database import Database, Listener
from xencrm.kernel.endurance import keep_going
from xencrm.kernel.errors import Unavailable
from xencrm.kernel.process import wake_or_stop

Key = str | UUID

LOOK_EVERY_S = 0.05
MOST_REMEMBERED = 200_000
MOST_ASKED_AT_ONCE = 1000
MOST_WAITING = 5000
LISTEN_S = 3600.0
ANSWER_S = 1.0  # what a look-up may take beyond the grace


class KnownCustomers:
    """Answers by e-mail or id. Hears within moments of customers who are gone, if `listen` runs."""

    def __init__(self, database: Database, grace_s: float) -> None:
        self._database = database
        self._grace_s = grace_s
        self._known: dict[Key, str] = {}
        self._waiting: dict[Key, tuple[float, asyncio.Future[str | None]]] = {}
        self._task: asyncio.Task[None] | None = None

    async def find_email(self, key: Key) -> str | None:
        """The customer's e-mail. Looks until the grace is over.

        Raises Unavailable when too many wait, TimeoutError when the database does not answer.
        """
        email = self._known.get(key)
        if email is not None:
            return email
        if key not in self._waiting:
            if len(self._waiting) >= MOST_WAITING:
                raise Unavailable("Too many orders wait for their customers.")
            loop = asyncio.get_running_loop()
            self._waiting[key] = (loop.time() + self._grace_s, loop.create_future())
        _, future = self._waiting[key]
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())
        async with asyncio.timeout(self._grace_s + ANSWER_S):
            return await asyncio.shield(future)

    async def find_emails(self, keys: Sequence[Key]) -> Mapping[Key, str]:
        """The e-mails of those that are customers now, in one look-up."""
        return await self._find(keys)

    def forget(self, *keys: Key) -> None:
        """They may have changed."""
        for key in keys:
            self._known.pop(key, None)

    async def listen(self, stop: asyncio.Event) -> None:
        """A role: forgets everything when an address or a customer is gone, which is rare."""

        async def listen() -> None:
            wake = asyncio.Event()
            async with Listener(self._database, store.GONE).session(wake.set) as session:
                self._known.clear()
                while session.alive and not stop.is_set():
                    await wake_or_stop(wake, stop, LISTEN_S)
                    self._known.clear()

        await keep_going(stop, "customers.listen", listen)

    async def _look(self) -> None:
        while self._waiting:
            asked = list(self._waiting)[:MOST_ASKED_AT_ONCE]
            try:
                async with asyncio.timeout(self._grace_s + ANSWER_S):
                    found = await self._find(asked)
            except Exception as error:
                self._fail(asked, error)
                continue
            self._settle(asked, found)
            if self._waiting:
                await asyncio.sleep(LOOK_EVERY_S)

    async def _find(self, keys: Sequence[Key]) -> dict[Key, str]:
        emails = [key for key in keys if isinstance(key, str)]
        ids = [key for key in keys if isinstance(key, UUID)]
        async with self._database.transaction() as tx:
            return await store.find_known(tx, emails, ids)

    def _settle(self, asked: Sequence[Key], found: Mapping[Key, str]) -> None:
        if len(self._known) + len(found) > MOST_REMEMBERED:
            self._known.clear()
        self._known.update(found)
        now = asyncio.get_running_loop().time()
        for key in asked:
            deadline, future = self._waiting[key]
            if key in found or now >= deadline:
                del self._waiting[key]
                if not future.done():
                    future.set_result(found.get(key))
            else:  # those behind get their turn before it is asked for again
                self._waiting[key] = self._waiting.pop(key)

    def _fail(self, asked: Sequence[Key], error: Exception) -> None:
        for key in asked:
            _, future = self._waiting.pop(key)
            if not future.done():
                future.set_exception(error)
                future.exception()
