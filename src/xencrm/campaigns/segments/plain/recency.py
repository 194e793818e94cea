"""Clauses on times: the last order, the day of joining, being inactive for a while."""

from collections.abc import Callable
from typing import Final

from xencrm.campaigns.segments.plain.comparisons import opposite
from xencrm.campaigns.segments.plain.kinds import Kind
from xencrm.campaigns.segments.plain.lexicon import SINCE_WHEN
from xencrm.campaigns.segments.plain.line import Before, Clause, Line, Read, Refused, condition, group
from xencrm.campaigns.segments.plain.periods import (
    Ago,
    Lasting,
    On,
    Period,
    When,
    Within,
    find_when,
    lasting_at,
)
from xencrm.campaigns.segments.rules import Json, Operator

LAST_ORDER: Final = "last_order_at"
DAYS: Final = "days_since_last_order"
JOINED: Final = "created_at"

ONLY_THE_LAST: Final = "of orders only the time of the last one can be asked"
HOW_LONG: Final = "since when has to be said, such as haven't ordered for 90 days"
NO_VISIT_TIMES: Final = "when somebody visited is not kept, only how often"
MONTHS_ARE_30: Final = "a month is taken as 30 days, a year as 365"
IDLE: Final = "being active or inactive in a time is taken as having ordered in it or not"
ONE_AT_A_TIME: Final = 'one day is in one of these: "and" is taken as "or"'
SEEN_TODAY: Final = "counted back from today: the rule keeps the date"


_ANDS: Final = {Kind.AND: (Kind.BUT,)}

_Ask = Callable[[When, bool], Json | Refused]


def read_last_order(line: Line, at: int, before: Before) -> Read:
    """Last order before 2024; ordered in the last week; haven't ordered for 90 days."""
    is_verb = line.is_at(at, Kind.ORDERS)
    start = line.skip(at + 1, Kind.BE, Kind.DASH, Kind.ANYTHING)
    negated = before.negated
    if line.is_at(start, Kind.NOT):
        start, negated = start + 1, not negated
    if line.is_at(start, Kind.KNOWN) and not is_verb:
        known = condition(LAST_ORDER, line.value(start).value)
        return Clause(opposite(known) if negated else known, start + 1)
    found = _when(line, start, is_verb)
    if found is None and is_verb and not negated:
        found, negated = _but_not(line, start), True
    if found is None:
        return None
    notes = _notes_on_order(found[0], is_verb)
    return _together(line, found, negated, lambda each, no: _asked_of_order(each, no, is_verb), notes)


def _when(line: Line, at: int, is_verb: bool) -> tuple[When, int] | None:
    """A number alone behind a verb is a count, not a year."""
    found = find_when(line, at)
    is_count = is_verb and line.is_at(at, Kind.NUMBER, Kind.COMPARISON)
    return None if found and is_count and isinstance(found[0], On) else found


def _together(line: Line, found: tuple[When, int], negated: bool, ask: _Ask, notes: tuple[str, ...]) -> Read:
    """One day is not in two months: "in January and March" is in one of them.

    `ask` gives what is negated already; not in one or the other is in neither.
    """
    whens, joined, end = _more(line, *found)
    other = None if negated else _but_not(line, end)
    rules: list[Json] = []
    for when in whens:
        rule = ask(when, negated)
        if isinstance(rule, Refused):
            return Refused(rule.why, end)
        rules.append(rule)
    is_one_of = joined is Kind.AND and len(rules) > 1 and all(_is_closed(when) for when in whens)
    if is_one_of:
        notes = (*notes, ONE_AT_A_TIME)
    is_and = joined is Kind.AND and not is_one_of
    combinator = "and" if is_and is not negated else "or"
    rule = rules[0] if len(rules) == 1 else group(combinator, rules)
    if other is None:
        return Clause(rule, end, notes, verbal=True)
    opposite_rule = ask(other[0], True)
    if isinstance(opposite_rule, Refused):
        return Refused(opposite_rule.why, other[1])
    return Clause(group("and", [rule, opposite_rule]), other[1], notes, verbal=True)


def _but_not(line: Line, at: int) -> tuple[When, int] | None:
    """... but not in the last 30 days."""
    is_not = line.is_at(at, Kind.BUT, Kind.AND) and line.is_at(at + 1, Kind.NOT)
    return find_when(line, at + 2) if is_not else None


def _more(line: Line, first: When, end: int) -> tuple[list[When], Kind, int]:
    """That time and further ones: "after May and before July", "in January or March"."""
    whens, joined = [first], line.kind(end) or Kind.AND
    joined = Kind.AND if joined is Kind.BUT else joined
    while line.is_at(end, joined, *_ANDS.get(joined, ())):
        found = find_when(line, end + 1)
        is_number = line.is_at(end + 1, Kind.NUMBER, Kind.COMPARISON)
        if found is None or (is_number and not _is_time(line, end, found[1])):
            break
        whens.append(found[0])
        end = found[1]
    return whens, joined, end


def _is_time(line: Line, before: int, end: int) -> bool:
    """Whether a number behind an "or" is one of a time: 90 days ago; 2025 behind 2024."""
    if line.is_at(end - 1, Kind.AGO):
        return True
    is_year = line.is_at(before - 1, Kind.NUMBER) and line.is_at(before + 1, Kind.NUMBER)
    return is_year and not line.is_at(end, Kind.ATTRIBUTE, Kind.SPEND, Kind.AFTERWARDS, Kind.CHOICE)


def _is_closed(when: When) -> bool:
    return isinstance(when, On) and when.operator in (Operator.EQUAL, Operator.BETWEEN)


def _asked_of_order(when: When, negated: bool, is_verb: bool) -> Json | Refused:
    match when:
        case Within(period):
            return condition(DAYS, ">" if negated else "<=", period.days)
        case Lasting(operator, period):
            return _order_for(operator, period, negated)
        case Ago(operator, periods):
            days = [period.days for period in periods]
            asked = condition(DAYS, operator.value, days if len(days) > 1 else days[0])
            return opposite(asked) if negated else asked
        case On():
            return _ordered_on(when, negated, is_verb)


def _order_for(operator: Operator, period: Period, negated: bool) -> Json | Refused:
    """Not for 90 days; in 90 days."""
    if negated:
        return condition(DAYS, operator.value, period.days)
    if operator is Operator.GREATER_OR_EQUAL:
        return condition(DAYS, "<=", period.days)
    return Refused(HOW_LONG, 0)


def _ordered_on(on: On, negated: bool, is_verb: bool) -> Json | Refused:
    asked = _asked_on(LAST_ORDER, on)
    if not negated:
        return asked
    is_closed = asked["operator"] in ("=", "!=", "between", "notBetween")
    if is_closed and on.now:
        return condition(LAST_ORDER, "<", on.days.low.isoformat())
    return Refused(ONLY_THE_LAST, 0) if is_closed and is_verb else opposite(asked)


def _asked_on(field: str, on: On) -> Json:
    low, high = on.days.low.isoformat(), on.days.high.isoformat()
    if on.operator in (Operator.GREATER, Operator.LESS_OR_EQUAL):
        return condition(field, on.operator.value, high)
    if on.operator in (Operator.GREATER_OR_EQUAL, Operator.LESS):
        return condition(field, on.operator.value, low)
    if low == high:
        return condition(field, "!=" if on.operator is Operator.NOT_EQUAL else "=", low)
    if on.now and on.operator is Operator.EQUAL:
        return condition(field, ">=", low)
    return condition(field, "notBetween" if on.operator is Operator.NOT_EQUAL else "between", [low, high])


def _notes_on_order(when: When, is_verb: bool) -> tuple[str, ...]:
    if isinstance(when, On):
        is_past = is_verb and not when.now and when.operator is not Operator.GREATER_OR_EQUAL
        return (ONLY_THE_LAST,) if is_past else ()
    periods = when.periods if isinstance(when, Ago) else (when.period,)
    return (MONTHS_ARE_30,) if any(period.unit not in ("day", "week") for period in periods) else ()


def read_joined(line: Line, at: int, before: Before) -> Read:
    """Joined since January; customers since 2023; customers for over a year."""
    start = line.skip(at + 1, Kind.BE, Kind.DASH)
    if line.is_at(at, Kind.CUSTOMERS_FOR):
        found = lasting_at(line, start)
    elif line.value(at) == "since":
        found = _since(line, start)
    else:
        found = find_when(line, start)
    if line.value(at) == "new" and (found is None or isinstance(found[0], Lasting)):
        return Refused(SINCE_WHEN, at + 1)
    if found is None:
        return None
    notes = () if isinstance(found[0], On) else (SEEN_TODAY,)
    negated = before.negated
    return _together(line, found, negated, lambda each, no: _asked_of_joining(line, each, no), notes)


def _since(line: Line, at: int) -> tuple[When, int] | None:
    """Customers since 2023; customers since 2 years."""
    found = lasting_at(line, at) or find_when(line, at)
    if found and isinstance(found[0], On) and found[0].operator is Operator.EQUAL:
        return On(Operator.GREATER_OR_EQUAL, found[0].days), found[1]
    return None if found and isinstance(found[0], On | Ago) else found


_TURNED: Final = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "=": "=", "!=": "!="}


def _asked_of_joining(line: Line, when: When, negated: bool) -> Json | Refused:
    asked = _asked_on(JOINED, when) if isinstance(when, On) else _joined_ago(line, when)
    if asked is None:
        return Refused("that is before the calendar begins", 0)
    return opposite(asked) if negated else asked


def _joined_ago(line: Line, when: Within | Lasting | Ago) -> Json | None:
    periods = when.periods if isinstance(when, Ago) else (when.period,)
    days = [day.isoformat() for day in (period.before(line.today) for period in periods) if day]
    if len(days) < len(periods):
        return None
    match when:
        case Within():
            return condition(JOINED, ">=", days[0])
        case Ago(Operator.BETWEEN):
            return condition(JOINED, "between", sorted(days))
        case Lasting(operator) | Ago(operator):
            return condition(JOINED, _TURNED[operator.value], days[0])


def read_activity(line: Line, at: int, before: Before) -> Read:
    """Active, inactive; active in the last 30 days; inactive for 60 days."""
    word = line.value(at)
    found = find_when(line, at + 1)
    if found and not isinstance(found[0], Ago):
        negated = before.negated is (word == "ACTIVE")
        notes = (IDLE, *_notes_on_order(found[0], is_verb=False))
        asked = _asked_of_order(found[0], negated, is_verb=True)
        return asked if isinstance(asked, Refused) else Clause(asked, found[1], notes, verbal=True)
    if word == "DORMANT":
        return Refused(HOW_LONG, at + 1)
    asked = condition("status", "!=" if before.negated else "=", word)
    return Clause(asked, at + 1)


def read_status(line: Line, at: int, before: Before) -> Read:
    """Status is inactive."""
    start = line.skip(at + 1, Kind.BE, Kind.DASH)
    negated = before.negated
    if line.is_at(start, Kind.COMPARISON) and line.value(start) in (Operator.EQUAL, Operator.NOT_EQUAL):
        start, negated = start + 1, negated is not (line.value(start) is Operator.NOT_EQUAL)
    if line.is_at(start, Kind.NOT):
        start, negated = start + 1, not negated
    if not line.is_at(start, Kind.ACTIVITY) or line.value(start) == "DORMANT":
        return None
    return Clause(condition("status", "!=" if negated else "=", line.value(start)), start + 1)


def read_visit_time(line: Line, at: int, before: Before) -> Read:
    """Visited in the last week, which nobody knows."""
    found = find_when(line, line.skip(at + 1, Kind.ANYTHING))
    return (
        Refused(NO_VISIT_TIMES, found[1])
        if found and not line.is_at(at + 1, Kind.NUMBER, Kind.COMPARISON)
        else None
    )
