"""Reading the value of a condition: JSON of one kind or another becomes what it is compared as.

Readers of one value raise ValueError with a message for the person who wrote it.
- Numbers: JSON numbers, or text such as "12.50"; finite, below 10^15, at most 20 decimals.
- Dates: RFC 3339 (a time without an offset is UTC), or YYYY-MM-DD, which means that whole UTC day.
- Text: what PostgreSQL can store, as it stands.
- Attributes: a JSON number is a number, true/false a boolean, text is text even when it looks like a number.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal

from xencrm.campaigns.segments.fields import TEXT_ONLY_OPERATORS, Field, Kind
from xencrm.campaigns.segments.rules import Moment, Operator, Scalar, Value
from xencrm.kernel.errors import FieldError

MAX_VALUES = 10_000
_MAX_NUMBER = Decimal(10) ** 15
_MAX_DECIMALS = 20

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)
_COMMA = re.compile(r"(?<!\\),")

_PAIR_OPERATORS = (Operator.BETWEEN, Operator.NOT_BETWEEN)
_LIST_OPERATORS = (Operator.IN, Operator.NOT_IN)
_EQUALITY_OPERATORS = (Operator.EQUAL, Operator.NOT_EQUAL, *_LIST_OPERATORS)


def read_number(raw: object) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise ValueError("must be a number")
    if isinstance(raw, int):
        return _checked_number(Decimal(raw) if abs(raw) < _MAX_NUMBER else _MAX_NUMBER)
    text = repr(raw) if isinstance(raw, float) else raw.strip()
    if len(text) > 64 or not _NUMBER.fullmatch(text):
        raise ValueError("must be a number")
    return _checked_number(Decimal(text))


def _checked_number(number: Decimal) -> Decimal:
    if abs(number) >= _MAX_NUMBER:
        raise ValueError("is too large a number: it must be below 10^15")
    if int(number.normalize().as_tuple().exponent) < -_MAX_DECIMALS:
        raise ValueError(f"may have at most {_MAX_DECIMALS} decimals")
    return number


def read_moment(raw: object) -> Moment:
    text = raw.strip() if isinstance(raw, str) else ""
    try:
        if _DATE.fullmatch(text):
            return Moment(datetime.combine(date.fromisoformat(text), time.min, UTC), whole_day=True)
        if _TIME.fullmatch(text):
            moment = datetime.fromisoformat(text.upper())
            return Moment(moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise ValueError("is not a date of the calendar") from error
    raise ValueError("must be a date (YYYY-MM-DD) or a time (RFC 3339)")


def read_text(raw: object) -> str:
    if not isinstance(raw, str):
        raise ValueError("must be text")
    if not is_storable(raw):
        raise ValueError("contains characters that cannot be stored (NUL or half a surrogate pair)")
    return raw


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can hold it."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def read_attribute(raw: object) -> Scalar:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str):
        return read_text(raw)
    if isinstance(raw, int | float):
        return read_number(raw)
    raise ValueError("must be text, a number, true or false")


_READERS: dict[Kind, Callable[[object], Scalar]] = {
    Kind.MONEY: read_number,
    Kind.COUNT: read_number,
    Kind.DAYS: read_number,
    Kind.DATE: read_moment,
    Kind.TEXT: read_text,
    Kind.ATTRIBUTE: read_attribute,
}


def read_value(field: Field, operator: Operator, raw: object, path: str) -> Value | list[FieldError]:
    """The value as `operator` on `field` takes it, or everything that is wrong with it."""
    if operator in _LIST_OPERATORS:
        return _read_list(field, operator, raw, path)
    if operator in _PAIR_OPERATORS:
        return _read_pair(field, operator, raw, path)
    return _read_one(field, operator, raw, path)


def _read_one(field: Field, operator: Operator, raw: object, path: str) -> Scalar | list[FieldError]:
    if raw is None:
        return [FieldError(path, "is missing")]
    try:
        value = read_text(raw) if operator in TEXT_ONLY_OPERATORS else _READERS[field.kind](raw)
        if isinstance(value, bool) and operator not in _EQUALITY_OPERATORS:
            raise ValueError(f"true and false cannot be compared by {operator}")
    except ValueError as error:
        return [FieldError(path, str(error))]
    return value


def _read_pair(field: Field, operator: Operator, raw: object, path: str) -> Value | list[FieldError]:
    items = _items(raw)
    if items is None or len(items) != 2:
        return [FieldError(path, "must be [low, high]")]
    values = _read_items(field, operator, items, path)
    if isinstance(values, tuple) and type(values[0]) is not type(values[1]):
        return [FieldError(path, "low and high must be of one type")]
    return values


def _read_list(field: Field, operator: Operator, raw: object, path: str) -> Value | list[FieldError]:
    items = _items(raw)
    if items is None:
        return [FieldError(path, "must be a list, or text with commas")]
    if len(items) > MAX_VALUES:
        return [FieldError(path, f"has more than {MAX_VALUES:,} values")]
    return _read_items(field, operator, items, path)


def _read_items(
    field: Field, operator: Operator, items: list[object], path: str
) -> tuple[Scalar, ...] | list[FieldError]:
    values: list[Scalar] = []
    errors: list[FieldError] = []
    for index, item in enumerate(items):
        value = _read_one(field, operator, item, f"{path}[{index}]")
        if isinstance(value, list):
            errors += value
        else:
            values.append(value)
    return errors or tuple(values)


def _items(raw: object) -> list[object] | None:
    """A list as it is; text is split at commas (`\\,` is a comma within a value), blank pieces dropped."""
    if isinstance(raw, str):
        pieces = (piece.replace("\\,", ",").strip() for piece in _COMMA.split(raw))
        return [piece for piece in pieces if piece]
    return raw if isinstance(raw, list) else None
