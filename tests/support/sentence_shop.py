"""The shop in which sentences of marketers are read, on a day in March, and short ways to write rules."""

from datetime import UTC, datetime
from typing import Any, Final

from xencrm.campaigns.segments.fields import ATTRIBUTE_PREFIX, Field, find_field
from xencrm.campaigns.segments.fields import FIELDS as CORE

NOW: Final = datetime(2026, 3, 18, 10, 30, tzinfo=UTC)
CURRENCY: Final = "INR"

Rule = dict[str, Any]


def attribute(key: str, kind: str, *values: str) -> Field:
    field = find_field(ATTRIBUTE_PREFIX + key, values, (kind,))
    assert field is not None
    return field


FIELDS: Final = (
    *CORE.values(),
    attribute("age", "number"),
    attribute(
        "city", "string", "Mumbai", "Pune", "Delhi", "New York", "London", "Berlin", "Camden", "Nashik"
    ),
    attribute("country", "string", "India", "Germany", "United States", "France", "IN"),
    attribute("gender", "string", "female", "male"),
    attribute("has_app", "boolean"),
    attribute("language", "string", "English", "Hindi", "Marathi", "German", "French"),
    attribute("loyalty_points", "number"),
    attribute("newsletter", "boolean"),
    attribute("pin_code", "string", "411001", "400001"),
    attribute("plan", "string", "Free", "Pro", "Pro Plus"),
    attribute("preferred_store", "string", "Camden", "Online"),
    attribute("tier", "string", "bronze", "silver", "gold", "platinum"),
    attribute("vip", "boolean"),
)


def asks(field: str, operator: str, value: Any = None) -> Rule:
    return {"field": field, "operator": operator, "value": value}


def both(*rules: Rule) -> Rule:
    return {"combinator": "and", "rules": list(rules)}


def either(*rules: Rule) -> Rule:
    return {"combinator": "or", "rules": list(rules)}


def none_of(*rules: Rule) -> Rule:
    return {"combinator": "or", "not": True, "rules": list(rules)}


def spent(operator: str, value: Any) -> Rule:
    return asks("total_spend", operator, value)


def orders(operator: str, value: Any) -> Rule:
    return asks("total_orders", operator, value)


def visits(operator: str, value: Any) -> Rule:
    return asks("total_visits", operator, value)


def days(operator: str, value: Any) -> Rule:
    return asks("days_since_last_order", operator, value)


def last(operator: str, value: Any = None) -> Rule:
    return asks("last_order_at", operator, value)


def joined(operator: str, value: Any) -> Rule:
    return asks("created_at", operator, value)


def has(key: str, operator: str, value: Any = None) -> Rule:
    return asks(f"attributes.{key}", operator, value)


ACTIVE: Final = asks("status", "=", "ACTIVE")
INACTIVE: Final = asks("status", "=", "INACTIVE")
IN_PUNE: Final = has("city", "=", "Pune")
IN_MUMBAI: Final = has("city", "=", "Mumbai")
VIP: Final = has("vip", "=", True)
NEVER_ORDERED: Final = last("null")
NO_PHONE: Final = asks("phone", "null")
HAS_PHONE: Final = asks("phone", "notNull")
