"""Spans of days on the calendar: a day, a month, a quarter, a year, this week, last month."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from xencrm.campaigns.segments.plain.numbers import Unclear

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2100
_MONTHS_OF: Final = {"month": 1, "quarter": 3, "year": 12}
_NUMBERS: Final = re.compile(r"\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Days:
    """From `low` to `high`, both included."""

    low: date
    high: date


def read_date(text: str) -> Days:
    """2026-05-31, 2026/5/31, 31.5.2026, and 31/05/2026 where only one order is a date. Raises Unclear."""
    first, middle, last = (int(number) for number in _NUMBERS.findall(text))
    if first > 31:
        return Days(*[_day(first, middle, last, text)] * 2)
    if "." in text or first > 12:
        return Days(*[_day(last, middle, first, text)] * 2)
    if middle > 12 or first == middle:
        return Days(*[_day(last, first, middle, text)] * 2)
    raise Unclear(f"{text} may be a day of two months: write it as {last}-{middle:02}-{first:02}, year first")


def _day(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Unclear(f"{text} is not a date of the calendar") from error


def day_of(year: int | None, month: int, day: int, today: date) -> Days | None:
    """That day; without a year the last such day up to today."""
    for each in (year,) if year else (today.year, today.year - 1):
        if day <= monthrange(each, month)[1]:
            found = date(each, month, day)
            if year or found <= today:
                return Days(found, found)
    return None


def month_of(year: int | None, month: int, today: date) -> Days:
    """That month; without a year the last one that has begun."""
    return months_from(date(year or today.year - (month > today.month), month, 1), 1)


def quarter_of(year: int | None, quarter: int, today: date) -> Days:
    month = 3 * quarter - 2
    return months_from(date(year or today.year - (month > today.month), month, 1), 3)


def year_of(year: int) -> Days:
    return Days(date(year, 1, 1), date(year, 12, 31))


def weekday_of(weekday: int, today: date) -> Days:
    """The last one up to today."""
    found = today - timedelta(days=(today.weekday() - weekday) % 7)
    return Days(found, found)


def unit_around(unit: str, today: date) -> Days:
    """This day, week (from Monday on), month, quarter or year."""
    if unit == "day":
        return Days(today, today)
    if unit == "week":
        monday = today - timedelta(days=today.weekday())
        return Days(monday, monday + timedelta(days=6))
    months = _MONTHS_OF[unit]
    return months_from(date(today.year, (today.month - 1) // months * months + 1, 1), months)


def unit_before(unit: str, today: date) -> Days:
    """The last one that is over."""
    return unit_around(unit, unit_around(unit, today).low - timedelta(days=1))


def months_from(first: date, months: int) -> Days:
    return Days(first, months_after(first, months) - timedelta(days=1))


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later or (negative) earlier, or the month's last."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
