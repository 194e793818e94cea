"""The header Retry-After (RFC 9110): seconds, or a date."""

from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

DEFAULT_S: Final = 1.0


def retry_after_s(value: str, now: datetime) -> float:
    """At least a moment; DEFAULT_S where the header says nothing that can be read."""
    if value.isascii() and value.isdigit():
        return max(float(value), 0.1)
    try:
        return max((parsedate_to_datetime(value) - now).total_seconds(), 0.1)
    except (ValueError, TypeError):
        return DEFAULT_S
