"""Numbers, amounts and times as people write them, and text that customers wrote."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Final

SYMBOLS: Final = {"INR": "₹", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
NONE: Final = "-"
OPEN, CLOSE = "<customer_data>", "</customer_data>"


class ZoneUnknown(Exception):
    """What a time without an offset means cannot be told."""


@dataclass(frozen=True, slots=True)
class Words:
    """`currency` is an ISO 4217 code, empty while neither it nor the time zone is known."""

    currency: str = ""
    zone: tzinfo = UTC

    def money(self, amount: Decimal | None) -> str:
        """₹1,234.50"""
        if amount is None:
            return NONE
        digits = f"{abs(amount):,.2f}".removesuffix(".00")
        unit = SYMBOLS.get(self.currency, f"{self.currency} " if self.currency else "")
        return f"{'-' if amount < 0 else ''}{unit}{digits}"

    def time(self, moment: datetime | None) -> str:
        """23 Nov 2026, 14:05 (Asia/Kolkata)"""
        if moment is None:
            return NONE
        local = moment.astimezone(self.zone)
        return f"{local.day} {local:%b %Y, %H:%M} ({self.zone})"

    def moment(self, text: str) -> str:
        """A time as the API reads it; one without an offset is of the installation's time zone.

        Raises ZoneUnknown for such a one while that is not known.
        """
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return text
        if moment.tzinfo is None and not self.currency:
            raise ZoneUnknown
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).isoformat()


def count(number: int, one: str, many: str | None = None) -> str:
    """1 customer, 2,000 customers"""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def percent(value: Decimal | None) -> str:
    return NONE if value is None else f"{value:.1f} %"


def unquoted(text: str) -> str:
    """For people, who need no marks."""
    return text.replace(OPEN, "").replace(CLOSE, "")


def quoted(text: object) -> str:
    """What a customer wrote, between marks that it cannot end by itself."""
    return f"{OPEN}{str(text).replace('<', '‹').replace('>', '›')}{CLOSE}"
