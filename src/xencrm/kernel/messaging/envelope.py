"""Events on the wire: CloudEvents 1.0, JSON batch format (https://github.com/cloudevents/spec).

One frame is one `application/cloudevents-batch+json` document of at most MAX_EVENTS events and MAX_BYTES.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

CONTENT_TYPE = "application/cloudevents-batch+json"
MAX_EVENTS = 500
MAX_BYTES = 1_000_000


class Event(
    msgspec.Struct, tag_field="specversion", tag="1.0", frozen=True, kw_only=True, omit_defaults=True
):
    """A past-tense fact or a request. `time` is when it was accepted, `subject` what it is about.

    CloudEvents extension attributes: `correlationid`, the request that began it all, and `principal`, who
    asked; `partitionkey`, by which queues are chosen where it is not the subject; `traceparent`, the span
    that caused it (W3C Trace Context).
    """

    id: UUID
    type: str
    source: str
    subject: str
    time: datetime
    data: msgspec.Raw
    correlationid: str = ""
    principal: str = ""
    partitionkey: str = ""
    traceparent: str = ""


class FrameError(ValueError):
    """A frame that is no batch of events."""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(list[Event])


def encode_data(value: Any) -> msgspec.Raw:
    """An event's body, encoded once."""
    return msgspec.Raw(_encoder.encode(value))


def encode_frame(events: Sequence[Event]) -> bytes:
    return _encoder.encode(events)


def encode_event(event: Event) -> bytes:
    return _encoder.encode(event)


def join_events(encoded: Iterable[bytes]) -> bytes:
    """A frame out of events that are encoded already."""
    return b"[" + b",".join(encoded) + b"]"


def split_frames(encoded: Sequence[bytes]) -> list[list[bytes]]:
    """The events of each frame, in order and within the limits; one larger than MAX_BYTES stands alone."""
    chunks: list[list[bytes]] = []
    chunk: list[bytes] = []
    size = 2
    for event in encoded:
        if chunk and (len(chunk) == MAX_EVENTS or size + len(event) + 1 > MAX_BYTES):
            chunks.append(chunk)
            chunk, size = [], 2
        chunk.append(event)
        size += len(event) + 1
    if chunk:
        chunks.append(chunk)
    return chunks


def decode_frame(body: bytes) -> list[Event]:
    """Raises FrameError."""
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FrameError(str(error)) from error
