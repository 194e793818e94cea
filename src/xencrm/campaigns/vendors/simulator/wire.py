"""What the vendor simulator's HTTP API says."""

from typing import Literal

from msgspec import Struct

Reason = Literal[
    "INVALID_EMAIL",
    "EMAIL_BOUNCED",
    "SPAM_DETECTED",
    "RATE_LIMITED",
    "TEMPORARY_FAILURE",
    "QUOTA_EXCEEDED",
]
RETRYABLE: frozenset[str] = frozenset({"RATE_LIMITED", "TEMPORARY_FAILURE", "QUOTA_EXCEEDED"})


class Message(Struct, omit_defaults=True, gc=False):
    idempotency_key: str
    to: str
    text: str
    subject: str | None = None
    html: str | None = None


class Batch(Struct):
    messages: list[Message]


class Answer(Struct, gc=False):
    idempotency_key: str
    status: Literal["accepted", "delivered", "failed"]
    vendor_ref: str
    reason: Reason | None = None


class Answers(Struct):
    answers: list[Answer]


class Problem(Struct):
    """`taken` is 0 where the vendor promises that it took nothing of the call."""

    taken: int | None = None
    detail: str = ""
