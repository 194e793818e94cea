"""Many rows in few requests: NDJSON chunks within the contract's limits."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from uuid import uuid4

from msgspec import Struct

from xencrm.client.errors import FieldError
from xencrm.client.transport import NDJSON, Call, Transport, encode

MAX_ROWS = 10_000
MAX_BYTES = 20_000_000

Row = Mapping[str, object] | Struct


class Rejected(Struct, frozen=True):
    """A row that was not taken; `index` counts all rows given, from 0."""

    index: int
    errors: list[FieldError] = []


class BatchAnswer(Struct):
    """What became of one chunk, or (`batch_ids` several) of all."""

    batch_id: str
    accepted: int
    rejected: list[Rejected] = []


class RejectedEvent(Struct, frozen=True):
    """A row that was accepted and could not be applied."""

    index: int
    event_id: str
    reason: str


class Batch(Struct):
    """How far a batch is: `status` is queued, applying or done; `errors` are the first hundred."""

    batch_id: str
    status: str
    rows: int | None = None
    accepted: int | None = None
    errors: list[RejectedEvent] = []
    queued: int = 0
    applied: int = 0
    waiting: int = 0
    rejected: int = 0


class Sent(Struct):
    """The sum over the chunks of one `post_batch`."""

    batch_ids: list[str] = []
    accepted: int = 0
    rejected: list[Rejected] = []

    def add(self, answer: BatchAnswer, offset: int) -> None:
        """Count a chunk whose first row was row `offset`."""
        self.batch_ids.append(answer.batch_id)
        self.accepted += answer.accepted
        self.rejected += [Rejected(offset + row.index, row.errors) for row in answer.rejected]


Progress = Callable[[Sent], None]


def chunks(
    rows: Iterable[Row], max_rows: int = MAX_ROWS, max_bytes: int = MAX_BYTES
) -> Iterator[list[bytes]]:
    """Encoded lines, as many together as the limits allow, in order."""
    lines: list[bytes] = []
    size = 0
    for row in rows:
        line = encode(row) + b"\n"
        if lines and (len(lines) >= max_rows or size + len(line) > max_bytes):
            yield lines
            lines, size = [], 0
        lines.append(line)
        size += len(line)
    if lines:
        yield lines


async def post_chunks(
    transport: Transport,
    path: str,
    rows: Iterable[Row],
    *,
    key: str | None,
    chunk_rows: int,
    progress: Progress | None,
) -> Sent:
    """Send the rows one chunk after the other, so that their order stays. Raises ClientError."""
    sent, offset, key = Sent(), 0, key or uuid4().hex
    for number, lines in zip(count(), chunks(rows, min(chunk_rows, MAX_ROWS)), strict=False):
        call = Call("POST", path, body=b"".join(lines), content_type=NDJSON, key=f"{key}-{number}")
        sent.add(await transport.ask(call, BatchAnswer), offset)
        offset += len(lines)
        if progress:
            progress(sent)
    return sent


class Batches:
    """`/batches`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def get(self, batch_id: str) -> Batch:
        return await self._transport.ask(Call("GET", f"/api/v1/batches/{batch_id}"), Batch)
