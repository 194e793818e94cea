"""HTTP shapes of customers."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final
from uuid import UUID

import msgspec
from msgspec import UNSET, Struct, UnsetType

from xencrm.contracts.customers import Attributes, CustomerRecorded, CustomerRevised
from xencrm.ingestion.customers.model import MOST_ATTRIBUTES, MOST_ATTRIBUTES_BYTES
from xencrm.kernel.http.shapes import (
    NO_NUL,
    Email,
    GivenAmount,
    GivenTime,
    Money,
    Name,
    Time,
    line,
    number,
    one_of,
    said_as,
)
from xencrm.kernel.validation import (
    NAME_LENGTH,
    PHONE_LENGTH,
    check_amount,
    check_text_storable,
    check_time,
    clean_email,
    clean_text,
)

ATTRIBUTE_KEY_LENGTH = 64
ATTRIBUTE_LENGTH = 10_000
NEVER_TOO_LONG = 20_000  # characters of all texts together, whatever they are in JSON
MOST_VISITS = 1_000_000_000
BIG_INT = 2**53


_KEY_CHAR: Final = r"[^\x00-\x1f\x7f-\x9f\s]"
GivenPhone = Annotated[str, line(PHONE_LENGTH, "+91 98765 43210")]
CustomerStatus = Annotated[str, one_of("ACTIVE", "INACTIVE")]
GivenVisits = Annotated[int, number(0, MOST_VISITS, 3)]
GivenAttributes = Annotated[
    Attributes,
    said_as(
        {
            "type": "object",
            "maxProperties": MOST_ATTRIBUTES,
            "propertyNames": {
                "maxLength": ATTRIBUTE_KEY_LENGTH,
                "pattern": rf"^{_KEY_CHAR}([^\x00-\x1f\x7f-\x9f]*{_KEY_CHAR})?$",
            },
            "additionalProperties": {
                "anyOf": [
                    {"type": "string", "maxLength": ATTRIBUTE_LENGTH, "pattern": NO_NUL},
                    {"type": "number", "minimum": -BIG_INT, "maximum": BIG_INT},
                    {"type": "boolean"},
                    {"type": "null"},
                ]
            },
            "examples": [{"city": "Pune", "tier": 2}],
        }
    ),
]


class NewCustomer(CustomerRecorded, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The body of `POST /customers`. Totals are opening balances from before XenCRM; orders add to them."""

    name: Name
    email: Email
    phone: GivenPhone | UnsetType | None = UNSET
    status: CustomerStatus | UnsetType = UNSET
    total_spend: GivenAmount | UnsetType = UNSET
    total_visits: GivenVisits | UnsetType = UNSET
    last_order_at: GivenTime | UnsetType | None = UNSET
    attributes: GivenAttributes | UnsetType = UNSET

    def __post_init__(self) -> None:
        _clean(self)


class CustomerPatch(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The body of `PATCH /customers/{id}`: a field left out keeps its value."""

    name: Name | UnsetType = UNSET
    email: Email | UnsetType = UNSET
    phone: GivenPhone | UnsetType | None = UNSET
    status: CustomerStatus | UnsetType = UNSET
    total_spend: GivenAmount | UnsetType = UNSET
    total_visits: GivenVisits | UnsetType = UNSET
    last_order_at: GivenTime | UnsetType | None = UNSET
    attributes: GivenAttributes | UnsetType = UNSET
    also_said: ClassVar = {"minProperties": 1}

    def __post_init__(self) -> None:
        if all(getattr(self, name) is UNSET for name in self.__struct_fields__):
            raise ValueError("body: give at least one field")
        _clean(self)

    def as_word(self, customer_id: UUID) -> CustomerRevised:
        given = {name: getattr(self, name) for name in self.__struct_fields__}
        return CustomerRevised(customer_id=customer_id, **given)


def _clean(said: NewCustomer | CustomerPatch) -> None:
    """Raises ValueError that names the field."""
    if isinstance(said.name, str):
        said.name = clean_text("name", said.name, NAME_LENGTH)
    if isinstance(said.email, str):
        said.email = clean_email("email", said.email)
    if isinstance(said.phone, str):
        said.phone = clean_text("phone", said.phone, PHONE_LENGTH)
    if said.status is not UNSET and said.status not in ("ACTIVE", "INACTIVE"):
        raise ValueError("status: must be ACTIVE or INACTIVE")
    if isinstance(said.total_spend, Decimal):
        said.total_spend = check_amount("total_spend", said.total_spend)
    if said.total_visits is not UNSET and not 0 <= said.total_visits <= MOST_VISITS:
        raise ValueError(f"total_visits: must be between 0 and {MOST_VISITS}")
    if isinstance(said.last_order_at, datetime):
        said.last_order_at = check_time("last_order_at", said.last_order_at)
    if said.attributes is not UNSET:
        _check_attributes(said.attributes)


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
    if sum(len(value) for value in attributes.values() if isinstance(value, str)) > NEVER_TOO_LONG:
        _check_size(attributes)


def _check_size(attributes: dict[str, Any]) -> None:
    if len(msgspec.json.encode(attributes)) > MOST_ATTRIBUTES_BYTES:
        raise ValueError(f"attributes: at most {MOST_ATTRIBUTES_BYTES} bytes of JSON")


class Customer(Struct, kw_only=True):
    """A customer of the Master DB; `opening_*` are from before XenCRM, totals include them."""

    customer_id: UUID
    name: str
    email: str
    phone: str | None
    status: CustomerStatus
    total_spend: Money
    total_orders: int
    total_visits: int
    last_order_at: Time | None
    opening_total_spend: Money
    opening_total_visits: int
    opening_last_order_at: Time | None
    attributes: dict[str, Any]
    created_at: Time
    updated_at: Time
