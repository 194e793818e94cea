"""Dead letters of both services: events that could not be applied."""

from collections.abc import AsyncIterator
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct

from xencrm.client.errors import NotFound
from xencrm.client.pages import FULL_PAGE, Page, walk
from xencrm.client.transport import Call, Params, Transport


class Service(StrEnum):
    """Whose queue the event was in."""

    INGESTION = "ingestion"
    CAMPAIGNS = "campaigns"


PATHS = {
    Service.INGESTION: "/api/v1/dead-letters",
    Service.CAMPAIGNS: "/api/v1/operations/dead-letters",
}


class DeadLetter(Struct, kw_only=True):
    """`size` of the payload is in bytes."""

    dead_letter_id: str
    event_id: str
    queue: str
    type: str
    subject: str = ""
    reason: str = ""
    failed_at: datetime
    size: int = 0


class OpenedDeadLetter(DeadLetter, kw_only=True, omit_defaults=True):
    """With its payload: an event, or a frame that is none, as text or in base64."""

    event: dict[str, Any] | None = None
    text: str | None = None
    base64: str | None = None


class DeadLetters:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list(
        self,
        service: Service,
        *,
        queue: str | None = None,
        type_: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[DeadLetter]:
        """The last to fail first."""
        params: Params = {"queue": queue, "type": type_, "limit": limit, "cursor": cursor}
        return await self._transport.ask(Call("GET", PATHS[service], params), Page[DeadLetter])

    def all(
        self, service: Service, *, queue: str | None = None, type_: str | None = None
    ) -> AsyncIterator[DeadLetter]:
        return walk(lambda at: self.list(service, queue=queue, type_=type_, limit=FULL_PAGE, cursor=at))

    async def get(self, service: Service, dead_letter_id: str) -> OpenedDeadLetter:
        call = Call("GET", f"{PATHS[service]}/{dead_letter_id}")
        return await self._transport.ask(call, OpenedDeadLetter)

    async def replay(self, service: Service, dead_letter_id: str) -> None:
        """Put the event into its queue again; one that fails again is a new letter. Raises Conflict when its
        queue is no longer there."""
        await self._settle(Call("POST", f"{PATHS[service]}/{dead_letter_id}/replay", repeatable=True))

    async def drop(self, service: Service, dead_letter_id: str) -> None:
        """Give the event up."""
        await self._settle(Call("DELETE", f"{PATHS[service]}/{dead_letter_id}"))

    async def _settle(self, call: Call) -> None:
        """A repeat after a lost answer that finds no letter met the effect of the first call."""
        try:
            await self._transport.send(call)
        except NotFound as error:
            if error.attempts == 1:
                raise
