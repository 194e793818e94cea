"""What a launch would do, and test messages."""

from datetime import datetime

from msgspec import Struct


class Sample(Struct, kw_only=True):
    """What one customer would get; `error` instead of texts where they cannot be rendered."""

    customer_id: str
    name: str = ""
    address: str = ""
    subject: str | None = None
    text: str | None = None
    html: str | None = None
    error: str | None = None


class Preflight(Struct, kw_only=True):
    """`count` is audience and hold-out together; `blank`: for how many a variable of the texts is."""

    count: int
    holdout: int
    audience: int
    suppressed: int = 0
    inactive: int = 0
    blank: dict[str, int] = {}
    samples: list[Sample] = []
    plan_token: str = ""
    expires_at: datetime | None = None


class Trial(Struct, kw_only=True):
    """A test message; `outcome` is what the vendor says of it."""

    message_id: str
    address: str
    outcome: str
    name: str = ""
    subject: str | None = None
    text: str = ""
    html: str | None = None
    reason: str | None = None
    vendor_ref: str | None = None
