"""Vendors over HTTP."""

from typing import Literal

from msgspec import Struct

from xencrm.campaigns.delivery.vendor import ReceiptMode
from xencrm.kernel.http.shapes import Time


class ShownBreaker(Struct):
    """`open`: the vendor is left alone until then, as it failed or asked for it; `half_open`: it failed
    `failures` times in a row, and a few messages will show whether it works again."""

    state: Literal["closed", "open", "half_open"] = "closed"
    failures: int = 0
    until: Time | None = None


class ShownVendor(Struct, kw_only=True):
    """`missing`: the variables that have to be set yet. `receipts`: where its final word comes from.
    `rate_per_s`: most messages a second, null: no limit."""

    name: str
    configured: bool
    missing: list[str]
    idempotent: bool
    receipts: ReceiptMode
    rate_per_s: float | None
    breaker: ShownBreaker


class Vendors(Struct):
    """All that this version knows."""

    items: list[ShownVendor]
