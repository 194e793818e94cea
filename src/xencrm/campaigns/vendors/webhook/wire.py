"""What is posted to the webhook, and what it may answer."""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct

from xencrm.campaigns.vendors.signed_receipts import Reason


class Message(Struct, omit_defaults=True, gc=False):
    """One attempt at one message; the same key twice is the same attempt. `headers`: of an e-mail."""

    idempotency_key: str
    to: str
    name: str
    text: str
    subject: str | None = None
    html: str | None = None
    headers: Mapping[str, str] = {}


class Answer(Struct, gc=False):
    """Left out, everything is as in an answer without a body: the message was taken."""

    status: Literal["accepted", "delivered", "failed", "bounced", "refused"] = "accepted"
    reason: Reason | None = None
    vendor_ref: Annotated[str, Meta(max_length=255)] = ""
