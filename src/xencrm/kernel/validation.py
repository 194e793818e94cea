"""Checks of texts, amounts and times that every input shares.

Each returns the value as it is kept, or raises ValueError("field: what is wrong"), which msgspec turns
into a ValidationError when it happens in a Struct's `__post_init__`.
"""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from xencrm.kernel.clock import utc_now

NAME_LENGTH = 255
EMAIL_LENGTH = 254
PHONE_LENGTH = 64
MOST_AMOUNT = Decimal("9999999999.99")
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)

_EMAIL = re.compile(r"[^\s@\"(),:;<>\[\\\]]+@[^\s@\"(),:;<>\[\\\]]+\.[^\s@\"(),:;<>\[\\\].]+")
_CENT = -2


def clean_text(field: str, value: str, length: int) -> str:
    """Trimmed, not empty; before that without control characters and of at most `length` characters."""
    if not value.isprintable() and any(unicodedata.category(char) in ("Cc", "Cs") for char in value):
        raise ValueError(f"{field}: control characters are not allowed")
    if len(value) > length:
        raise ValueError(f"{field}: at most {length} characters")
    value = value.strip()
    if not value:
        raise ValueError(f"{field}: must not be empty")
    return value


def clean_email(field: str, value: str) -> str:
    """Lower-cased; checked for its form only."""
    value = clean_text(field, value, EMAIL_LENGTH).lower()
    if not _EMAIL.fullmatch(value):
        raise ValueError(f"{field}: not an e-mail address")
    return value


def check_amount(field: str, value: Decimal) -> Decimal:
    """Not negative, at most two decimals, at most MOST_AMOUNT."""
    if not value.is_finite() or value < 0:
        raise ValueError(f"{field}: must be an amount of at least 0")
    if value > MOST_AMOUNT:
        raise ValueError(f"{field}: at most {MOST_AMOUNT}")
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < _CENT:
        raise ValueError(f"{field}: at most two decimals")
    return value


def check_time(field: str, value: datetime) -> datetime:
    """With an offset, from 1970 to a day from now."""
    if value.tzinfo is None:
        raise ValueError(f"{field}: needs an offset such as Z or +05:30")
    if not EARLIEST <= value <= utc_now() + timedelta(days=1):
        raise ValueError(f"{field}: must lie between 1970 and tomorrow")
    return value.astimezone(UTC)


def check_text_storable(field: str, value: str) -> str:
    """What PostgreSQL cannot keep is refused."""
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise ValueError(f"{field}: NUL and lone surrogates are not allowed")
    return value
