"""More of the same two shops, written after the parser had been mended for `more_sentences.py`."""

from tests.unit.more_sentences import ACTIVE, NEVER, VIP, Sentence
from tests.unit.more_sentences_shop import (
    a,
    but,
    c,
    every,
    joined,
    not_of,
    orders,
    quiet,
    quiet_since,
    readings,
    some,
    spent,
    within,
)

LATER_SENTENCES = (
    Sentence(
        "I'd like a list of platinum members in Bengaluru please",
        every(a("tier", "=", "Platinum"), a("city", "=", "Bengaluru")),
    ),
    Sentence(
        "Who are our customers in Chennai with more than 1,50,000 rupees of spend?",
        every(a("city", "=", "Chennai"), spent(">", 150000)),
    ),
    Sentence("folks who dropped off: no order for 4 months", quiet(120), beside="folks who dropped off"),
    Sentence("all Marathi speaking women", every(a("language", "=", "Marathi"), a("gender", "=", "female"))),
    Sentence(
        "bronze and silver tier, at most 2 orders",
        every(a("tier", "in", ["Bronze", "Silver"]), orders("<=", 2)),
    ),
    Sentence("whoever spent 75 thousand or above", spent(">=", 75000), beside="whoever"),
    Sentence(
        "men over 40 years of age in Pune",
        every(a("gender", "=", "male"), a("age", ">", 40), a("city", "=", "Pune")),
    ),
    Sentence("customers with 1-3 orders", orders("between", [1, 3])),
    Sentence("more than ten visits yet zero orders", every(c("total_visits", ">", 10), NEVER)),
    Sentence("ordered at least once this year", None, left_out="ordered at least once this year"),
    Sentence(
        "customers whose last order was in June 2026",
        c("last_order_at", "between", ["2026-06-01", "2026-06-30"]),
    ),
    Sentence(
        "last purchase between 15 March 2026 and 15 April 2026",
        c("last_order_at", "between", ["2026-03-15", "2026-04-15"]),
    ),
    Sentence("joined in Q2 2026", joined("between", ["2026-04-01", "2026-06-30"])),
    Sentence("signed up on or before 30 June 2025", joined("<=", "2025-06-30")),
    Sentence("customers who registered yesterday", joined("=", "2026-08-11")),
    Sentence("became a customer before 2024 and still active", every(joined("<", "2024-01-01"), ACTIVE)),
    Sentence("haven't placed an order since 1st April 2026", quiet_since("2026-04-01")),
    Sentence("ordered in the last 7 days or spent over 2 lakhs", some(within(7), spent(">", 200000))),
    Sentence("VIPs who never ordered", every(VIP, NEVER)),
    Sentence("non-VIP customers with 500+ loyalty points", every(but(VIP), a("loyalty_points", ">=", 500))),
    Sentence(
        "loyalty points between 100 and 500 but not in Mumbai or Pune",
        every(a("loyalty_points", "between", [100, 500]), a("city", "notIn", ["Mumbai", "Pune"])),
    ),
    Sentence("everyone except those who live in Delhi", not_of("city", "Delhi")),
    Sentence("all but silver", not_of("tier", "Silver")),
    Sentence(
        "language other than English",
        readings(a("language", "!=", "English"), but(a("language", "=", "English"))),
    ),
    Sentence("customers from outside India", not_of("country", "India")),
    Sentence("mail ids ending with .edu", c("email", "endsWith", ".edu")),
    Sentence(
        "customers whose phone number begins with +44 or +1",
        some(c("phone", "beginsWith", "+44"), c("phone", "beginsWith", "+1")),
    ),
    Sentence("no phone no email", every(c("phone", "null"), c("email", "null"))),
    Sentence(
        "status is inactive and last order more than 1 year ago",
        every(c("status", "=", "INACTIVE"), c("days_since_last_order", ">", 365)),
    ),
    Sentence(
        "(in Pune and gold) or (in Mumbai and platinum)",
        some(
            every(a("city", "=", "Pune"), a("tier", "=", "Gold")),
            every(a("city", "=", "Mumbai"), a("tier", "=", "Platinum")),
        ),
    ),
    Sentence("gold members, except in Pune", every(a("tier", "=", "Gold"), not_of("city", "Pune"))),
    Sentence("customers who used a coupon", None, left_out="coupon", beside="who used a customers"),
    Sentence("customers near Pune", None, left_out="near Pune"),
    Sentence("our best customers", None, left_out="best", beside="our customers"),
    Sentence(
        "customers who complained and are gold",
        a("tier", "=", "Gold"),
        left_out="complained",
        beside="who and are",
    ),
    Sentence("spent more than their age", None, left_out="spent more than age", beside="their"),
    Sentence("total spend is 0 or unknown", some(spent("=", 0)), left_out="unknown", beside="or"),
    Sentence(
        "anyone on the free plan who has spent over $99.99",
        every(a("plan", "=", "free"), spent(">", "99.99")),
        currency="USD",
    ),
    Sentence(
        "opted in to marketing and in Berlin or London",
        every(a("accepts_marketing", "=", True), a("city", "in", ["Berlin", "London"])),
        currency="USD",
    ),
    Sentence(
        "free or pro users whose last order was over 6 weeks ago",
        every(a("plan", "in", ["free", "pro"]), c("days_since_last_order", ">", 42)),
        currency="USD",
    ),
)
