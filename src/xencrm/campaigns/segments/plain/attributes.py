"""Clauses on attributes that exist in the data: "in Pune", "gold tier", "VIPs", "city is Los Angeles"."""

from collections.abc import Sequence
from typing import Final

from xencrm.campaigns.segments.fields import Field, attribute_key
from xencrm.campaigns.segments.plain.comparisons import (
    asked,
    find_comparison,
    find_second,
    json_number,
    opposite,
)
from xencrm.campaigns.segments.plain.kinds import Kind
from xencrm.campaigns.segments.plain.line import Before, Clause, Line, Read, Refused, condition, group
from xencrm.campaigns.segments.plain.pieces import is_choice_of
from xencrm.campaigns.segments.plain.texts import ONE_AT_A_TIME, read_texts
from xencrm.campaigns.segments.rules import Json, Operator

_LIST_MARKS: Final = (Kind.COMMA, Kind.OR, Kind.AND, Kind.NOR)
_ENDS: Final = (None, Kind.AND, Kind.OR, Kind.BUT, Kind.COMMA, Kind.CLOSE)
_BEFORE_VALUE: Final = (Kind.BE, Kind.DASH, Kind.PREPOSITION)


def read_attribute(line: Line, at: int, before: Before) -> Read:
    """The name of the attribute first."""
    field: Field = line.value(at)
    if "boolean" in field.types:
        return _read_flag(line, at, field, before)
    found = _read_numbers(line, at, field, before) or _read_choices(line, at, field, before)
    return found or _unlisted(read_texts(line, at, field.name, before), field)


def _read_flag(line: Line, at: int, field: Field, before: Before) -> Read:
    """VIPs; not VIP, which nobody is of whom it is not known; newsletter is no."""
    start = line.skip(at + 1, Kind.BE, Kind.DASH)
    negated = before.negated
    if line.is_at(start, Kind.COMPARISON) and line.value(start) in (Operator.EQUAL, Operator.NOT_EQUAL):
        negated = negated is not (line.value(start) is Operator.NOT_EQUAL)
        start += 1
    if line.is_at(start, Kind.NOT) and line.is_at(start + 1, Kind.TRUTH, Kind.KNOWN):
        start, negated = start + 1, not negated
    if line.is_at(start, Kind.KNOWN):
        rule = condition(field.name, line.value(start).value)
        return Clause(opposite(rule) if negated else rule, start + 1)
    said = _truth(line, start)
    if start > at + 1 and said is not None:
        return Clause(condition(field.name, "!=" if negated else "=", said), start + 1)
    if line.is_at(start - 1, Kind.BE, Kind.COMPARISON):
        return None
    rule = condition(field.name, "=", True)
    return Clause(group("or", [rule], negated=True) if negated else rule, at + 1, noun=True)


def read_declined(line: Line, at: int, before: Before) -> Read:
    """Unsubscribed from the newsletter: those who said so."""
    rule = condition(line.value(at).name, "=", False)
    return Clause(group("or", [rule], negated=True) if before.negated else rule, at + 1)


def _truth(line: Line, at: int) -> bool | None:
    if line.is_at(at, Kind.TRUTH):
        return bool(line.value(at))
    is_no = line.is_at(at, Kind.NOT) and line.value(at) == "without" and line.kind(at + 1) in _ENDS
    return False if is_no else None


def _read_numbers(line: Line, at: int, field: Field, before: Before) -> Read:
    start = line.skip(at + 1, Kind.BE, Kind.DASH)
    start = start + 1 if line.value(start) == "of" else start
    is_not = line.is_at(start, Kind.NOT)
    compared = find_comparison(line, start + is_not)
    if compared is None:
        return None
    is_negated = before.negated is not is_not
    if "number" not in field.types:
        return _as_text(line, field, start + is_not, is_negated)
    second = find_second(line, compared.end)
    if second and line.is_at(second[1].end, Kind.ORDERS, Kind.VISITS, Kind.SPEND, Kind.UNIT, Kind.ATTRIBUTE):
        second = None
    rule = asked(field.name, compared, second)
    end = second[1].end if second else compared.end
    return Clause(opposite(rule) if is_negated else rule, end)


def _as_text(line: Line, field: Field, at: int, negated: bool) -> Read:
    """Digits of an attribute that holds texts, such as a postal code."""
    key = attribute_key(field.name)
    is_equality = line.is_at(at, Kind.COMPARISON) and line.value(at) in (Operator.EQUAL, Operator.NOT_EQUAL)
    start = at + 1 if is_equality else at
    amount = line.value(start) if line.is_at(start, Kind.NUMBER) else None
    if amount is None:
        return Refused(f"{key} holds texts, not numbers", at + 2)
    text = amount.digits or str(json_number(amount.value))
    operator = line.value(at) if is_equality else Operator.EQUAL
    rule = condition(field.name, operator.value, text)
    return Clause(opposite(rule) if negated else rule, start + 1)


def _unlisted(read: Read, field: Field) -> Read:
    """Says so when no customer that was looked at has the text."""
    if not isinstance(read, Clause) or read.rule.get("operator") not in ("=", "!=") or not field.values:
        return read
    value = read.rule["value"]
    if value in field.values:
        return read
    return Clause(
        read.rule, read.end, (*read.notes, f"no customer seen has the {attribute_key(field.name)} {value}")
    )


def _read_choices(line: Line, at: int, field: Field, before: Before) -> Read:
    """City is Pune or Mumbai; tier in (gold, silver); tier gold."""
    start = line.skip(at + 1, *_BEFORE_VALUE)
    negated = before.negated
    if line.is_at(start, Kind.COMPARISON) and line.value(start) in (Operator.EQUAL, Operator.NOT_EQUAL):
        negated = negated is not (line.value(start) is Operator.NOT_EQUAL)
        start += 1
    if line.is_at(start, Kind.NOT, Kind.EXCEPT):
        start, negated = line.skip(start + 1, *_BEFORE_VALUE), not negated
    is_bracketed = line.is_at(start, Kind.OPEN)
    values, end, notes = _choices_at(line, start + is_bracketed, field, negated)
    if not values:
        return None
    end = end + 1 if is_bracketed and line.is_at(end, Kind.CLOSE) else end
    return Clause(_one_of(field.name, values, negated), end, notes)


def read_choice(line: Line, at: int, before: Before) -> Read:
    """A value alone, or with the attribute behind it: in Pune, gold tier."""
    fields = [choice.field for choice in line.value(at)]
    last = _behind(line, at)
    named = line.value(last) if line.is_at(last, Kind.ATTRIBUTE) else None
    if named is not None and any(field.name == named.name for field in fields):
        fields = [named]
    if len(fields) > 1:
        keys = " or ".join(attribute_key(field.name) for field in fields)
        return Refused(f"it may be {keys}: say which, such as {attribute_key(fields[0].name)} is ...", at + 1)
    field = fields[0]
    values, end, notes = _choices_at(line, at, field, before.negated)
    is_named = line.is_at(end, Kind.ATTRIBUTE) and line.value(end).name == field.name
    is_named = is_named and not line.is_at(end + 1, Kind.BE, Kind.COMPARISON, Kind.TEXT_OPERATOR, Kind.CHOICE)
    return Clause(_one_of(field.name, values, before.negated), end + 1 if is_named else end, notes)


def _behind(line: Line, at: int) -> int:
    """What comes after a list of values."""
    while line.is_at(at, Kind.CHOICE):
        after = line.skip(at + 1, *_LIST_MARKS, Kind.PREPOSITION)
        if not line.is_at(after, Kind.CHOICE):
            return at + 1
        at = after
    return at


def _choices_at(line: Line, at: int, field: Field, negated: bool) -> tuple[list[str], int, tuple[str, ...]]:
    """Values of one attribute in a row: "Pune, Nashik or in Mumbai"."""
    values: list[str] = []
    is_and, end, start = False, at, at
    while choice := is_choice_of(line.pieces[start], field) if line.kind(start) else None:
        values += choice.spellings
        marks = line.skip(start + 1, *_LIST_MARKS)
        is_and = is_and or any(line.is_at(each, Kind.AND) for each in range(end, start))
        end, start = start + 1, line.skip(marks, Kind.PREPOSITION)
        if marks == end:
            break
    return list(dict.fromkeys(values)), end, (ONE_AT_A_TIME,) if is_and and not negated else ()


def _one_of(field: str, values: Sequence[str], negated: bool) -> Json:
    if len(values) == 1:
        return condition(field, "!=" if negated else "=", values[0])
    return condition(field, "notIn" if negated else "in", list(values))
