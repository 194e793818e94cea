"""SQL of one comparison. The result is NULL where the left side is; the callers see to that."""

import operator as python
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Text, all_, and_, any_, collate, func, literal, not_
from sqlalchemy.dialects.postgresql import ARRAY

from xencrm.campaigns.segments.rules import Operator, Scalar, Value

Expression = ColumnElement[Any]
Bind = Callable[[Scalar], Expression]

# Lower-cases by code point whatever the locale of the database is.
_COLLATION = "pg_c_utf8"

_PYTHON: dict[Operator, Callable[[Any, Any], Any]] = {
    Operator.EQUAL: python.eq,
    Operator.NOT_EQUAL: python.ne,
    Operator.LESS: python.lt,
    Operator.LESS_OR_EQUAL: python.le,
    Operator.GREATER: python.gt,
    Operator.GREATER_OR_EQUAL: python.ge,
}
_EXACT = (Operator.EQUAL, Operator.NOT_EQUAL, Operator.IN, Operator.NOT_IN)
_PATTERNS = {
    Operator.CONTAINS: "%{}%",
    Operator.DOES_NOT_CONTAIN: "%{}%",
    Operator.BEGINS_WITH: "{}%",
    Operator.ENDS_WITH: "%{}",
}


def compare(left: Expression, operator: Operator, value: Value, bind: Bind) -> ColumnElement[bool]:
    """`left operator value` for `=` to notBetween; `bind` makes a bound parameter of a value."""
    if not isinstance(value, tuple):
        assert value is not None
        result: ColumnElement[bool] = _PYTHON[operator](left, bind(value))
        return result
    low, high = value
    between = and_(left >= bind(low), left <= bind(high))
    return not_(between) if operator is Operator.NOT_BETWEEN else between


def is_one_of(left: Expression, operator: Operator, values: Expression) -> ColumnElement[bool]:
    """`left` in, or for notIn not in, `values`, an array."""
    return left != all_(values) if operator is Operator.NOT_IN else left == any_(values)


def compare_text(left: Expression, operator: Operator, value: Value) -> ColumnElement[bool]:
    """Any operator on text but null and notNull."""
    if operator in _PATTERNS:
        assert isinstance(value, str)
        return _search(left, operator, value)
    if operator in (Operator.IN, Operator.NOT_IN):
        return is_one_of(left, operator, literal(value, ARRAY(Text)))
    if operator in _EXACT:
        return compare(left, operator, value, _bind_text)
    return compare(_lower(left), operator, value, lambda text: _lower(_bind_text(text)))


def _bind_text(value: Scalar) -> Expression:
    return literal(value, Text)


def _lower(text: Expression) -> Expression:
    return func.lower(collate(text, _COLLATION))


def _search(left: Expression, operator: Operator, text: str) -> ColumnElement[bool]:
    literally = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found = collate(left, _COLLATION).ilike(_PATTERNS[operator].format(literally))
    return not_(found) if operator is Operator.DOES_NOT_CONTAIN else found
