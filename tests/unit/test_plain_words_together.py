"""Plain words that are easily misread: what holds for what, and what one word changes."""

from typing import Any

import pytest

from tests.support.sentence_shop import (
    ACTIVE,
    HAS_PHONE,
    IN_MUMBAI,
    IN_PUNE,
    INACTIVE,
    NEVER_ORDERED,
    NO_PHONE,
    VIP,
    asks,
    both,
    days,
    either,
    has,
    joined,
    last,
    none_of,
    orders,
    spent,
    visits,
)
from tests.unit.test_plain_words import read, tree

GOLD = has("tier", "=", "gold")
INACTIVE_OR_OTHER = asks("status", "!=", "ACTIVE")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("everyone but VIPs", none_of(VIP)),
        ("all active customers but VIPs", both(ACTIVE, none_of(VIP))),
        ("everyone but not VIPs", none_of(VIP)),
        ("all but inactive customers", asks("status", "!=", "INACTIVE")),
        ("in Pune but no VIPs", both(IN_PUNE, none_of(VIP))),
        ("everyone in Pune except VIPs and inactive ones", both(IN_PUNE, none_of(VIP, INACTIVE))),
        (
            "except those who are VIPs and inactive",
            {"combinator": "and", "not": True, "rules": [VIP, INACTIVE]},
        ),
        ("never ordered or visited", both(NEVER_ORDERED, visits("=", 0))),
        ("without a phone or a city", both(NO_PHONE, has("city", "null"))),
        ("without a phone or in Pune", either(NO_PHONE, IN_PUNE)),
        ("not active or VIP", both(asks("status", "!=", "ACTIVE"), none_of(VIP))),
        ("neither VIP nor active", both(none_of(VIP), asks("status", "!=", "ACTIVE"))),
        ("not in Pune nor Mumbai", has("city", "notIn", ["Pune", "Mumbai"])),
        ("with over 3 orders and a phone", both(orders(">", 3), HAS_PHONE)),
        ("spent over 5,000 and over 3 orders", both(spent(">", 5000), orders(">", 3))),
        ("more than 3 and less than 10 orders", both(orders(">", 3), orders("<", 10))),
        ("more than 3 orders but fewer than 10", both(orders(">", 3), orders("<", 10))),
        (
            "spent at least 500 but no more than 1000 and visited 2-4 times",
            both(both(spent(">=", 500), spent("<=", 1000)), visits("between", [2, 4])),
        ),
        ("VIPs who spent over 50k or gold customers", either(both(VIP, spent(">", 50000)), GOLD)),
        ("gold or active customers in Pune", both(either(GOLD, ACTIVE), IN_PUNE)),
        (
            "customers in Pune who are VIPs, or customers in Mumbai who are gold",
            either(both(IN_PUNE, VIP), both(IN_MUMBAI, GOLD)),
        ),
        ("in Pune, active, or with a phone", either(IN_PUNE, ACTIVE, HAS_PHONE)),
        ("in Pune, active, and with a phone", both(IN_PUNE, ACTIVE, HAS_PHONE)),
        ("VIP or in Pune, and active", both(either(VIP, IN_PUNE), ACTIVE)),
        ("active and either VIP or with a phone", both(ACTIVE, either(VIP, HAS_PHONE))),
        ("Customers in Pune. They have spent over 5k.", both(IN_PUNE, spent(">", 5000))),
        ("spend > 1000 & visits < 3", both(spent(">", 1000), visits("<", 3))),
        (
            "last order after May 2025 and before July 2025",
            both(last(">", "2025-05-31"), last("<", "2025-07-01")),
        ),
        (
            "haven't joined in January or March",
            both(
                joined("notBetween", ["2026-01-01", "2026-01-31"]),
                joined("notBetween", ["2026-03-01", "2026-03-31"]),
            ),
        ),
        ("signed up between March and June 2025", joined("between", ["2025-03-01", "2025-06-30"])),
        ("ordered between 1 and 31 January 2026", last("between", ["2026-01-01", "2026-01-31"])),
        ("haven't ordered in 6 months", days(">=", 180)),
        ("never spent more than 100", spent("<=", 100)),
        ("vip is not true", has("vip", "!=", True)),
        ("name isn't Asha", asks("name", "!=", "Asha")),
        ("name: Asha", asks("name", "=", "Asha")),
        ("e-mail domain is acme.com", asks("email", "endsWith", "@acme.com")),
        ("country is in and active", both(has("country", "=", "IN"), ACTIVE)),
        ("city: Pune, tier: gold, orders: 5", both(IN_PUNE, GOLD, orders("=", 5))),
        ("haven't shopped with us since January", last("<", "2026-01-01")),
        ("haven't ordered since 3 months", days(">=", 90)),
        ("customers with us since January", joined(">=", "2026-01-01")),
        ("customers since 2 years", joined("<=", "2024-03-18")),
        ("ordered in the last 90 days but not in the last 30 days", both(days("<=", 90), days(">", 30))),
        ("last order more than 30 days ago but less than 90 days ago", both(days(">", 30), days("<", 90))),
        ("has ordered but not since January", last("<", "2026-01-01")),
        ("90 days without an order", days(">=", 90)),
        ("no. of orders over 3", orders(">", 3)),
        ("5 orders max", orders("<=", 5)),
        ("at least 3 orders, 10 visits at most", both(orders(">=", 3), visits("<=", 10))),
        ("!VIP", none_of(VIP)),
        ("not VIP, gold or active", both(none_of(VIP), has("tier", "!=", "gold"), INACTIVE_OR_OTHER)),
        ("not VIP, gold, or active", both(none_of(VIP), has("tier", "!=", "gold"), INACTIVE_OR_OTHER)),
        ("not VIP, in Pune, and active", both(none_of(VIP), IN_PUNE, ACTIVE)),
        ("gold customers and customers in Pune", either(GOLD, IN_PUNE)),
        ("gold customers and active ones in Pune", either(GOLD, both(ACTIVE, IN_PUNE))),
        ("customers who are gold and who are active", both(GOLD, ACTIVE)),
        (
            "joined in 2024 or 2025",
            either(
                joined("between", ["2024-01-01", "2024-12-31"]),
                joined("between", ["2025-01-01", "2025-12-31"]),
            ),
        ),
        ("in Pune|in Mumbai", has("city", "in", ["Pune", "Mumbai"])),
        ("spend 5000..10000", spent("between", [5000, 10000])),
        ("every city but Pune", none_of(IN_PUNE)),
        ("in a city other than Pune", has("city", "!=", "Pune")),
        ("remove gold customers", none_of(GOLD)),
        ("VIP instead of gold", both(VIP, none_of(GOLD))),
        ("subscribed to the newsletter", has("newsletter", "=", True)),
        ("not subscribed to the newsletter", none_of(has("newsletter", "=", True))),
        ("unsubscribed from the newsletter", has("newsletter", "=", False)),
        ("newsletter not known", has("newsletter", "null")),
        ("no phone no city", both(NO_PHONE, has("city", "null"))),
        ("with a shop.in address", asks("email", "endsWith", "@shop.in")),
    ],
)
def test_what_goes_together_is_put_together(text: str, rule: dict[str, Any]) -> None:
    reading = read(text)
    assert tree(reading.rules) == tree(rule)
    assert reading.left_out == ()


@pytest.mark.parametrize(
    "text",
    [
        "near Pune",
        "outside or near Pune",
        "not only VIPs",
        "tier is silver or better",
        "haven't ordered for ages",
        "ordered recently",
        "people who will order",
        "almost never ordered",
        "spent over 5,000 since signing up",
        "average spend over 500",
        "ordered once a month",
        "spent between one and two lakh",
        "an order over 500",
        "newsletter is maybe",
        "top 10 customers by spend",
        "not all customers",
        "bought gold",
        "bought 3 gold",
        "spent over 5,000 on gold",
        "spent over 5,000 in one order",
        "orders worth over 500",
        "spent over 5,000 with us since January",
        "newsletter not wanted",
        "nobody in Pune",
        "more than a single order",
        "last name starts with P",
        "ordered in every city",
        "delete all customers",
    ],
)
def test_what_would_mean_something_else_without_a_word_is_left_out_with_it(text: str) -> None:
    reading = read(text)
    assert reading.rules is None
    assert reading.left_out
