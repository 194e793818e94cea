"""`/conversation`: what the assistant keeps of what it and whoever asks have said."""

from msgspec import Struct

from xencrm.client.transport import Call, Transport, encode

PATH = "/api/v1/conversation"


class KeptConversation(Struct):
    """`version` 0 and no content where there is none."""

    version: int
    content: str


class Conversation:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def get(self) -> KeptConversation:
        return await self._transport.ask(Call("GET", PATH), KeptConversation)

    async def keep(self, version: int, content: str) -> None:
        """`version`: one more than the last. Raises Conflict when that is not the last any more."""
        body = encode({"version": version, "content": content})
        await self._transport.send(Call("PUT", PATH, body=body))

    async def drop(self) -> None:
        await self._transport.send(Call("DELETE", PATH))
