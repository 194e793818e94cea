"""Clauses on texts: names, e-mail addresses, phones, and attributes compared as texts."""

from collections.abc import Sequence
from typing import Final

from xencrm.campaigns.segments.plain.comparisons import opposite
from xencrm.campaigns.segments.plain.kinds import Kind
from xencrm.campaigns.segments.plain.line import Before, Clause, Line, Read, condition, group
from xencrm.campaigns.segments.rules import Json, Operator

ONE_AT_A_TIME: Final = 'one customer has one of these: "and" is taken as "or"'
_TEXTS: Final = (Kind.TEXT, Kind.EMAIL, Kind.DOMAIN)


def read_text_field(line: Line, at: int, before: Before) -> Read:
    """Name starts with A; e-mail is asha@shop.example; without a phone."""
    if line.value(at) == "domain":
        return _read_domain(line, at, before)
    return read_texts(line, at, line.value(at), before)


def _read_domain(line: Line, at: int, before: Before) -> Read:
    """E-mail domain is example.org."""
    start = line.skip(at + 1, Kind.BE, Kind.DASH)
    start = start + 1 if line.is_at(start, Kind.COMPARISON) and line.value(start) is Operator.EQUAL else start
    is_not = line.is_at(start, Kind.NOT)
    texts, end = texts_at(line, start + is_not)
    if not texts:
        return None
    rule = compare_texts("email", Operator.ENDS_WITH, [f"@{text.removeprefix('@')}" for text in texts])
    return Clause(opposite(rule) if before.negated is not is_not else rule, end)


def read_texts(line: Line, at: int, field: str, before: Before) -> Read:
    """What is said of the text `field`, which stands at `at`."""
    start = line.skip(at + 1, Kind.BE, Kind.DASH, Kind.HAVE)
    negated = before.negated
    if line.is_at(start, Kind.NOT):
        start, negated = line.skip(start + 1, Kind.BE, Kind.HAVE), not negated
    if line.is_at(start, Kind.KNOWN):
        rule = condition(field, line.value(start).value)
        return Clause(opposite(rule) if negated else rule, start + 1)
    found = _compared(line, start, field)
    if found:
        return Clause(opposite(found[0]) if negated else found[0], found[1])
    if line.is_at(at + 1, Kind.BE, Kind.DASH, Kind.HAVE) or not (before.have or before.negated):
        return None
    return Clause(condition(field, "null" if before.negated else "notNull"), at + 1, bare=True)


def _compared(line: Line, at: int, field: str) -> tuple[Json, int] | None:
    """A text, or several, behind an operator or none."""
    if line.is_at(at, Kind.TEXT_OPERATOR) or (
        line.is_at(at, Kind.COMPARISON) and line.value(at) in (Operator.EQUAL, Operator.NOT_EQUAL)
    ):
        operator, start = line.value(at), at + 1
    elif field == "email" and line.is_at(at, Kind.PREPOSITION) and line.is_at(at + 1, Kind.DOMAIN):
        operator, start = Operator.ENDS_WITH, at + 1
    else:
        operator, start = Operator.EQUAL, at
    if line.is_at(start, Kind.DOMAIN) and operator is Operator.EQUAL:
        operator = Operator.ENDS_WITH
    texts, end = texts_at(line, start)
    return (compare_texts(field, operator, texts), end) if texts else None


def texts_at(line: Line, at: int) -> tuple[list[str], int]:
    """Texts divided by "or" and commas, and where they end."""
    texts: list[str] = []
    start, end = at, at
    while line.is_at(start, *_TEXTS):
        texts.append(line.value(start))
        end = start + 1
        after = line.skip(end, Kind.COMMA)
        start = after + 1 if line.is_at(after, Kind.OR) else after
        if start == end:
            break
    return texts, end


def compare_texts(field: str, operator: Operator, texts: Sequence[str]) -> Json:
    values = [text.lower() for text in texts] if field == "email" else list(texts)
    if len(values) == 1:
        return condition(field, operator.value, values[0])
    if operator in (Operator.EQUAL, Operator.NOT_EQUAL):
        return condition(field, "in" if operator is Operator.EQUAL else "notIn", values)
    joined = "and" if operator is Operator.DOES_NOT_CONTAIN else "or"
    return group(joined, [condition(field, operator.value, value) for value in values])


def read_named(line: Line, at: int, before: Before) -> Read:
    """Named Asha: names are kept whole, so that it is looked for within them."""
    texts, end = texts_at(line, at + 1)
    if not texts:
        return None
    rule = compare_texts("name", Operator.CONTAINS, texts)
    return Clause(opposite(rule) if before.negated else rule, end, ("looked for anywhere in the name",))


def read_address(line: Line, at: int, before: Before) -> Read:
    """With an @example.org address; asha@shop.example; Gmail users."""
    if line.is_at(at, Kind.PROVIDER):
        rule, end = condition("email", "contains", f"@{line.value(at)}."), at + 1
    else:
        texts, end = texts_at(line, at)
        operator = Operator.ENDS_WITH if line.is_at(at, Kind.DOMAIN) else Operator.EQUAL
        rule = compare_texts("email", operator, texts)
    end = end + 1 if line.is_at(end, Kind.ADDRESS) else end
    is_field = line.is_at(end, Kind.TEXT_FIELD) and line.value(end) == "email"
    return Clause(opposite(rule) if before.negated else rule, end + 1 if is_field else end)
