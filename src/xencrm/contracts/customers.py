"""Customers on the wire."""

from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from msgspec import UNSET, Raw, Struct, UnsetType

CUSTOMER_RECORDED: Final = "customer.recorded.v1"
CUSTOMER_REVISED: Final = "customer.revised.v1"
CUSTOMER_ERASURE_REQUESTED: Final = "customer.erasure_requested.v1"
CUSTOMER_AWAITED: Final = "customer.awaited.v1"
CUSTOMER_CHANGED: Final = "customer.changed.v1"
CUSTOMER_ERASED: Final = "customer.erased.v1"
CUSTOMERS_REBUILT: Final = "customers.range_rebuilt.v1"

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


class CustomerRevised(Struct, kw_only=True, omit_defaults=True):
    """A correction of one customer, found by id. A field left out keeps its value."""

    customer_id: UUID
    name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    phone: str | UnsetType | None = UNSET
    status: str | UnsetType = UNSET
    total_spend: Decimal | UnsetType = UNSET
    total_visits: int | UnsetType = UNSET
    last_order_at: datetime | UnsetType | None = UNSET
    attributes: Attributes | UnsetType = UNSET


class CustomerErasureRequested(Struct, frozen=True):
    """Nothing that identifies the customer is to be kept."""

    customer_id: UUID


class CustomerAwaited(Struct, frozen=True):
    """A mark in the queue that changes nothing: once it is applied, so is all that came before it."""


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


class CustomerErased(Struct, frozen=True):
    """The customer is gone for good: nothing about this id is taken any more."""

    customer_id: UUID
    erased_at: datetime


class CustomersRebuilt(Struct, frozen=True, kw_only=True):
    """All customers with `after` < id <= `until` (None: no bound) of one partition.

    A partition is what goes to one queue. What lies in the range and is not listed does not exist.
    """

    after: UUID | None
    until: UUID | None
    customers: list[CustomerChanged]
    partition: int = 0
    partitions: int = 1
