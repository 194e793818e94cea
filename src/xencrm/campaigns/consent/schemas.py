"""Suppressions over HTTP."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from xencrm.campaigns.consent.model import Reason, Suppression
from xencrm.kernel.errors import FieldError
from xencrm.kernel.http.shapes import Email, Time, text
from xencrm.kernel.validation import check_text_storable, clean_email

MOST_ADDRESSES = 10_000
MOST_BYTES = 4_000_000
NOTE_LENGTH = 1000
Note = Annotated[str, text("asked for it by phone")]


def _one_given(name: str, other: str) -> dict[str, Any]:
    """Of JSON Schema: this field has a value and the other one has none."""
    return {"required": [name], "properties": {name: {"type": "string"}, other: {"type": "null"}}}


class SuppressionInput(Struct, kw_only=True, forbid_unknown_fields=True):
    """What `POST /suppressions` takes: an address, or a customer."""

    email: Annotated[Email | None, Meta(examples=["asha@shop.example"])] = None
    customer_id: Annotated[UUID | None, Meta(examples=[])] = None
    note: Note | None = None
    also_said: ClassVar = {"oneOf": [_one_given("email", "customer_id"), _one_given("customer_id", "email")]}

    def __post_init__(self) -> None:
        if (self.email is None) == (self.customer_id is None):
            raise ValueError("email: this or customer_id, one of them, is needed")
        if self.email is not None:
            self.email = clean_email("email", self.email)
        self.note = _clean_note(self.note)


class SuppressionsInput(Struct, kw_only=True, forbid_unknown_fields=True):
    """What `POST /suppressions/batch` takes: addresses from elsewhere, and why they were suppressed there."""

    emails: Annotated[list[str], Meta(min_length=1, max_length=MOST_ADDRESSES, examples=[["a@shop.example"]])]
    reason: Reason = Reason.MANUAL
    note: Note | None = None

    def __post_init__(self) -> None:
        self.note = _clean_note(self.note)


class RejectedAddress(Struct):
    """An address that was not taken; `index` counts from 0."""

    index: int
    errors: list[FieldError]


class SuppressionsTaken(Struct):
    """`accepted`: addresses that are suppressed now, of which `added` were not before."""

    accepted: int
    added: int
    rejected: list[RejectedAddress]


class ShownSuppression(Struct, kw_only=True):
    """Of an erased person only the hash of the address is left: `email` and `customer_id` are null.

    `campaign_id` and `message_id`: which message the word was on.
    """

    suppression_id: UUID
    reason: Reason
    email: str | None
    customer_id: UUID | None
    campaign_id: UUID | None
    message_id: UUID | None
    note: str | None
    created_by: str
    created_at: Time


def shown_suppression(suppression: Suppression) -> ShownSuppression:
    return ShownSuppression(**msgspec.structs.asdict(suppression))


def cleaned(emails: list[str]) -> tuple[list[str], list[RejectedAddress]]:
    """Those that can be suppressed, each once, and the others with what is wrong."""
    good: dict[str, None] = {}
    bad: list[RejectedAddress] = []
    for index, email in enumerate(emails):
        try:
            good[clean_email("email", email)] = None
        except ValueError as error:
            field, _, message = str(error).partition(": ")
            bad.append(RejectedAddress(index, [FieldError(field, message)]))
    return list(good), bad


def _clean_note(note: str | None) -> str | None:
    if note is None:
        return None
    if not 0 < len(note.strip()) <= NOTE_LENGTH:
        raise ValueError(f"note: 1 to {NOTE_LENGTH} characters")
    return check_text_storable("note", note.strip())
