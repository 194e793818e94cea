"""Orders on the wire."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

ORDER_RECORDED: Final = "order.recorded.v1"
ORDER_CHANGED: Final = "order.changed.v1"
ORDERS_REBUILT: Final = "orders.range_rebuilt.v1"


class OrderRecorded(Struct, kw_only=True, omit_defaults=True):
    """A shop's word on an order. `ordered_at` and `items` left out keep their values on a known order."""

    order_amount: Decimal
    customer_email: str | UnsetType = UNSET
    customer_id: UUID | UnsetType = UNSET
    order_status: str = "COMPLETED"
    order_id: str | UnsetType = UNSET
    ordered_at: datetime | UnsetType = UNSET
    items: list[Any] | UnsetType = UNSET


class OrderChanged(Struct, frozen=True, kw_only=True):
    """An order as it stands; the highest version wins."""

    order_id: str
    customer_id: UUID
    order_amount: Decimal
    order_status: str
    ordered_at: datetime
    version: int


class OrdersRebuilt(Struct, frozen=True, kw_only=True):
    """All orders with `after` < order id <= `until` (bytewise; None: no bound) of one partition.

    A partition is what goes to one queue. What lies in the range and is not listed does not exist.
    """

    after: str | None
    until: str | None
    orders: list[OrderChanged]
    partition: int = 0
    partitions: int = 1
