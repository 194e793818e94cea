"""What the services would refuse anyway, said before somebody is asked to approve it.

Each raises ValueError("field: what is wrong").
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from xencrm.kernel.validation import (
    NAME_LENGTH,
    check_amount,
    check_text_storable,
    check_time,
    clean_text,
)

DESCRIPTION_LENGTH: Final = 2000
SUBJECT_LENGTH: Final = 255
ORDER_ID_LENGTH: Final = 128
MOST_ITEMS: Final = 1000
MOST_VISITS: Final = 1_000_000_000
_KEY_LENGTH: Final = 64
_TEXT_LENGTH: Final = 10_000
_MOST_ATTRIBUTES: Final = 100
_NUMBERS_END: Final = 2**53


def check_name(text: str) -> None:
    clean_text("name", text, NAME_LENGTH)


def check_template(field: str, text: str) -> None:
    if not text.strip():
        raise ValueError(f"{field}: must not be empty")
    check_text_storable(field, text)


def check_given_amount(field: str, amount: float | str) -> None:
    try:
        check_amount(field, Decimal(str(amount)))
    except InvalidOperation as error:
        raise ValueError(f"{field}: is not an amount") from error


def check_moment(field: str, text: str) -> None:
    """One without an offset may be of any time zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{field}: is neither a time nor a day") from error
    check_time(field, moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def check_attributes(attributes: Mapping[str, Any]) -> None:
    if len(attributes) > _MOST_ATTRIBUTES:
        raise ValueError(f"attributes: at most {_MOST_ATTRIBUTES}")
    for key, value in attributes.items():
        if clean_text("attributes", key, _KEY_LENGTH) != key:
            raise ValueError("attributes: a key must not begin or end with a space")
        if isinstance(value, str):
            if len(value) > _TEXT_LENGTH:
                raise ValueError(f"attributes: a text has at most {_TEXT_LENGTH} characters")
            check_text_storable("attributes", value)
        elif isinstance(value, int | float) and abs(value) > _NUMBERS_END:
            raise ValueError("attributes: a number lies between -2^53 and 2^53")


def check_items(items: list[Any]) -> None:
    if len(items) > MOST_ITEMS:
        raise ValueError(f"items: at most {MOST_ITEMS}")
    if b"\\u0000" in msgspec.json.encode(items):
        raise ValueError("items: NUL is not allowed")
