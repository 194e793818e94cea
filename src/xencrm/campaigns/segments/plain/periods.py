"""Pieces -> when: "for 90 days", "in the last 3 months", "more than a year ago", "since January"."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from xencrm.campaigns.segments.plain.calendar_days import Days, months_after
from xencrm.campaigns.segments.plain.comparisons import Compared, find_comparison
from xencrm.campaigns.segments.plain.dates import find_days
from xencrm.campaigns.segments.plain.kinds import Kind
from xencrm.campaigns.segments.plain.line import Line
from xencrm.campaigns.segments.plain.numbers import Amount
from xencrm.campaigns.segments.rules import Operator

MOST_UNITS: Final = 10_000
_DAYS: Final = {"day": 1, "week": 7, "month": 30, "quarter": 90, "year": 365}
_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
_AROUND: Final = (Kind.THIS, Kind.DAY)


@dataclass(frozen=True, slots=True)
class Period:
    count: int
    unit: str

    @property
    def days(self) -> int:
        """A month is 30 days, twelve are a year of 365."""
        if self.unit == "month":
            return self.count // 12 * 365 + self.count % 12 * 30
        return self.count * _DAYS[self.unit]

    def before(self, today: date) -> date | None:
        """So long ago by the calendar; None before it begins."""
        try:
            months = _MONTHS.get(self.unit)
            if months:
                return months_after(today, -self.count * months)
            return today - timedelta(days=self.days)
        except (ValueError, OverflowError):
            return None


@dataclass(frozen=True, slots=True)
class Within:
    """In the last so many days."""

    period: Period


@dataclass(frozen=True, slots=True)
class Lasting:
    """For so long."""

    operator: Operator
    period: Period


@dataclass(frozen=True, slots=True)
class Ago:
    """So long ago, or between two such times."""

    operator: Operator
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class On:
    """Days of the calendar. `now`: they are those around today, such as this month."""

    operator: Operator
    days: Days
    now: bool = False


When = Within | Lasting | Ago | On


def find_when(line: Line, at: int) -> tuple[When, int] | None:
    """The time that is said there, and where it ends. Raises Unclear."""
    return _rolling(line, at) or _lasting(line, at) or _ago(line, at) or _on(line, at)


def _rolling(line: Line, at: int) -> tuple[When, int] | None:
    if not line.is_at(at, Kind.IN_THE_LAST, Kind.WITHIN, Kind.LAST):
        return None
    period = _period(line, at + 1, needs_count=line.is_at(at, Kind.LAST))
    if period is None:
        return None
    end = period[1] + 1 if line.is_at(period[1], Kind.AGO) else period[1]
    return Within(period[0]), end


def _lasting(line: Line, at: int) -> tuple[When, int] | None:
    """For 90 days, for over a year; in 90 days."""
    is_in = line.is_at(at, Kind.PREPOSITION) and line.value(at) == "in"
    if not is_in and not line.is_at(at, Kind.FOR):
        return _since_so_long(line, at)
    return lasting_at(line, at + 1)


def _since_so_long(line: Line, at: int) -> tuple[When, int] | None:
    """Since 3 months, since the last 3 months: for so long, as it is said in India."""
    if not line.is_at(at, Kind.SINCE) or line.value(at) is not Operator.GREATER_OR_EQUAL:
        return None
    found = _rolling(line, at + 1) or lasting_at(line, at + 1)
    return None if found is None or line.is_at(found[1], Kind.AGO) else found


def lasting_at(line: Line, at: int) -> tuple[When, int] | None:
    found = compared_period(line, at)
    if found is None or len(found[1]) > 1:
        return None
    operator, periods, end = found
    return Lasting(Operator.GREATER_OR_EQUAL if operator is Operator.EQUAL else operator, periods[0]), end


def _ago(line: Line, at: int) -> tuple[When, int] | None:
    """More than 90 days ago; older than 90 days."""
    found = compared_period(line, at)
    if found is None:
        return None
    operator, periods, end = found
    if line.is_at(end, Kind.AGO):
        return Ago(operator, periods), end + 1
    return (Ago(operator, periods), end) if line.is_at(at, Kind.COMPARISON) else None


def compared_period(line: Line, at: int) -> tuple[Operator, tuple[Period, ...], int] | None:
    """A comparison with a period, such as "more than a year", "between 30 and 60 days"."""
    if line.is_at(at, Kind.BETWEEN):
        both = _two_periods(line, at + 1)
        if both:
            return both
    is_compared = line.is_at(at, Kind.COMPARISON)
    one = _period(line, at + 1 if is_compared else at)
    if one:
        operator, end = _afterwards(line, one[1])
        return (line.value(at) if is_compared else operator), (one[0],), one[1] if is_compared else end
    return _counted_period(line, at)


def _afterwards(line: Line, at: int) -> tuple[Operator, int]:
    return (line.value(at), at + 1) if line.is_at(at, Kind.AFTERWARDS) else (Operator.EQUAL, at)


def _two_periods(line: Line, at: int) -> tuple[Operator, tuple[Period, ...], int] | None:
    """30 days and 60 days."""
    low = _period(line, at)
    high = _period(line, low[1] + 1) if low and line.is_at(low[1], Kind.AND, Kind.DASH) else None
    return (Operator.BETWEEN, _ordered(low[0], high[0]), high[1]) if low and high else None


def _counted_period(line: Line, at: int) -> tuple[Operator, tuple[Period, ...], int] | None:
    """90+ days, between 30 and 60 days."""
    compared = find_comparison(line, at)
    if compared is None or compared.operator is Operator.IN or not line.is_at(compared.end, Kind.UNIT):
        return None
    periods = _periods(compared, line.value(compared.end)[0])
    return (compared.operator, periods, compared.end + 1) if periods else None


def _periods(compared: Compared, unit: str) -> tuple[Period, ...]:
    counts = [_count(amount) for amount in compared.amounts]
    return tuple(Period(count, unit) for count in counts if count is not None) if None not in counts else ()


def _ordered(low: Period, high: Period) -> tuple[Period, ...]:
    return tuple(sorted((low, high), key=lambda period: period.days))


def _period(line: Line, at: int, *, needs_count: bool = False) -> tuple[Period, int] | None:
    """3 months, a year, half a year."""
    if line.is_at(at, Kind.PERIOD):
        return Period(*line.value(at)), at + 1
    if line.is_at(at, Kind.UNIT) and not needs_count and not line.value(at)[1]:
        return Period(1, line.value(at)[0]), at + 1
    count = _count(line.value(at)) if line.is_at(at, Kind.NUMBER) else None
    if count is None or not line.is_at(at + 1, Kind.UNIT):
        return None
    return Period(count, line.value(at + 1)[0]), at + 2


def _count(amount: Amount) -> int | None:
    is_whole = amount.value == amount.value.to_integral_value() and amount.currency is None
    return int(amount.value) if is_whole and Decimal(0) < amount.value <= MOST_UNITS else None


def _on(line: Line, at: int) -> tuple[When, int] | None:
    """Since January, before 2024, in March, between two days, this year."""
    if line.is_at(at, Kind.BETWEEN) or (line.is_at(at, Kind.PREPOSITION) and line.value(at) == "from"):
        return _between(line, at + 1) or (_since(line, at) if line.value(at) == "from" else None)
    if line.is_at(at, Kind.SINCE, Kind.COMPARISON):
        return _compared_days(line, at)
    start = at + 1 if line.is_at(at, Kind.PREPOSITION) and line.value(at) in ("in", "on", "during") else at
    days = find_days(line, start)
    if days is None:
        by = line.is_at(at, Kind.PREPOSITION) and line.value(at) == "by"
        until = find_days(line, at + 1) if by else None
        return (On(Operator.LESS_OR_EQUAL, until[0]), until[1]) if until else None
    is_now = line.is_at(start, *_AROUND) and days[0].high >= line.today
    return On(Operator.EQUAL, days[0], is_now), days[1]


def _since(line: Line, at: int) -> tuple[When, int] | None:
    days = find_days(line, at + 1)
    return (On(Operator.GREATER_OR_EQUAL, days[0]), days[1]) if days else None


def _compared_days(line: Line, at: int) -> tuple[When, int] | None:
    days = find_days(line, at + 1)
    if days:
        return On(line.value(at), days[0]), days[1]
    period = _period(line, at + 1)
    if period and line.is_at(at, Kind.SINCE) and line.is_at(period[1], Kind.AGO):
        return _around_ago(line.value(at), period[0]), period[1] + 1
    return None


def _around_ago(operator: Operator, period: Period) -> When:
    """Since 90 days ago is later than that; before 90 days ago is longer ago."""
    turned = {
        Operator.GREATER_OR_EQUAL: Operator.LESS_OR_EQUAL,
        Operator.GREATER: Operator.LESS,
        Operator.LESS: Operator.GREATER,
        Operator.LESS_OR_EQUAL: Operator.GREATER_OR_EQUAL,
    }
    return Ago(turned[operator], (period,))


def _day_alone(line: Line, at: int) -> tuple[Days, int] | None:
    """The 1 of "1 and 31 January", in the month of the day behind it."""
    high = find_days(line, at + 2) if line.is_at(at, Kind.NUMBER) else None
    day = line.value(at).value if high and high[0].low == high[0].high else None
    if high is None or day is None or not 1 <= day <= high[0].low.day or not line.value(at).digits:
        return None
    first = high[0].low.replace(day=int(day))
    return Days(first, first), at + 1


def _between(line: Line, at: int) -> tuple[When, int] | None:
    low = find_days(line, at) or _day_alone(line, at)
    joins = low and (
        line.is_at(low[1], Kind.AND, Kind.DASH) or line.value(low[1]) in ("to", Operator.LESS_OR_EQUAL)
    )
    high = find_days(line, low[1] + 1) if low and joins else None
    if not low or not high:
        return None
    if low[0].low > high[0].low and line.is_at(at, Kind.MONTH, Kind.NUMBER):
        low = find_days(replace(line, today=high[0].high), at) or low
    first, last = sorted((low[0], high[0]), key=lambda days: days.low)
    return On(Operator.BETWEEN, Days(first.low, last.high)), high[1]
