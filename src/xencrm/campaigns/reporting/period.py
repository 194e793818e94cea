"""The days that a dashboard shows. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Period:
    """`days` whole days in a time zone, the last one today; `previous_start`: as many days before `start`."""

    zone: str
    first_day: date
    days: int
    previous_start: datetime
    start: datetime
    end: datetime

    def each_day(self) -> list[date]:
        return [self.first_day + timedelta(days=number) for number in range(self.days)]

    def each_day_before(self) -> list[date]:
        return [self.first_day - timedelta(days=number) for number in range(self.days, 0, -1)]

    def each_midnight(self) -> list[datetime]:
        """When each of these days begins, those before first."""
        return [_midnight(day, self.zone) for day in (*self.each_day_before(), *self.each_day())]


def period_until(now: datetime, days: int, zone: str) -> Period:
    today = now.astimezone(ZoneInfo(zone)).date()
    first_day = today - timedelta(days=days - 1)
    return Period(
        zone=zone,
        first_day=first_day,
        days=days,
        previous_start=_midnight(first_day - timedelta(days=days), zone),
        start=_midnight(first_day, zone),
        end=_midnight(today + timedelta(days=1), zone),
    )


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(zone))
