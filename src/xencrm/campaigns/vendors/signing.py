"""Bodies signed with a shared secret: HMAC-SHA256 over the time, a dot and the raw body."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from xencrm.kernel.errors import Unauthenticated

TIMESTAMP_HEADER: Final = "X-XenCRM-Timestamp"
SIGNATURE_HEADER: Final = "X-XenCRM-Signature"
WINDOW_S: Final = 300


class Unverified(Unauthenticated):
    """Not signed with the secret, or too long ago, or ahead of its time."""


def signed(raw_body: bytes, secret: str, now: float) -> dict[str, str]:
    """The headers that say when and by whom the body was made; `now`: seconds since 1970."""
    timestamp = str(int(now))
    return {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: _digest(timestamp, raw_body, secret)}


def verify(headers: Mapping[str, str], raw_body: bytes, secret: str, now: float) -> None:
    """The time may be WINDOW_S away from now. Raises Unverified."""
    named = {name.lower(): value for name, value in headers.items()}
    timestamp = named.get(TIMESTAMP_HEADER.lower(), "")
    signature = named.get(SIGNATURE_HEADER.lower(), "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
        raise Unverified(f"{TIMESTAMP_HEADER} is not a time in seconds")
    if not hmac.compare_digest(_digest(timestamp, raw_body, secret).encode(), signature.lower().encode()):
        raise Unverified("the signature does not fit")
    if abs(now - int(timestamp)) > WINDOW_S:
        raise Unverified(f"signed more than {WINDOW_S} s away from now")


def _digest(timestamp: str, raw_body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + raw_body, hashlib.sha256).hexdigest()
