"""What a template may name, and its values for one customer."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final, Protocol

from xencrm.campaigns.profiles.model import whole_days_since

VARIABLES: Final = (
    "name",
    "first_name",
    "email",
    "phone",
    "status",
    "total_spend",
    "total_orders",
    "total_visits",
    "last_order_at",
    "days_since_last_order",
    "attributes",
    "unsubscribe_url",
)

Variables = Mapping[str, object]


class Recipient(Protocol):
    """What templates need of a customer, attributes aside."""

    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def phone(self) -> str | None: ...
    @property
    def status(self) -> str: ...
    @property
    def total_spend(self) -> Decimal: ...
    @property
    def total_orders(self) -> int: ...
    @property
    def total_visits(self) -> int: ...
    @property
    def last_order_at(self) -> datetime | None: ...


class Amount(float):
    """Money: Liquid calculates with it as with any number, and prints two decimals.

    A float, because Liquid takes a Decimal for 0; exact to the cent up to 13 digits before the point.
    """

    __slots__ = ()

    def __str__(self) -> str:
        return f"{self:.2f}"


def profile_variables(
    profile: Recipient, attributes: Mapping[str, object], *, now: datetime, unsubscribe_url: str = ""
) -> dict[str, object]:
    """Every variable with its value for `profile` at `now`."""
    words = profile.name.split(None, 1)
    return {
        "name": profile.name,
        "first_name": words[0] if words else "",
        "email": profile.email,
        "phone": profile.phone,
        "status": profile.status,
        "total_spend": Amount(profile.total_spend),
        "total_orders": profile.total_orders,
        "total_visits": profile.total_visits,
        "last_order_at": profile.last_order_at,
        "days_since_last_order": whole_days_since(profile.last_order_at, now),
        "attributes": attributes,
        "unsubscribe_url": unsubscribe_url,
    }


def value_of(variables: Variables, name: str) -> object:
    """The value of `phone` or `attributes.city`; None where there is none."""
    root, _, key = name.partition(".")
    value = variables.get(root)
    if not key:
        return value
    return value.get(key) if isinstance(value, Mapping) else None
