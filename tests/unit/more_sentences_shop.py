"""Two shops, what their customers have, a day in August, and short ways to write what is meant."""

from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

NOW = datetime(2026, 8, 12, 10, 30, tzinfo=UTC)

# Attributes of each shop: the JSON type and the common texts, where it has any.
SHOPS: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "INR": {
        "city": ("string", ("Pune", "Mumbai", "Delhi", "New Delhi", "Bengaluru", "Chennai")),
        "country": ("string", ("India", "United States")),
        "tier": ("string", ("Gold", "Silver", "Platinum", "Bronze")),
        "language": ("string", ("Hindi", "English", "Marathi", "Tamil")),
        "gender": ("string", ("female", "male")),
        "favourite_category": ("string", ("Sarees", "Shoes", "Electronics", "Home Decor")),
        "loyalty_points": ("number", ()),
        "age": ("number", ()),
        "vip": ("boolean", ()),
        "newsletter": ("boolean", ()),
        "whatsapp_opt_in": ("boolean", ()),
    },
    "USD": {
        "city": ("string", ("London", "New York", "Los Angeles", "Berlin")),
        "plan": ("string", ("free", "pro", "enterprise")),
        "accepts_marketing": ("boolean", ()),
        "reward_points": ("number", ()),
    },
}


def c(field: str, operator: str, value: object = None) -> Json:
    return {"field": field, "operator": operator, "value": value}


def a(key: str, operator: str, value: object = None) -> Json:
    return c(f"attributes.{key}", operator, value)


def every(*rules: Json) -> Json:
    return {"combinator": "and", "rules": list(rules)}


def some(*rules: Json) -> Json:
    return {"combinator": "or", "rules": list(rules)}


def but(*rules: Json) -> Json:
    return {"combinator": "or", "rules": list(rules), "not": True}


def readings(*rules: Json) -> Json:
    return {"readings": list(rules)}


def spent(operator: str, value: object) -> Json:
    return c("total_spend", operator, value)


def orders(operator: str, value: object) -> Json:
    return c("total_orders", operator, value)


def joined(operator: str, value: object) -> Json:
    return c("created_at", operator, value)


def within(days: int) -> Json:
    """Ordered in the last so many days."""
    return readings(c("days_since_last_order", "<=", days), c("days_since_last_order", "<", days))


def quiet(days: int) -> Json:
    """Not ordered for so many days; who never ordered may be among them."""
    after = [c("days_since_last_order", operator, days) for operator in (">=", ">")]
    return readings(*after, *(some(each, c("last_order_at", "null")) for each in after))


def quiet_since(day: str) -> Json:
    before = c("last_order_at", "<", day)
    return readings(before, some(before, c("last_order_at", "null")))


def not_of(key: str, *values: str) -> Json:
    """Said as an exception: whether those of whom it is not known are left in is open."""
    return readings(a(key, "notIn", list(values)), but(a(key, "in", list(values))))
