"""Customers on the wire."""

from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from msgspec import UNSET, Raw, Struct, UnsetType

CUSTOMER_RECORDED: Final = "customer.recorded.v1"
CUSTOMER_CHANGED: Final = "customer.changed.v1"

Attributes = dict[str, str | int | float | bool | None]


class CustomerRecorded(Struct, kw_only=True, omit_defaults=True):
    """A shop's word on a customer. A field left out keeps its value; the totals are opening balances."""

    name: str
    email: str
    phone: str | UnsetType | None = UNSET
    status: str | UnsetType = UNSET
    total_spend: Decimal | UnsetType = UNSET
    total_visits: int | UnsetType = UNSET
    last_order_at: datetime | UnsetType | None = UNSET
    attributes: Attributes | UnsetType = UNSET


class CustomerChanged(Struct, frozen=True):
    """All that Campaigns knows of a customer; the highest version wins. `attributes` is a JSON object."""

    customer_id: UUID
    name: str
    email: str
    phone: str | None
    status: str
    total_spend: Decimal
    total_orders: int
    total_visits: int
    last_order_at: datetime | None
    attributes: Raw
    created_at: datetime
    version: int
