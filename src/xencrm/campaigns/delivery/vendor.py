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
    """One attempt at one message. `key` (`message_id:attempt`) is the idempotency key.

    `headers`: what an e-mail says besides, such as List-Unsubscribe.
    """

    message_id: UUID
    attempt: int
    to: str
    name: str
    subject: str | None
    text: str
    html: str | None = None
    headers: tuple[tuple[str, str], ...] = ()

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
    """The vendor took the message, or looked at it, and says that it will never arrive.

    `bounced`: there is no such address, so that nothing is sent there any more.
    """

    reason: str
    vendor_ref: str = ""
    bounced: bool = False


class Refused(Struct, frozen=True):
    """The vendor definitely did not take the message; another attempt may succeed, `retry_after_s` later.

    `suspicion`: what may be wrong with the vendor as a whole, or our settings, if many are refused so.
    """

    reason: str
    retry_after_s: float = 0.0
    suspicion: str = ""


class Unsent(Struct, frozen=True):
    """The message never left, or was sent back unread; that costs no attempt.

    `pause_s`: how long the vendor wants to be left alone.
    """

    reason: str
    pause_s: float = 0.0


class Unanswered(Struct, frozen=True):
    """Time-out or reset after the message left: the vendor may have taken it."""

    reason: str


Answer = Accepted | Delivered | Failed | Refused | Unsent | Unanswered


class Throttled(Exception):
    """Every message of the call is Unsent (429)."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"throttled for {retry_after_s:g} s")
        self.retry_after_s = retry_after_s


class VendorDown(Exception):
    """Every message of the call is Unsent: connection refused, name not resolved."""


class InDoubt(Exception):
    """Every message of the call is Unanswered: time-out, reset or 5xx after the request left."""


class Vendor(Protocol):
    """`idempotent`: the same key twice is one acceptance and gets the first answer again.

    `max_batch`: messages of one call. `calls_at_once`: calls of a sender that may be under way, if not as
    many as XENCRM_SEND_CONCURRENCY says. Of a vendor that is not idempotent, so many messages of so many
    calls are marked as started at most.
    """

    name: str
    idempotent: bool
    receipts: ReceiptMode
    max_batch: int

    @property
    def calls_at_once(self) -> int | None: ...

    async def send(self, messages: Sequence[Outgoing], *, timeout_s: float) -> list[Answer]:
        """One answer a message, in order, within the time. Raises Throttled, VendorDown, InDoubt."""
        ...

    async def close(self) -> None: ...
