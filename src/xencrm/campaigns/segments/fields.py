"""The one table of what a rule may ask about: name -> column, kind, operators, label."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Column

from xencrm.campaigns.profiles.tables import customers_mv
from xencrm.campaigns.segments.rules import Operator

ATTRIBUTE_PREFIX = "attributes."
MAX_ATTRIBUTE_KEY = 255


class Kind(StrEnum):
    """How a field's values are read and compared."""

    MONEY = "money"
    COUNT = "count"
    DAYS = "days"
    DATE = "date"
    TEXT = "text"
    ATTRIBUTE = "attribute"


ANY_OPERATORS = tuple(Operator)
TEXT_ONLY_OPERATORS = (
    Operator.CONTAINS,
    Operator.DOES_NOT_CONTAIN,
    Operator.BEGINS_WITH,
    Operator.ENDS_WITH,
)
ORDERED_OPERATORS = tuple(operator for operator in Operator if operator not in TEXT_ONLY_OPERATORS)
NO_VALUE_OPERATORS = (Operator.NULL, Operator.NOT_NULL)


@dataclass(frozen=True)
class Field:
    """`values` are those that a choice should offer; others are allowed.

    `types` are the JSON types that an attribute's values have, the most frequent first.
    """

    name: str
    label: str
    kind: Kind
    column: Column[object]
    operators: tuple[Operator, ...]
    values: tuple[str, ...] = ()
    types: tuple[str, ...] = ()

    @property
    def nullable(self) -> bool:
        return bool(self.column.nullable)


_c = customers_mv.c

FIELDS = {
    field.name: field
    for field in (
        Field("total_spend", "Total spend", Kind.MONEY, _c.total_spend, ORDERED_OPERATORS),
        Field("total_visits", "Visits", Kind.COUNT, _c.total_visits, ORDERED_OPERATORS),
        Field("total_orders", "Orders", Kind.COUNT, _c.total_orders, ORDERED_OPERATORS),
        Field("last_order_at", "Last order", Kind.DATE, _c.last_order_at, ORDERED_OPERATORS),
        Field(
            "days_since_last_order", "Days since last order", Kind.DAYS, _c.last_order_at, ORDERED_OPERATORS
        ),
        Field("status", "Status", Kind.TEXT, _c.status, ANY_OPERATORS, ("ACTIVE", "INACTIVE")),
        Field("name", "Name", Kind.TEXT, _c.name, ANY_OPERATORS),
        Field("email", "E-mail", Kind.TEXT, _c.email, ANY_OPERATORS),
        Field("phone", "Phone", Kind.TEXT, _c.phone, ANY_OPERATORS),
        Field("created_at", "Customer since", Kind.DATE, _c.created_at, ORDERED_OPERATORS),
    )
}


def find_field(name: str, values: Sequence[str] = (), types: Sequence[str] = ()) -> Field | None:
    """The field of that name. Any `attributes.<key>` exists; the rest after the first dot is the key.

    `values` and `types` are what is known of an attribute.
    """
    if not name.startswith(ATTRIBUTE_PREFIX):
        return FIELDS.get(name)
    key = attribute_key(name)
    if not 0 < len(key) <= MAX_ATTRIBUTE_KEY:
        return None
    return Field(name, key, Kind.ATTRIBUTE, _c.attributes, ANY_OPERATORS, tuple(values), tuple(types))


def attribute_key(name: str) -> str:
    return name.removeprefix(ATTRIBUTE_PREFIX)
