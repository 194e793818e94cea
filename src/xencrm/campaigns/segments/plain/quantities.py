"""Clauses on numbers: money spent, orders, visits, days since the last order, attributes that are numbers."""

from dataclasses import replace
from typing import Final

from xencrm.campaigns.segments.fields import Field
from xencrm.campaigns.segments.plain.comparisons import (
    Compared,
    asked,
    bounded,
    find_comparison,
    find_second,
    opposite,
)
from xencrm.campaigns.segments.plain.kinds import Kind
from xencrm.campaigns.segments.plain.line import Before, Clause, Line, Read, Refused, condition
from xencrm.campaigns.segments.plain.periods import compared_period, find_when
from xencrm.campaigns.segments.plain.recency import DAYS, LAST_ORDER, MONTHS_ARE_30
from xencrm.campaigns.segments.rules import Operator

FIELDS: Final = {
    Kind.SPEND: "total_spend",
    Kind.ORDERS: "total_orders",
    Kind.VISITS: "total_visits",
    Kind.DAYS_SINCE: DAYS,
}
ONLY_TOTALS: Final = "what was spent, ordered or visited within a time is not kept: rules ask for totals"
NO_AMOUNTS: Final = "amounts of single orders cannot be asked: say orders for how many, spent for how much"
A_COUNT: Final = "orders and visits are counted, not paid: leave out the currency"
_COUNTS: Final = (Kind.ORDERS, Kind.VISITS, Kind.DAYS_SINCE)
_TOTALS: Final = (Kind.SPEND, Kind.ORDERS, Kind.VISITS)
_COUNTED_THINGS: Final = (Kind.ORDERS, Kind.VISITS, Kind.SPEND, Kind.UNIT, Kind.TIMES, Kind.ATTRIBUTE)


def read_quantity(line: Line, at: int, before: Before) -> Read:
    """The field first: spent over 5,000; orders > 3; ordered at least 5 times."""
    start = line.skip(at + 1, Kind.BE, Kind.DASH)
    start = start + 1 if line.is_at(start, Kind.PREPOSITION) and line.value(start) in ("of", "at") else start
    is_not = line.is_at(start, Kind.NOT)
    found = find_comparison(line, start + is_not)
    if found is None:
        return _read_bare(line, at, before)
    compared = _after_times(line, found)
    if line.value(at) == "one" and not line.is_at(compared.end - 1, Kind.TIMES, Kind.COUNTED):
        return Refused(NO_AMOUNTS, compared.end)
    if line.value(at) == "worth" and line.is_at(at - 1, Kind.ORDERS):
        return Refused(NO_AMOUNTS, compared.end)
    if line.is_at(compared.end, Kind.UNIT) and line.kind(at) is not Kind.DAYS_SINCE:
        return None
    second = _second_behind(line, compared.end)
    end = second[1].end if second else compared.end
    kind = line.pieces[at].kind
    rule = asked(FIELDS[kind], compared, second)
    return _finished(
        line, kind, compared, Clause(opposite(rule) if before.negated is not is_not else rule, end)
    )


def _after_times(line: Line, compared: Compared) -> Compared:
    """5 times or more."""
    return bounded(line, replace(compared, end=line.skip(compared.end, Kind.TIMES)))


def _finished(line: Line, kind: Kind, compared: Compared, clause: Clause) -> Read:
    """The clause, unless it asks for what is not kept."""
    end = clause.end
    if kind is Kind.DAYS_SINCE and line.is_at(end, Kind.UNIT):
        if line.value(end)[0] != "day":
            return None
        end += 1
    if kind in _COUNTS and compared.has_currency:
        return Refused(A_COUNT, end)
    within = find_when(line, end) if kind in _TOTALS else None
    if within:
        return Refused(ONLY_TOTALS, within[1])
    single = _in_orders(line, end) if kind is Kind.SPEND else None
    if single:
        return Refused(NO_AMOUNTS, single)
    notes = _other_currency(line, compared)
    return Clause(clause.rule, end, notes, verbal=kind is not Kind.ATTRIBUTE)


def _in_orders(line: Line, at: int) -> int | None:
    """Where "in one order", "on a single purchase" ends."""
    if not line.is_at(at, Kind.PREPOSITION) or line.value(at) not in ("in", "on", "at", "by"):
        return None
    compared = find_comparison(line, at + 1)
    end = compared.end if compared else at + 1
    return end + 1 if line.is_at(end, Kind.ORDERS, Kind.REPEAT, Kind.LAST_ORDER) else None


def _other_currency(line: Line, compared: Compared) -> tuple[str, ...]:
    others = sorted({amount.currency for amount in compared.amounts if amount.currency} - {line.currency})
    return (f"amounts are in {line.currency}: {' and '.join(others)} was not converted",) if others else ()


def _read_bare(line: Line, at: int, before: Before) -> Read:
    """No number: haven't spent anything, no orders, never visited, have ordered."""
    kind, how = line.pieces[at].kind, line.value(at)
    end = line.skip(at + 1, Kind.ANYTHING)
    negated = before.negated is not (line.is_at(at + 1, Kind.ANYTHING) and line.value(at + 1) == "nothing")
    said = before.have or before.negated
    match kind:
        case Kind.SPEND if how != "worth" and (negated or end > at + 1):
            return Clause(condition("total_spend", "=" if negated else ">", 0), end, verbal=True)
        case Kind.ORDERS if how == "verb":
            rule = condition(LAST_ORDER, "null" if negated else "notNull")
            return Clause(rule, end, verbal=True, bare=True)
        case Kind.ORDERS | Kind.VISITS if said or how == "verb":
            rule = condition(FIELDS[kind], "=" if negated else ">=", 0 if negated else 1)
            return Clause(rule, end, verbal=True, bare=True)
    return None


def read_counted(line: Line, at: int, before: Before) -> Read:
    """The number first: at most two orders; over 2,000 loyalty points; 90 days since the last order."""
    since = _since_last_order(line, at, before)
    if since:
        return since
    compared = find_comparison(line, at)
    if compared is None:
        return None
    second = find_second(line, compared.end)
    end = second[1].end if second else compared.end
    if (
        line.is_at(end, Kind.PREPOSITION)
        and line.value(end) in ("of", "in")
        and line.is_at(end + 1, Kind.SPEND)
    ):
        end += 1
    kind = line.kind(end)
    field = _numeric(line.value(end)) if kind is Kind.ATTRIBUTE else FIELDS.get(kind) if kind else None
    if kind is None or field is None or (kind is Kind.ORDERS and line.value(end) == "verb"):
        return None
    if line.value(end) == "without" and compared.operator is Operator.EQUAL:
        compared = replace(compared, operator=Operator.GREATER_OR_EQUAL)
    end += 1
    if second is None and line.is_at(at, Kind.NUMBER, Kind.COUNTED):
        compared = bounded(line, replace(compared, end=end))
        end = compared.end
    behind = None if second else _second_behind(line, end)
    rule = asked(field, compared, second or behind)
    end = behind[1].end if behind else end
    return _finished(line, kind, compared, Clause(opposite(rule) if before.negated else rule, end))


def _second_behind(line: Line, at: int) -> tuple[str, Compared] | None:
    """More than 3 orders but fewer than 10."""
    second = find_second(line, at)
    return None if second is None or line.is_at(second[1].end, *_COUNTED_THINGS) else second


def _numeric(field: Field | None) -> str | None:
    return field.name if field and "number" in field.types else None


def _since_last_order(line: Line, at: int, before: Before) -> Read:
    """More than 3 months since their last order; 90 days without an order."""
    found = compared_period(line, at)
    if found is None:
        return None
    operator, periods, end = found
    is_since = line.is_at(end, Kind.SINCE) and line.is_at(end + 1, Kind.LAST_ORDER)
    is_without = line.is_at(end, Kind.NOT) and line.is_at(end + 1, Kind.ORDERS)
    if not is_since and not is_without:
        return None
    if is_without and operator is Operator.EQUAL:
        operator = Operator.GREATER_OR_EQUAL
    days = [period.days for period in periods]
    rule = condition(DAYS, operator.value, days if len(days) > 1 else days[0])
    notes = (MONTHS_ARE_30,) if any(period.unit not in ("day", "week") for period in periods) else ()
    return Clause(opposite(rule) if before.negated else rule, end + 2, notes, verbal=True)


def read_repeat(line: Line, at: int, before: Before) -> Read:
    """Repeat customers, one-time buyers."""
    operator, orders = line.value(at)
    rule = condition("total_orders", operator.value, orders)
    end = at + 2 if line.is_at(at + 1, Kind.ORDERS) else at + 1
    return Clause(opposite(rule) if before.negated else rule, end)
