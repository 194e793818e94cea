"""Identifiers: UUIDv7 for what is new, UUIDv5 for what is derived, and event ids that prove their origin.

An event id is a UUIDv7 or UUIDv5 whose last 32 bits are a keyed hash of the first 96: an id that this
installation never gave out is recognised without a look-up.
"""

import hashlib
import hmac
import random
import time
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from uuid import UUID, uuid5

NAMESPACE = UUID("6f1c3a52-6b0c-5d0e-9a55-7c1f2c9be5a1")
_TAG_BYTES = 4
_EPOCH = date(1970, 1, 1).toordinal()
_DAY_MS = 86_400_000
_MOST_ROW = (1 << 14) - 1


def _uuid7_bytes() -> bytearray:
    nanoseconds = time.time_ns()
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    raw = bytearray(milliseconds.to_bytes(6, "big") + b"\0\0" + random.randbytes(8))
    fraction = rest * 4096 // 1_000_000
    raw[6] = 0x70 | fraction >> 8
    raw[7] = fraction & 0xFF
    raw[8] = 0x80 | raw[8] & 0x3F
    return raw


def uuid7() -> UUID:
    """A time-ordered id (RFC 9562, method 3: twelve bits of sub-millisecond time). Unique, not secret."""
    return UUID(bytes=bytes(_uuid7_bytes()))


def day_of(event_id: UUID, otherwise: datetime) -> date:
    """The UTC day that is fixed in a UUIDv7; for other ids the day of `otherwise`.

    Raises ValueError for a day after the calendar's end.
    """
    number = event_id.int
    if number >> 76 & 0xF == 7 and number >> 62 & 3 == 2:  # version and variant, asked of every event
        return date.fromordinal(_EPOCH + (number >> 80) // _DAY_MS)
    return otherwise.astimezone(UTC).date()


def _of_its_time(batch_id: UUID) -> Callable[[int], bytes]:
    """The first 96 bits of a row's id, with 42 bits that say which batch and which row of it."""
    seed = int.from_bytes(hashlib.blake2s(batch_id.bytes, digest_size=6).digest(), "big") >> 6
    time_ms, batch = batch_id.bytes[:6], seed & ~_MOST_ROW

    def head_of(row: int) -> bytes:
        place = batch | row
        fraction = 0x7000 | place >> 30
        return time_ms + (fraction << 32 | 0x80000000 | place & 0x3FFFFFFF).to_bytes(6, "big")

    return head_of


def _derived(batch_id: UUID) -> Callable[[int], bytes]:
    """The first 96 bits of the UUIDv5 of a batch and a row."""
    batch = hashlib.sha1(NAMESPACE.bytes + f"{batch_id}\n".encode(), usedforsecurity=False)

    def head_of(row: int) -> bytes:
        digest = batch.copy()
        digest.update(b"%d" % row)
        raw = bytearray(digest.digest()[:12])
        raw[6] = 0x50 | raw[6] & 0x0F
        raw[8] = 0x80 | raw[8] & 0x3F
        return bytes(raw)

    return head_of


class EventIds:
    """Gives out event ids and recognises them."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.blake2s(secret.encode(), person=b"event-id").digest()

    def new(self) -> UUID:
        return self._tagged(bytes(_uuid7_bytes()[:-_TAG_BYTES]))

    def derive(self, principal: str, route: str, key: str) -> UUID:
        """The same id for the same (principal, route, idempotency key)."""
        return self._tagged(uuid5(NAMESPACE, f"{principal}\n{route}\n{key}").bytes[:-_TAG_BYTES])

    def of_rows(self, batch_id: UUID, rows: Iterable[int]) -> list[UUID]:
        """The ids of rows' events: derived from a derived batch id, of the batch's time otherwise."""
        head_of = _of_its_time(batch_id) if batch_id.version == 7 else _derived(batch_id)
        return [self._tagged(head_of(row)) for row in rows]

    def is_ours(self, event_id: UUID) -> bool:
        raw = event_id.bytes
        return hmac.compare_digest(self._tag(raw[:-_TAG_BYTES]), raw[-_TAG_BYTES:])

    def _tagged(self, head: bytes) -> UUID:
        """Of the first 96 bits."""
        return UUID(bytes=head + self._tag(head))

    def _tag(self, head: bytes) -> bytes:
        return hashlib.blake2s(head, key=self._key, digest_size=_TAG_BYTES).digest()
