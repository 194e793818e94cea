"""Messages and their receipts over HTTP."""

from uuid import UUID

from msgspec import Struct

from xencrm.campaigns.delivery.model import State
from xencrm.campaigns.tracking.schemas import ShownClicks, ShownOpens
from xencrm.kernel.http.shapes import Time


class ShownMessage(Struct, kw_only=True):
    """`name` and `email` are the customer's present ones (null when the profile is gone); `address` is where
    it went. `attempt` is the one that is open, or was the last."""

    message_id: UUID
    campaign_id: UUID
    customer_id: UUID
    name: str | None
    email: str | None
    state: State
    attempt: int
    reason: str | None
    address: str | None
    template_version: int | None
    created_at: Time
    sent_at: Time | None
    settled_at: Time | None


class ShownReceipt(Struct, kw_only=True):
    """A vendor's word on one attempt."""

    receipt_id: UUID
    attempt: int
    outcome: str
    reason: str | None
    vendor: str
    vendor_ref: str | None
    occurred_at: Time
    recorded_at: Time


class MessageInFull(ShownMessage, kw_only=True):
    """A message with what was sent and what came of it, `opens` and `clicks` if the campaign is tracked."""

    vendor: str
    vendor_ref: str | None
    subject: str | None
    body: str | None
    receipts: list[ShownReceipt]
    opens: ShownOpens | None
    clicks: list[ShownClicks]
