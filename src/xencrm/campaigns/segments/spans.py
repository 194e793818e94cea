"""Conditions on times as spans of time, so that an index on the column serves them all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, cast

from sqlalchemy import ColumnElement, DateTime, and_, false, literal, not_, or_, true

from xencrm.campaigns.segments.rules import Moment, Operator, Value

_OPPOSITES = {
    Operator.NOT_EQUAL: Operator.EQUAL,
    Operator.NOT_BETWEEN: Operator.BETWEEN,
    Operator.NOT_IN: Operator.IN,
}
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Times that are `>= start` and `< end`; None is no bound there."""

    start: datetime | None = None
    end: datetime | None = None


def compare_time(column: ColumnElement[Any], operator: Operator, value: Value) -> ColumnElement[bool]:
    """A column of times against moments; may be NULL where the column is."""
    moments = cast(tuple[Moment, ...], value if isinstance(value, tuple) else (value,))
    spans = _moment_spans(_OPPOSITES.get(operator, operator), moments)
    return _condition(column, list(spans), opposite=operator in _OPPOSITES)


def compare_days(
    column: ColumnElement[Any], operator: Operator, value: Value, now: datetime
) -> ColumnElement[bool]:
    """The whole days from `column` to `now` against numbers; may be NULL where the column is."""
    numbers = cast(tuple[Decimal, ...], value if isinstance(value, tuple) else (value,))
    ranges = _day_ranges(_OPPOSITES.get(operator, operator), numbers)
    spans = (_days_ago(low, below, now) for low, below in ranges)
    return _condition(column, [span for span in spans if span], opposite=operator in _OPPOSITES)


def _moment_spans(operator: Operator, moments: tuple[Moment, ...]) -> Iterator[Span]:
    for moment in moments if operator is not Operator.BETWEEN else ():
        match operator:
            case Operator.LESS:
                yield Span(end=moment.start)
            case Operator.LESS_OR_EQUAL:
                yield Span(end=moment.end)
            case Operator.GREATER:
                if moment.end:
                    yield Span(start=moment.end)
            case Operator.GREATER_OR_EQUAL:
                yield Span(start=moment.start)
            case _:
                yield Span(moment.start, moment.end)
    if operator is Operator.BETWEEN:
        low, high = moments
        yield Span(low.start, high.end)


def _day_ranges(operator: Operator, numbers: tuple[Decimal, ...]) -> Iterator[tuple[int, int | None]]:
    """Whole days from the first number to below the second."""
    low, high = numbers[0] if numbers else Decimal(0), numbers[-1] if numbers else Decimal(0)
    match operator:
        case Operator.LESS:
            yield 0, _ceil(high)
        case Operator.LESS_OR_EQUAL:
            yield 0, _floor(high) + 1
        case Operator.GREATER:
            yield _floor(low) + 1, None
        case Operator.GREATER_OR_EQUAL:
            yield _ceil(low), None
        case Operator.BETWEEN:
            yield _ceil(low), _floor(high) + 1
        case _:
            yield from ((_ceil(number), _floor(number) + 1) for number in numbers)


def _days_ago(low: int, below: int | None, now: datetime) -> Span | None:
    """When something happened that is `low` to `below` whole days old; None when that is never."""
    if below is not None and below <= max(low, 0):
        return None
    last = _before(now, low) if low > 0 else None
    if low > 0 and last is None:
        return None
    return Span(_before(now, below) if below is not None else None, last)


def _before(now: datetime, days: int) -> datetime | None:
    """The end of the times at least `days` old; None before the calendar begins."""
    try:
        return now - timedelta(days=days) + _MICROSECOND
    except OverflowError:
        return None


def _condition(column: ColumnElement[Any], spans: list[Span], opposite: bool) -> ColumnElement[bool]:
    inside = or_(false(), *(_within(column, span) for span in spans))
    return not_(inside) if opposite else inside


def _within(column: ColumnElement[Any], span: Span) -> ColumnElement[bool]:
    bounds = [column >= _bind(span.start)] if span.start else []
    bounds += [column < _bind(span.end)] if span.end else []
    return and_(true(), *bounds)


def _bind(moment: datetime) -> ColumnElement[datetime]:
    return literal(moment, DateTime(timezone=True))


def _ceil(number: Decimal) -> int:
    return int(number.to_integral_value(ROUND_CEILING))


def _floor(number: Decimal) -> int:
    return int(number.to_integral_value(ROUND_FLOOR))
