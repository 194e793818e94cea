"""A rule as one English sentence: what a marketer reads back before anything is sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from xencrm.campaigns.money import exact_money
from xencrm.campaigns.segments.fields import FIELDS, attribute_key
from xencrm.campaigns.segments.rules import (
    Combinator,
    Condition,
    Group,
    Moment,
    Operator,
    Scalar,
    constant,
)

MOST_LISTED: Final = 5
LONGEST_TEXT: Final = 60

# What is said of numbers, days and anything else; {} is the value.
_QUANTITIES: Final[Mapping[Operator, str]] = {
    Operator.EQUAL: "exactly {}",
    Operator.NOT_EQUAL: "exactly {}",
    Operator.LESS: "less than {}",
    Operator.LESS_OR_EQUAL: "at most {}",
    Operator.GREATER: "more than {}",
    Operator.GREATER_OR_EQUAL: "at least {}",
    Operator.BETWEEN: "between {}",
    Operator.NOT_BETWEEN: "between {}",
    Operator.IN: "exactly {}",
    Operator.NOT_IN: "exactly {}",
}
_NEGATIVE: Final = frozenset({Operator.NOT_EQUAL, Operator.NOT_BETWEEN, Operator.NOT_IN})
_DAYS: Final[Mapping[Operator, str]] = {
    Operator.EQUAL: "on {}",
    Operator.NOT_EQUAL: "not on {}",
    Operator.LESS: "before {}",
    Operator.LESS_OR_EQUAL: "on or before {}",
    Operator.GREATER: "after {}",
    Operator.GREATER_OR_EQUAL: "on or after {}",
    Operator.BETWEEN: "between {}",
    Operator.NOT_BETWEEN: "not between {}",
    Operator.IN: "on {}",
    Operator.NOT_IN: "not on {}",
}
_VERBS: Final[Mapping[Operator, str]] = {
    Operator.EQUAL: "is {}",
    Operator.NOT_EQUAL: "is not {}",
    Operator.LESS: "is less than {}",
    Operator.LESS_OR_EQUAL: "is at most {}",
    Operator.GREATER: "is more than {}",
    Operator.GREATER_OR_EQUAL: "is at least {}",
    Operator.BETWEEN: "is between {}",
    Operator.NOT_BETWEEN: "is not between {}",
    Operator.IN: "is {}",
    Operator.NOT_IN: "is not {}",
    Operator.CONTAINS: "contains {}",
    Operator.DOES_NOT_CONTAIN: "does not contain {}",
    Operator.BEGINS_WITH: "begins with {}",
    Operator.ENDS_WITH: "ends with {}",
    Operator.NULL: "is not known",
    Operator.NOT_NULL: "is known",
}
_NOUNS: Final = {"email": "e-mail address", "phone": "phone number", "created_at": "day of joining"}
_HAVING_ORDERED: Final = {Operator.NULL: "who have never ordered", Operator.NOT_NULL: "who have ordered"}


def in_words(rule: Condition | Group, currency: str) -> str:
    """Such as "Customers who have spent more than ₹10,000 and whose city is “Pune”."."""
    verdict = constant(rule)
    if verdict is not None:
        return "All customers." if verdict else "No customers."
    return f"Customers {_told(rule, currency, in_brackets=False)}."


def _told(rule: Condition | Group, currency: str, *, in_brackets: bool = True) -> str:
    """What follows "customers"; several things in brackets, unless nothing is around them."""
    if isinstance(rule, Condition):
        if rule.field == "total_spend":
            return _spent(rule, currency)
        return _FIELDS.get(rule.field, _others)(rule)
    if rule.negated:
        told = f"who are not among those {_told(replace(rule, negated=False), currency)}"
        return f"({told})" if in_brackets else told
    children = [child for child in rule.rules if constant(child) is None]
    if len(children) == 1:
        return _told(children[0], currency, in_brackets=in_brackets)
    joined = _listed([_told(child, currency) for child in children], rule.combinator)
    return f"({joined})" if in_brackets else joined


def _listed(parts: Sequence[str], combinator: Combinator = Combinator.OR) -> str:
    *first, last = parts
    return f"{', '.join(first)} {combinator.value} {last}" if first else last


def _spent(condition: Condition, currency: str) -> str:
    money = exact_money(currency)

    def amount(value: Scalar) -> str:
        return money(value) if isinstance(value, Decimal) else _scalar(value)

    return _quantity(condition, "who have{} spent {}", amount)


def _ordered(condition: Condition) -> str:
    return _quantity(condition, "who have{} placed {} " + _counted(condition, "order"))


def _visited(condition: Condition) -> str:
    return _quantity(condition, "who have{} visited {} " + _counted(condition, "time"))


def _days_ago(condition: Condition) -> str:
    said = _HAVING_ORDERED.get(condition.operator)
    return said or _quantity(condition, "whose last order was{} {} " + _counted(condition, "day") + " ago")


def _last_order(condition: Condition) -> str:
    said = _HAVING_ORDERED.get(condition.operator)
    return said or f"whose last order was {_DAYS[condition.operator].format(_value(condition))}"


def _since(condition: Condition) -> str:
    if condition.operator not in _DAYS:
        return _others(condition)
    return f"who became customers {_DAYS[condition.operator].format(_value(condition))}"


def _status(condition: Condition) -> str:
    value, is_equal = condition.value, condition.operator is Operator.EQUAL
    if value in FIELDS["status"].values and condition.operator in (Operator.EQUAL, Operator.NOT_EQUAL):
        return f"who are {'' if is_equal else 'not '}{str(value).lower()}"
    return _others(condition)


def _others(condition: Condition) -> str:
    noun = _NOUNS.get(condition.field) or _noun(condition.field)
    return f"whose {noun} {_VERBS[condition.operator].format(_value(condition))}"


def _noun(field: str) -> str:
    known = FIELDS.get(field)
    return known.label.lower() if known else _shortened(attribute_key(field).replace("_", " "))


def _quantity(condition: Condition, sentence: str, said_of: Callable[[Scalar], str] | None = None) -> str:
    said = _QUANTITIES.get(condition.operator)
    no = " not" if condition.operator in _NEGATIVE else ""
    return sentence.format(no, said.format(_value(condition, said_of))) if said else _others(condition)


def _counted(condition: Condition, thing: str) -> str:
    value = condition.value[-1] if isinstance(condition.value, tuple) and condition.value else condition.value
    return thing if value == 1 else f"{thing}s"


def _value(condition: Condition, said_of: Callable[[Scalar], str] | None = None) -> str:
    value, said = condition.value, said_of or _scalar
    if not isinstance(value, tuple):
        return "" if value is None else said(value)
    words = [said(each) for each in value[:MOST_LISTED]]
    if len(value) > MOST_LISTED:
        words.append(f"{len(value) - MOST_LISTED:,} others")
    is_span = condition.operator in (Operator.BETWEEN, Operator.NOT_BETWEEN)
    return _listed(words, Combinator.AND if is_span else Combinator.OR) if words else "nothing"


def _scalar(value: Scalar) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:,f}"
    return _moment(value) if isinstance(value, Moment) else f"“{_shortened(value)}”"


def _moment(moment: Moment) -> str:
    day = f"{moment.start.day} {moment.start:%B} {moment.start.year}"
    return day if moment.whole_day else f"{day}, {moment.start:%H:%M:%S} UTC"


def _shortened(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST_TEXT else f"{plain[: LONGEST_TEXT - 1]}…"


_FIELDS: Final[Mapping[str, Callable[[Condition], str]]] = {
    "total_orders": _ordered,
    "total_visits": _visited,
    "days_since_last_order": _days_ago,
    "last_order_at": _last_order,
    "created_at": _since,
    "status": _status,
}
