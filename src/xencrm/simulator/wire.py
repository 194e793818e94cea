"""The shapes of the HTTP API and of the webhook."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from xencrm.simulator.outcomes import Status

MAX_BATCH = 1000
MAX_PAGE = 1000

Key = Annotated[str, Meta(pattern=r"^[!-9;-~][!-~]{0,254}$")]
Line = Annotated[str, Meta(max_length=998)]


class Message(Struct, forbid_unknown_fields=True, gc=False):
    """One hand-over. The key's part before its last colon names the message, the rest the attempt."""

    idempotency_key: Key
    to: Annotated[str, Meta(min_length=1, max_length=320)]
    text: str
    subject: Line | None = None
    html: str | None = None
    metadata: dict[str, Any] | None = None


class Batch(Struct, forbid_unknown_fields=True):
    messages: Annotated[list[Message], Meta(min_length=1, max_length=MAX_BATCH)]


class Answer(Struct, gc=False):
    """`reason` only where failed; `vendor_ref` is the same for the same key, always."""

    idempotency_key: str
    status: Status
    reason: str | None
    vendor_ref: str


class Answers(Struct):
    answers: list[Answer]


class Stats(Struct):
    accepted: int
    unique_accepted: int
    delivered: int
    failed: int
    duplicates_refused: int


class AcceptedMessage(Struct, gc=False):
    message_id: str
    accepted: int


class AcceptedPage(Struct):
    items: list[AcceptedMessage]
    next_cursor: str | None


class Receipt(Struct, gc=False):
    """`receipt_id` is the same each time the receipt is sent; `occurred_at` in RFC 3339."""

    receipt_id: str
    idempotency_key: str
    status: Status
    reason: str | None
    occurred_at: str


class Receipts(Struct):
    receipts: list[Receipt]
