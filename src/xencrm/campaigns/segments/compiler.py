"""A rule as a SQL condition on `customers_mv`. Every value is bound, never written into the text.

What a condition means:
- It is never NULL: on a missing value it is false, whatever the operator, `null` aside. So `not` on a group
  is a plain negation.
- `=`, `!=`, `in` and `notIn` compare text exactly. The other operators compare it with each code point
  replaced by its simple lower-case mapping (Unicode's, as in PostgreSQL's `pg_c_utf8`): İ is i, Σ is σ but
  not ς, ß is not ss, and nothing is composed or decomposed. `<` and `between` order text by code points.
- An attribute is compared only with a value of its own JSON type; one of another type fails the condition
  (`!=` too), and a list or an object passes `notNull` only. JSON null is missing.
- A date without a time is that whole UTC day: `=` falls in it, `<` before it, `>` after it, and `between`
  takes both days whole. Times are compared to the microsecond.
- `days_since_last_order` is the number of whole 24-hour days up to `now`, 0 for an order after it.
- An empty list contains nothing: nobody is `in` it, everyone with a value is `notIn` it.

Plain columns are compared bare, so that their indexes serve. Text searches carry the collation
`pg_c_utf8`: a trigram index serves them when it is declared with it.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Numeric, and_, false, literal, not_, or_, true
from sqlalchemy.dialects.postgresql import ARRAY

from xencrm.campaigns.segments.attributes import compare_attribute
from xencrm.campaigns.segments.comparison import compare, compare_text, is_one_of
from xencrm.campaigns.segments.fields import Kind, attribute_key, find_field
from xencrm.campaigns.segments.rules import Combinator, Condition, Group, Operator, Scalar, Value
from xencrm.campaigns.segments.spans import compare_days, compare_time


def compile_rule(rule: Condition | Group, now: datetime) -> ColumnElement[bool]:
    """The condition that holds for the profiles that `rule` matches at `now` (aware). Never NULL."""
    if isinstance(rule, Condition):
        return _compile_condition(rule, now)
    parts = [compile_rule(child, now) for child in rule.rules] or [true()]
    joined = and_(true(), *parts) if rule.combinator is Combinator.AND else or_(false(), *parts)
    return not_(joined) if rule.negated else joined


def _compile_condition(condition: Condition, now: datetime) -> ColumnElement[bool]:
    field = find_field(condition.field)
    assert field is not None, f"a rule with the unknown field {condition.field!r}"
    operator, value = condition.operator, condition.value
    if field.kind is Kind.ATTRIBUTE:
        return compare_attribute(field.column, attribute_key(field.name), operator, value)
    if operator is Operator.NULL:
        return field.column.is_(None) if field.nullable else false()
    if operator is Operator.NOT_NULL:
        return field.column.is_not(None) if field.nullable else true()
    result = _compare_column(field.kind, field.column, operator, value, now)
    return and_(result, field.column.is_not(None)) if field.nullable else result


def _compare_column(
    kind: Kind, column: ColumnElement[Any], operator: Operator, value: Value, now: datetime
) -> ColumnElement[bool]:
    if kind is Kind.TEXT:
        return compare_text(column, operator, value)
    if kind is Kind.DATE:
        return compare_time(column, operator, value)
    if kind is Kind.DAYS:
        return compare_days(column, operator, value, now)
    return _compare_number(kind, column, operator, value)


def _compare_number(
    kind: Kind, column: ColumnElement[Any], operator: Operator, value: Value
) -> ColumnElement[bool]:
    if operator in (Operator.IN, Operator.NOT_IN) and isinstance(value, tuple):
        return is_one_of(column, operator, _number_list(kind, value))
    return compare(column, operator, value, lambda number: _number(kind, number))


def _number(kind: Kind, value: Scalar) -> ColumnElement[Any]:
    """An integer column is compared with an integer where that is possible: only then its index serves."""
    assert isinstance(value, Decimal)
    if kind is Kind.COUNT and value == int(value):
        return literal(int(value), BigInteger)
    return literal(value, Numeric)


def _number_list(kind: Kind, values: tuple[Scalar, ...]) -> ColumnElement[Any]:
    numbers = [value for value in values if isinstance(value, Decimal)]
    if kind is Kind.COUNT:
        # A fraction is never the value of an integer column.
        return literal([int(number) for number in numbers if number == int(number)], ARRAY(BigInteger))
    return literal(numbers, ARRAY(Numeric))
