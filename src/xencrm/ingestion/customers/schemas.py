"""HTTP shapes of customers."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct

from xencrm.contracts.customers import CustomerRecorded
from xencrm.kernel.validation import (
    NAME_LENGTH,
    PHONE_LENGTH,
    check_amount,
    check_text_storable,
    check_time,
    clean_email,
    clean_text,
)

MOST_ATTRIBUTES = 100
ATTRIBUTE_KEY_LENGTH = 64
ATTRIBUTE_LENGTH = 10_000
MOST_VISITS = 1_000_000_000
BIG_INT = 2**53


class NewCustomer(CustomerRecorded, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The body of `POST /customers`."""

    def __post_init__(self) -> None:
        self.name = clean_text("name", self.name, NAME_LENGTH)
        self.email = clean_email("email", self.email)
        if isinstance(self.phone, str):
            self.phone = clean_text("phone", self.phone, PHONE_LENGTH)
        if self.status is not UNSET and self.status not in ("ACTIVE", "INACTIVE"):
            raise ValueError("status: must be ACTIVE or INACTIVE")
        if isinstance(self.total_spend, Decimal):
            self.total_spend = check_amount("total_spend", self.total_spend)
        if self.total_visits is not UNSET and not 0 <= self.total_visits <= MOST_VISITS:
            raise ValueError(f"total_visits: must be between 0 and {MOST_VISITS}")
        if isinstance(self.last_order_at, datetime):
            self.last_order_at = check_time("last_order_at", self.last_order_at)
        if self.attributes is not UNSET:
            _check_attributes(self.attributes)


def _check_attributes(attributes: dict[str, Any]) -> None:
    if len(attributes) > MOST_ATTRIBUTES:
        raise ValueError(f"attributes: at most {MOST_ATTRIBUTES}")
    for key, value in attributes.items():
        if clean_text("attributes", key, ATTRIBUTE_KEY_LENGTH) != key:
            raise ValueError("attributes: a key must not begin or end with a space")
        if isinstance(value, str):
            if len(value) > ATTRIBUTE_LENGTH:
                raise ValueError(f"attributes: a text has at most {ATTRIBUTE_LENGTH} characters")
            check_text_storable("attributes", value)
        elif isinstance(value, int | float) and abs(value) > BIG_INT:
            raise ValueError("attributes: a number lies between -2^53 and 2^53")


class Customer(Struct, kw_only=True):
    """A customer of the Master DB; `opening_*` are from before XenCRM, totals include them."""

    customer_id: UUID
    name: str
    email: str
    phone: str | None
    status: str
    total_spend: Decimal
    total_orders: int
    total_visits: int
    last_order_at: datetime | None
    opening_total_spend: Decimal
    opening_total_visits: int
    opening_last_order_at: datetime | None
    attributes: dict[str, Any]
    created_at: datetime
    updated_at: datetime
