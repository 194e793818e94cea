"""`/events`: what became of something that was posted."""

from msgspec import Struct

from xencrm.client.transport import Call, Transport


class Queued(Struct):
    """The 202 of a post: durable, not yet applied."""

    event_id: str
    status: str = "queued"


class Event(Struct):
    """`status` is queued, applied, waiting or rejected."""

    event_id: str
    status: str
    reason: str | None = None


class Events:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def get(self, event_id: str) -> Event:
        return await self._transport.ask(Call("GET", f"/api/v1/events/{event_id}"), Event)
