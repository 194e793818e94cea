"""Receipts that a vendor posts to us, signed: are they from the vendor, and what do they say?"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from xencrm.campaigns.vendors.signing import verify
from xencrm.contracts.receipts import Outcome, ReceiptReceived
from xencrm.kernel.errors import InvalidInput

_ATTEMPT = re.compile(r"[1-9][0-9]{0,4}")
_OUTCOMES: Final = {
    "delivered": Outcome.DELIVERED,
    "failed": Outcome.FAILED,
    "bounced": Outcome.BOUNCED,
    "complained": Outcome.COMPLAINED,
}

Reason = Annotated[str, Meta(pattern="^[A-Z][A-Z0-9_]{0,63}$")]


class VendorReceipt(Struct, gc=False):
    """The vendor's word on one attempt; `receipt_id` is the same when the receipt comes again.

    bounced: there is no such address. complained: the recipient calls the message spam.
    """

    receipt_id: Annotated[str, Meta(max_length=255)]
    idempotency_key: str
    status: Literal["delivered", "failed", "bounced", "complained"]
    reason: Reason | None = None


class VendorReceipts(Struct):
    receipts: list[VendorReceipt]


_receipts = msgspec.json.Decoder(VendorReceipts)


class SignedReceipts:
    """Reads what a vendor posts to `/vendors/{vendor}/receipts`."""

    def __init__(self, vendor: str, secret: str) -> None:
        self._vendor = vendor
        self._secret = secret

    def read(
        self, headers: Mapping[str, str], body: bytes, now_s: float
    ) -> Sequence[tuple[str, ReceiptReceived]]:
        """In order; those whose key is not of our making are left out. Raises Unverified, InvalidInput."""
        verify(headers, body, self._secret, now_s)
        now = datetime.fromtimestamp(now_s, UTC)
        read = [(receipt, read_key(receipt.idempotency_key)) for receipt in _decoded(body)]
        return [
            (
                receipt.receipt_id,
                ReceiptReceived(
                    message_id=key[0],
                    attempt=key[1],
                    outcome=_OUTCOMES[receipt.status],
                    vendor=self._vendor,
                    occurred_at=now,
                    reason=receipt.reason or "",
                ),
            )
            for receipt, key in read
            if key is not None
        ]


def read_key(key: str) -> tuple[UUID, int] | None:
    """Message and attempt of an idempotency key; None when it is not of our making."""
    message, _, attempt = key.rpartition(":")
    if not _ATTEMPT.fullmatch(attempt):
        return None
    try:
        return UUID(message), int(attempt)
    except ValueError:
        return None


def _decoded(body: bytes) -> list[VendorReceipt]:
    try:
        return _receipts.decode(body).receipts
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"no receipts: {error}") from error
