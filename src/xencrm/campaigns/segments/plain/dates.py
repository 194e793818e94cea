"""Pieces -> days on the calendar: "1 May 2024", "March", "2024", "last quarter", "today"."""

from datetime import timedelta

from xencrm.campaigns.segments.plain.calendar_days import (
    FIRST_YEAR,
    LAST_YEAR,
    Days,
    day_of,
    month_of,
    quarter_of,
    unit_around,
    unit_before,
    weekday_of,
    year_of,
)
from xencrm.campaigns.segments.plain.kinds import Kind
from xencrm.campaigns.segments.plain.line import Line
from xencrm.campaigns.segments.plain.numbers import Amount

Found = tuple[Days, int] | None


def find_days(line: Line, at: int) -> Found:
    """The days that are named there, and where that ends."""
    match line.kind(at):
        case Kind.DATE:
            return line.value(at), at + 1
        case Kind.DAY:
            day = line.today - timedelta(days=line.value(at))
            return Days(day, day), at + 1
        case Kind.NUMBER:
            return _day_first(line, at) or _year(line, at)
        case Kind.MONTH:
            return _month_first(line, at)
        case Kind.QUARTER:
            year, end = _maybe_year(line, at + 1)
            return quarter_of(year, line.value(at), line.today), end
        case Kind.WEEKDAY:
            return weekday_of(line.value(at), line.today), at + 1
    return _relative(line, at)


def _relative(line: Line, at: int) -> Found:
    """This month, last week, last Monday, last March."""
    is_last = line.is_at(at, Kind.LAST) or _is_the_last(line, at)
    if is_last and line.is_at(at + 1, Kind.WEEKDAY):
        return weekday_of(line.value(at + 1), line.today - timedelta(days=1)), at + 2
    if is_last and line.is_at(at + 1, Kind.MONTH):
        this = month_of(None, line.value(at + 1), line.today)
        is_over = this.high < line.today
        return (this if is_over else month_of(this.low.year - 1, this.low.month, line.today)), at + 2
    if not line.is_at(at + 1, Kind.UNIT) or line.value(at + 1)[1]:
        return None
    unit = line.value(at + 1)[0]
    if line.is_at(at, Kind.THIS):
        return unit_around(unit, line.today), at + 2
    return (unit_before(unit, line.today), at + 2) if line.is_at(at, Kind.LAST) else None


def _is_the_last(line: Line, at: int) -> bool:
    return line.is_at(at, Kind.IN_THE_LAST)


def _day_first(line: Line, at: int) -> Found:
    """1 May 2024, 1st of May."""
    day = _number(line, at, 31)
    month = at + 2 if line.is_at(at + 1, Kind.PREPOSITION) and line.value(at + 1) == "of" else at + 1
    if day is None or not line.is_at(month, Kind.MONTH):
        return None
    year, end = _maybe_year(line, month + 1)
    days = day_of(year, line.value(month), day, line.today)
    return (days, end) if days else None


def _month_first(line: Line, at: int) -> Found:
    """May 1, 2024; May 2024; May."""
    day = _number(line, at + 1, 31)
    if day is not None and not line.is_at(at + 2, Kind.UNIT, Kind.ORDERS, Kind.VISITS):
        year, end = _maybe_year(line, at + 2)
        days = day_of(year, line.value(at), day, line.today)
        return (days, end) if days else None
    year, end = _maybe_year(line, at + 1)
    return month_of(year, line.value(at), line.today), end


def _year(line: Line, at: int) -> Found:
    year = _year_at(line, at)
    return (year_of(year), at + 1) if year else None


def _maybe_year(line: Line, at: int) -> tuple[int | None, int]:
    """A year, also behind a comma or "of", and where it ends."""
    behind = at + 1 if line.is_at(at, Kind.COMMA, Kind.PREPOSITION) else at
    year = _year_at(line, behind)
    return (year, behind + 1) if year else (None, at)


def _year_at(line: Line, at: int) -> int | None:
    if line.is_at(at + 1, Kind.UNIT, Kind.ORDERS, Kind.VISITS, Kind.TIMES):
        return None
    year = _number(line, at, LAST_YEAR)
    return year if year is not None and year >= FIRST_YEAR else None


def _number(line: Line, at: int, most: int) -> int | None:
    """A whole number written in digits, from 1 up to `most`."""
    amount = line.value(at) if line.is_at(at, Kind.NUMBER) else None
    if not isinstance(amount, Amount) or not (amount.digits or amount.ordinal):
        return None
    return int(amount.value) if 1 <= amount.value <= most else None
