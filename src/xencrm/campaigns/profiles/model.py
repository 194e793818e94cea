"""A profile: the denormalised copy of a customer that segments read."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from xencrm.kernel.errors import FieldError, InvalidInput, NotFound


@dataclass(frozen=True, slots=True)
class Profile:
    """A row of `customers_mv`."""

    customer_id: UUID
    name: str
    email: str
    phone: str | None
    status: str
    total_spend: Decimal
    total_orders: int
    total_visits: int
    last_order_at: datetime | None
    attributes: dict[str, Any]
    created_at: datetime
    synced_at: datetime


@dataclass(frozen=True, slots=True)
class Buried:
    """Whose profile was deleted."""

    customer_id: UUID
    email: str
    name: str
    phone: str | None


class ProfileUnknown(NotFound):
    """No profile has this customer id."""


def whole_days_since(moment: datetime | None, now: datetime) -> int | None:
    """Whole 24-hour days up to `now`, 0 for a moment after it."""
    return None if moment is None else max(0, (now - moment).days)


class SortField(StrEnum):
    """What profiles can be sorted by."""

    NAME = "name"
    EMAIL = "email"
    TOTAL_SPEND = "total_spend"
    LAST_ORDER_AT = "last_order_at"
    CREATED_AT = "created_at"


SortKey = str | Decimal | datetime | None
KEY_KINDS: Final[dict[SortField, type[str | Decimal | datetime]]] = {
    SortField.NAME: str,
    SortField.EMAIL: str,
    SortField.TOTAL_SPEND: Decimal,
    SortField.LAST_ORDER_AT: datetime,
    SortField.CREATED_AT: datetime,
}


@dataclass(frozen=True, slots=True)
class Sort:
    """Customers without a value come last, whatever the direction; ties go by customer id."""

    field: SortField
    descending: bool

    def __str__(self) -> str:
        return f"-{self.field}" if self.descending else self.field

    def key_of(self, profile: Profile) -> SortKey:
        key: SortKey = getattr(profile, self.field)
        return key


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a sorted list of profiles: right after the one with this key and id."""

    key: SortKey
    customer_id: UUID


def read_sort(text: str) -> Sort:
    """A field's name, with `-` before it for descending. Raises InvalidInput."""
    name = text.removeprefix("-")
    if name not in tuple(SortField):
        known = ", ".join(SortField)
        raise InvalidInput(errors=[FieldError("sort", f"is one of {known}, or one of these after a '-'")])
    return Sort(SortField(name), descending=text.startswith("-"))
