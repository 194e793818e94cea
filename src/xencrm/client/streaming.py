"""Server-sent events, from a stream that is opened again when it is lost."""

import time
from collections.abc import AsyncIterator

from msgspec import Struct

from xencrm.client.errors import ClientError, ConnectionLost
from xencrm.client.transport import Call, Transport


class Event(Struct, frozen=True):
    name: str
    data: bytes


async def follow(transport: Transport, call: Call) -> AsyncIterator[Event]:
    """Without end: whoever reads knows which event is the last. Raises ClientError when it stays away."""
    began, attempt = time.monotonic(), 1
    while True:
        try:
            async with transport.streaming(call) as lines:
                async for event in events_of(lines):
                    yield event
                    began, attempt = time.monotonic(), 1
            raise ConnectionLost("the stream ended", sent=True)
        except ClientError as error:
            if not transport.may_repeat(error, began):
                raise
            await transport.pause(error, attempt)
            attempt += 1


async def events_of(lines: AsyncIterator[bytes]) -> AsyncIterator[Event]:
    """What is no event (comments, `retry`) is left out, as is an event that is cut off."""
    name, data = "message", b""
    async for line in lines:
        field, _, value = line.rstrip(b"\r\n").partition(b":")
        if field == b"event":
            name = value.strip().decode()
        elif field == b"data":
            data += value.strip()
        elif not field and not value:
            if data:
                yield Event(name, data)
            name, data = "message", b""
