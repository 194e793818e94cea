"""A vendor's word on a message, on the wire."""

from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from msgspec import Struct

RECEIPT_RECEIVED: Final = "receipt.received.v1"


class Outcome(StrEnum):
    """ACCEPTED: taken, fate unknown. REFUSED: definitely not taken, may be tried again. UNANSWERED: nobody
    knows. SKIPPED: not handed over, for good. BOUNCED: failed, as there is no such address. COMPLAINED:
    delivered, and called spam by its recipient."""

    ACCEPTED = "ACCEPTED"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    REFUSED = "REFUSED"
    UNANSWERED = "UNANSWERED"
    SKIPPED = "SKIPPED"
    BOUNCED = "BOUNCED"
    COMPLAINED = "COMPLAINED"


class ReceiptReceived(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The texts travel with the sender's own receipts, so that the ledger shows what was sent.

    `campaign_month` is known to the sender only; a webhook's receipt is matched by its message id.
    """

    message_id: UUID
    attempt: int
    outcome: Outcome
    vendor: str
    occurred_at: datetime
    reason: str = ""
    vendor_ref: str = ""
    campaign_month: date | None = None
    template_version: int | None = None
    address: str | None = None
    subject: str | None = None
    body: str | None = None
    retry_after_s: float = 0.0
