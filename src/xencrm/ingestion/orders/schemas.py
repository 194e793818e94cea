"""HTTP shapes of orders."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, ClassVar, Final
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from xencrm.contracts.orders import OrderRecorded
from xencrm.kernel.http.shapes import Email, GivenAmount, GivenTime, Money, Time, line, one_of, said_as
from xencrm.kernel.validation import check_amount, check_text_storable, check_time, clean_email, clean_text

STATUSES: Final = ("PENDING", "COMPLETED", "CANCELLED", "REFUNDED")
ORDER_ID_LENGTH = 128
MOST_ITEMS = 1000
DEEPEST_ITEM = 8


OrderStatus = Annotated[str, one_of(*STATUSES)]
CustomerId = Annotated[UUID, said_as({"type": "string", "format": "uuid", "examples": []})]
Items = Annotated[
    list[Any],
    said_as(
        {
            "type": "array",
            "maxItems": MOST_ITEMS,
            "description": f"kept as they are; nested at most {DEEPEST_ITEM} deep",
            "examples": [[{"sku": "MUG-1", "quantity": 2}]],
        }
    ),
]


class NewOrder(OrderRecorded, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The body of `POST /orders`: with either `customer_email` or `customer_id`."""

    order_amount: GivenAmount
    customer_email: Email | UnsetType = UNSET
    customer_id: CustomerId | UnsetType = UNSET
    order_status: OrderStatus = "COMPLETED"
    order_id: Annotated[str, line(ORDER_ID_LENGTH, "shop-1001")] | UnsetType = UNSET
    ordered_at: GivenTime | UnsetType = UNSET
    items: Items | UnsetType = UNSET
    also_said: ClassVar = {"oneOf": [{"required": ["customer_email"]}, {"required": ["customer_id"]}]}

    def __post_init__(self) -> None:
        self.order_amount = check_amount("order_amount", self.order_amount)
        if (self.customer_email is UNSET) == (self.customer_id is UNSET):
            raise ValueError("customer_email: give either customer_email or customer_id")
        if isinstance(self.customer_email, str):
            self.customer_email = clean_email("customer_email", self.customer_email)
        if self.order_status not in STATUSES:
            raise ValueError(f"order_status: must be one of {', '.join(STATUSES)}")
        if isinstance(self.order_id, str):
            self.order_id = clean_text("order_id", self.order_id, ORDER_ID_LENGTH)
        if isinstance(self.ordered_at, datetime):
            self.ordered_at = check_time("ordered_at", self.ordered_at)
        if isinstance(self.items, list):
            _check_items(self.items)


def _check_items(items: list[Any]) -> None:
    if len(items) > MOST_ITEMS:
        raise ValueError(f"items: at most {MOST_ITEMS}")
    level: list[Any] = items
    for _ in range(DEEPEST_ITEM):
        for text in (text for value in level for text in _texts(value)):
            check_text_storable("items", text)
        level = [part for value in level for part in _parts(value)]
        if not level:
            return
    raise ValueError(f"items: nested at most {DEEPEST_ITEM} deep")


def _texts(value: Any) -> Iterable[str]:
    return (value,) if isinstance(value, str) else value if isinstance(value, dict) else ()


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


class WaitingOrder(Struct, kw_only=True):
    """An order that was accepted and waits for its customer, named by e-mail or by id."""

    event_id: UUID
    order_id: str
    customer_email: str | None
    customer_id: UUID | None
    reason: str
    accepted_at: Time
    waiting_since: Time


class Order(Struct, kw_only=True):
    """An order of the Master DB."""

    order_id: str
    customer_id: UUID
    order_amount: Money
    order_status: OrderStatus
    ordered_at: Time
    items: list[Any] | None
    created_at: Time
    updated_at: Time
