"""Conditions on `profile_texts`, which its index serves."""

from typing import Final

from sqlalchemy import ColumnElement, Text, collate, func, literal, literal_column, select

from xencrm.campaigns.profiles.tables import customers_mv, profile_texts

_COLLATION: Final = "pg_c_utf8"


def _line(number: int) -> ColumnElement[str]:
    """Of what is searched; written as the indexes on them have it."""
    return func.split_part(profile_texts.c.searched, literal_column(r"E'\n'"), literal_column(str(number)))


NAME_LINE: Final = _line(1)
EMAIL_LINE: Final = _line(2)


def has_text(text: str) -> ColumnElement[bool]:
    """Whether name, e-mail or phone has `text` in it, whatever the case."""
    return profile_texts.c.searched.like(in_lower_case(pattern_of(text)))


def in_lower_case(text: str) -> ColumnElement[str]:
    """As it is searched."""
    return func.lower(collate(literal(text, Text), _COLLATION))


def pattern_of(text: str) -> str:
    """For LIKE: whatever has `text` in it."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def is_told(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Of `customers_mv`: whether `condition` holds for the profile's row of `profile_texts`."""
    return customers_mv.c.customer_id.in_(select(profile_texts.c.customer_id).where(condition))
