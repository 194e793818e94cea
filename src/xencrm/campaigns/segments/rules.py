"""A rule: a tree of conditions over profiles. Values are already of the type they are compared as."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

Json = dict[str, object]

_MICROSECOND = timedelta(microseconds=1)


class Combinator(StrEnum):
    AND = "and"
    OR = "or"


class Operator(StrEnum):
    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    BETWEEN = "between"
    NOT_BETWEEN = "notBetween"
    IN = "in"
    NOT_IN = "notIn"
    CONTAINS = "contains"
    DOES_NOT_CONTAIN = "doesNotContain"
    BEGINS_WITH = "beginsWith"
    ENDS_WITH = "endsWith"
    NULL = "null"
    NOT_NULL = "notNull"


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time (UTC, to the microsecond), or the whole UTC day that begins at `start`."""

    start: datetime
    whole_day: bool = False

    @property
    def end(self) -> datetime | None:
        """The first microsecond after it; None where the calendar ends."""
        try:
            return self.start + (timedelta(days=1) if self.whole_day else _MICROSECOND)
        except OverflowError:
            return None

    def __str__(self) -> str:
        if self.whole_day:
            return self.start.date().isoformat()
        return self.start.astimezone(UTC).isoformat().replace("+00:00", "Z")


Scalar = Decimal | str | bool | Moment
Value = Scalar | tuple[Scalar, ...] | None


@dataclass(frozen=True, slots=True)
class Condition:
    """`value`: a pair for (not)between, a tuple for in and notIn, None for null and notNull."""

    field: str
    operator: Operator
    value: Value = None


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions and groups put together; without any it matches everyone, whatever the combinator."""

    combinator: Combinator
    rules: tuple["Condition | Group", ...] = ()
    negated: bool = False


def to_json(rule: Condition | Group) -> Json:
    """The one JSON form of a rule; parsing it gives the same tree again."""
    if isinstance(rule, Condition):
        return {"field": rule.field, "operator": rule.operator.value, "value": _value_to_json(rule.value)}
    body: Json = {"combinator": rule.combinator.value, "rules": [to_json(child) for child in rule.rules]}
    return body | {"not": True} if rule.negated else body


def _value_to_json(value: Value) -> object:
    if isinstance(value, tuple):
        return [_value_to_json(item) for item in value]
    if isinstance(value, Decimal):
        return _number_to_json(value)
    return str(value) if isinstance(value, Moment) else value


def _number_to_json(value: Decimal) -> int | float | str:
    if value == value.to_integral_value():
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)


def is_match_all(rule: Condition | Group) -> bool:
    """Whether empty groups alone make it match everyone; such a rule is never launched."""
    return constant(rule) is True


def constant(rule: Condition | Group) -> bool | None:
    """The verdict that holds for every profile, or None where it depends on the profile."""
    if isinstance(rule, Condition):
        return None
    verdicts = [constant(child) for child in rule.rules]
    decisive = rule.combinator is Combinator.OR
    if decisive in verdicts:
        verdict: bool | None = decisive
    elif None in verdicts:
        verdict = None
    else:
        verdict = not decisive or not verdicts
    return None if verdict is None else verdict is not rule.negated


def conditions(rule: Condition | Group) -> Iterator[Condition]:
    """Every condition, from left to right."""
    if isinstance(rule, Condition):
        yield rule
    else:
        for child in rule.rules:
            yield from conditions(child)


def mentions(rule: Condition | Group, field: str) -> bool:
    return any(condition.field == field for condition in conditions(rule))
