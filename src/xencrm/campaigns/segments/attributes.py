"""SQL of a condition on a key of `customers_mv.attributes` (jsonb). Never NULL.

A value is compared with a stored one of its own JSON type; jsonb compares numbers by their value (1 = 1.0).
"""

from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Text, and_, cast, false, func, literal, true
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from xencrm.campaigns.segments.comparison import compare, compare_text, is_one_of
from xencrm.campaigns.segments.rules import Operator, Scalar, Value

_EQUALITY = (Operator.EQUAL, Operator.NOT_EQUAL)
_LISTS = (Operator.IN, Operator.NOT_IN)


def compare_attribute(
    attributes: ColumnElement[Any], key: str, operator: Operator, value: Value
) -> ColumnElement[bool]:
    if operator is Operator.EQUAL:
        assert value is not None
        assert not isinstance(value, tuple)
        return has_pair(attributes, key, value)
    stored = attributes.op("->", return_type=JSONB())(literal(key, Text))
    if value is None:
        return _is_missing(stored, operator)
    condition = _compare_stored(attributes, stored, key, operator, value)
    return func.coalesce(and_(_has_type(stored, value), condition), false())


def has_pair(attributes: ColumnElement[Any], key: str, value: Scalar) -> ColumnElement[bool]:
    """Equality, in the form that a GIN index on the whole column serves."""
    pair = f"{{{to_json_text(key)}:{to_json_text(value)}}}"
    return attributes.op("@>", is_comparison=True)(_jsonb(pair))


def _is_missing(stored: ColumnElement[Any], operator: Operator) -> ColumnElement[bool]:
    json_type = func.jsonb_typeof(stored)
    if operator is Operator.NULL:
        return func.coalesce(json_type == literal("null", Text), true())
    return func.coalesce(json_type != literal("null", Text), false())


def _has_type(stored: ColumnElement[Any], value: Value) -> ColumnElement[bool]:
    """Whether what is stored has a type of the value's; for an empty list, whether there is anything."""
    types = sorted({_json_type(item) for item in (value if isinstance(value, tuple) else (value,))})
    json_type = func.jsonb_typeof(stored)
    if not types:
        return json_type != literal("null", Text)
    if len(types) == 1:
        return json_type == literal(types[0], Text)
    return is_one_of(json_type, Operator.IN, literal(types, ARRAY(Text)))


def _compare_stored(
    attributes: ColumnElement[Any],
    stored: ColumnElement[Any],
    key: str,
    operator: Operator,
    value: Value,
) -> ColumnElement[bool]:
    if operator in _LISTS and isinstance(value, tuple):
        texts = literal([to_json_text(item) for item in value], ARRAY(Text))
        return is_one_of(stored, operator, cast(texts, ARRAY(JSONB)))
    is_text = isinstance(value[0] if isinstance(value, tuple) else value, str)
    if is_text and operator not in _EQUALITY:
        return compare_text(attributes.op("->>", return_type=Text())(literal(key, Text)), operator, value)
    return compare(stored, operator, value, lambda item: _jsonb(to_json_text(item)))


def _jsonb(text: str) -> ColumnElement[Any]:
    return cast(literal(text, Text), JSONB)


def _json_type(value: Scalar | None) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "string" if isinstance(value, str) else "number"


def to_json_text(value: Scalar) -> str:
    """JSON of a value, numbers with all their digits."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return msgspec.json.encode(value).decode()
