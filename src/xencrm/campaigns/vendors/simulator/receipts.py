"""The simulator's webhook: is it from the vendor, and what does it say?"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec

from xencrm.campaigns.vendors.simulator import wire
from xencrm.kernel.errors import InvalidInput, Unauthenticated

TIMESTAMP_HEADER = "x-xencrm-timestamp"
SIGNATURE_HEADER = "x-xencrm-signature"
WINDOW_S = 300

_ATTEMPT = re.compile(r"[1-9][0-9]{0,5}")
_receipts = msgspec.json.Decoder(wire.Receipts)


class Unverified(Unauthenticated):
    """Not signed by the vendor, or too long ago, or ahead of its time."""


class VendorReceipt(NamedTuple):
    """The vendor's word on one attempt; `vendor_receipt_id` is the same when the receipt comes again."""

    message_id: UUID
    attempt: int
    outcome: Literal["delivered", "failed"]
    reason: str | None
    vendor_receipt_id: str


def verify(headers: Mapping[str, str], raw_body: bytes, secret: str, now: float) -> None:
    """Checks the HMAC-SHA256 over timestamp, a dot and the raw body. Raises Unverified.

    `now`: seconds since 1970; the timestamp may be WINDOW_S away from it.
    """
    named = {name.lower(): value for name, value in headers.items()}
    timestamp, signature = named.get(TIMESTAMP_HEADER, ""), named.get(SIGNATURE_HEADER, "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
        raise Unverified(f"{TIMESTAMP_HEADER} is not a time in seconds")
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + raw_body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(digest.encode(), signature.lower().encode()):
        raise Unverified("the signature does not fit")
    if abs(now - int(timestamp)) > WINDOW_S:
        raise Unverified(f"signed more than {WINDOW_S} s away from now")


def parse(raw_body: bytes) -> list[VendorReceipt]:
    """The receipts, in order; those whose key is not of our making are left out. Raises InvalidInput."""
    try:
        body = _receipts.decode(raw_body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"no receipts: {error}") from error
    return [read for receipt in body.receipts if (read := _read(receipt)) is not None]


def _read(receipt: wire.Receipt) -> VendorReceipt | None:
    message, _, attempt = receipt.idempotency_key.rpartition(":")
    if not _ATTEMPT.fullmatch(attempt):
        return None
    try:
        message_id = UUID(message)
    except ValueError:
        return None
    return VendorReceipt(message_id, int(attempt), receipt.status, receipt.reason, receipt.receipt_id)
