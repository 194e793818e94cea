"""What delivery needs of a vendor. One folder a vendor in `campaigns/vendors/`."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from msgspec import Struct


class ReceiptMode(StrEnum):
    """Where a vendor's word on the final fate of an accepted message comes from."""

    ANSWER = "answer"
    WEBHOOK = "webhook"
    NONE = "none"


class Outgoing(Struct, frozen=True):
    """One attempt at one message. `key` (`message_id:attempt`) is the idempotency key."""

    message_id: UUID
    attempt: int
    to: str
    name: str
    subject: str | None
    text: str
    html: str | None = None

    @property
    def key(self) -> str:
        return f"{self.message_id}:{self.attempt}"


class Accepted(Struct, frozen=True):
    """The vendor took the message; its fate comes later (or never, see ReceiptMode)."""

    vendor_ref: str = ""


class Delivered(Struct, frozen=True):
    """The vendor took the message and has delivered it."""

    vendor_ref: str = ""


class Failed(Struct, frozen=True):
    """The vendor took the message, or looked at it, and says that it will never arrive."""

    reason: str
    vendor_ref: str = ""


class Refused(Struct, frozen=True):
    """The vendor definitely did not take the message; another attempt may succeed."""

    reason: str


Answer = Accepted | Delivered | Failed | Refused


class Throttled(Exception):
    """The vendor took nothing of the call (429); costs no attempt."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"throttled for {retry_after_s:g} s")
        self.retry_after_s = retry_after_s


class VendorDown(Exception):
    """The call never left (connection refused, name not resolved): nothing was taken."""


class InDoubt(Exception):
    """Time-out, reset or 5xx after the request left: the vendor may have taken any of it."""


class Vendor(Protocol):
    """`idempotent`: the same key twice is one acceptance and gets the first answer again."""

    name: str
    idempotent: bool
    receipts: ReceiptMode
    max_batch: int

    async def send(self, messages: Sequence[Outgoing], *, timeout_s: float) -> list[Answer]:
        """One answer a message, in order. Raises Throttled, VendorDown, InDoubt: each of the whole call."""
        ...

    async def close(self) -> None: ...
