"""Bodies of many rows: a JSON array or NDJSON. Good rows go on when others are bad."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from xencrm.ingestion.intake import Asked, Intake, Word
from xencrm.kernel.errors import FieldError, InvalidInput
from xencrm.kernel.http import problems
from xencrm.kernel.http.inputs import media_type
from xencrm.kernel.http.routes import BODY_BYTES, NDJSON

MOST_ROWS = 10_000
MOST_LINES = 2 * MOST_ROWS
ROWS_BETWEEN_PAUSES = 1000

# A list would be built to its end before its length is known; reading this stops at one row too many.
_Rows = msgspec.defstruct(
    "Rows",
    [(f"row_{number}", msgspec.Raw, msgspec.Raw()) for number in range(MOST_ROWS)],
    array_like=True,
    forbid_unknown_fields=True,
)
_rows = msgspec.json.Decoder(_Rows)


class RejectedRow(msgspec.Struct):
    """A row that was not accepted; `index` counts from 0."""

    index: int
    errors: list[FieldError]


class BatchQueued(msgspec.Struct):
    """The answer to a batch."""

    batch_id: UUID
    accepted: int
    rejected: list[RejectedRow]


def split_rows(body: bytes, content_type: str) -> Sequence[bytes | msgspec.Raw]:
    """The rows of a body, undecoded. Raises InvalidInput."""
    if media_type(content_type) == NDJSON:
        rows = _lines(body)
    else:
        rows = [row for row in msgspec.structs.astuple(problems.decode(_rows, body)) if row]
    if not 1 <= len(rows) <= MOST_ROWS:
        raise InvalidInput(errors=[FieldError("body", f"a batch has 1 to {MOST_ROWS} rows")])
    return rows


def _lines(body: bytes) -> list[bytes]:
    """Those that are not blank; of a body of nothing but line ends no list is made."""
    if body.count(b"\n") > MOST_LINES:
        raise InvalidInput(errors=[FieldError("body", f"a batch has at most {MOST_ROWS} rows")])
    return [line for line in body.split(b"\n") if line.strip()]


def _of_length(row: bytes) -> bytes:
    """A row may be no longer than it may be alone. Raises InvalidInput."""
    if len(row) > BODY_BYTES:
        raise InvalidInput(errors=[FieldError("body", f"a row has at most {BODY_BYTES} bytes")])
    return row


async def accept_batch(
    intake: Intake,
    asked: Asked,
    rows: Sequence[bytes | msgspec.Raw],
    decoder: "msgspec.json.Decoder[Any]",
    words: Callable[[Sequence[Any]], Awaitable[Sequence[Word]]],
) -> BatchQueued:
    """Publishes the good rows after all have been read. Raises BrokerUnavailable."""
    good: dict[int, Any] = {}
    rejected: list[RejectedRow] = []
    for index, row in enumerate(rows):
        try:
            good[index] = problems.decode(decoder, _of_length(bytes(row)))
        except InvalidInput as error:
            rejected.append(RejectedRow(index, error.errors))
        if index % ROWS_BETWEEN_PAUSES == 0:
            await asyncio.sleep(0)
    numbered = list(zip(good, await words(list(good.values())), strict=True))
    batch_id = await intake.accept_batch(asked, numbered, [row.index for row in rejected])
    return BatchQueued(batch_id, len(good), rejected)
