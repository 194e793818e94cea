"""What marketers of two shops type, by another hand than `sentences.py`, and what it means.

Today is Wednesday, 12 August 2026, 10:30 UTC. A rule of `readings` is right in each of them: English
leaves open whether "not for 90 days" starts at the 90th. `left_out` has the words that have to be told as
left out, `beside` those that may be told with them.
"""

from dataclasses import dataclass

from tests.unit.more_sentences_shop import (
    Json,
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


@dataclass(frozen=True)
class Sentence:
    """`currency` says in which of the shops it is typed. No rule: nothing can be asked."""

    text: str
    rule: Json | None
    left_out: str = ""
    beside: str = ""
    currency: str = "INR"


ACTIVE = c("status", "=", "ACTIVE")
NEVER = readings(orders("=", 0), c("last_order_at", "null"))
VIP = a("vip", "=", True)

SENTENCES = (
    # Names, addresses, status.
    Sentence("customers whose name contains Sharma", c("name", "contains", "Sharma")),
    Sentence(
        "everybody called Priya",
        readings(*(c("name", operator, "Priya") for operator in ("contains", "beginsWith", "="))),
    ),
    Sentence("email ends with @gmail.com", c("email", "endsWith", "@gmail.com")),
    Sentence(
        "people with a gmail.com email address",
        readings(c("email", "endsWith", "@gmail.com"), c("email", "contains", "gmail.com")),
    ),
    Sentence("phone number starts with +91", c("phone", "beginsWith", "+91")),
    Sentence("customers with no email", c("email", "null")),
    Sentence(
        "who have both an email and a phone number", every(c("email", "notNull"), c("phone", "notNull"))
    ),
    Sentence("name doesn't contain test", c("name", "doesNotContain", "test")),
    Sentence(
        "whose e-mail does not end in @example.com",
        readings(
            but(c("email", "endsWith", "@example.com")),
            every(c("email", "notNull"), but(c("email", "endsWith", "@example.com"))),
        ),
    ),
    Sentence("phone is missing", c("phone", "null")),
    Sentence("surname is Patel", None, left_out="surname", beside="is Patel"),
    Sentence("exclude inactive customers", c("status", "!=", "INACTIVE")),
    # Money.
    Sentence("spent more than 1 lakh", spent(">", 100000)),
    Sentence("lifetime spend above Rs. 25,000", spent(">", 25000)),
    Sentence("total spend at least Rs 2,50,000", spent(">=", 250000)),
    Sentence("big spenders who spent 50k+", spent(">=", 50000), beside="big spenders"),
    Sentence("spent between 5k and 20k", spent("between", [5000, 20000])),
    Sentence("spent under ₹999.50", spent("<", "999.50")),
    Sentence("customers worth over 1 crore", spent(">", 10000000)),
    Sentence("spent 10000 to 50000 rupees", spent("between", [10000, 50000])),
    Sentence("a spend of ₹5 lakh or more", spent(">=", 500000)),
    Sentence("has not spent more than 2,000", spent("<=", 2000)),
    Sentence("spent nothing", spent("=", 0)),
    Sentence("spent upto 500", spent("<=", 500)),
    Sentence("shoppers who've spent $1,200 or more in total", spent(">=", 1200), currency="USD"),
    Sentence("LTV greater than $2.5k", spent(">", 2500), currency="USD"),
    Sentence("at least 500 dollars spent", spent(">=", 500), currency="USD"),
    Sentence("spent over $200", None, left_out="$200", beside="spent over"),
    Sentence("average order value above 1500", None, left_out="average", beside="order value above 1500"),
    Sentence("spent more than 5000 last month", None, left_out="spent more than 5000 last month"),
    # Counts.
    Sentence("placed at least 3 orders", orders(">=", 3)),
    Sentence("ordered only once", orders("=", 1)),
    Sentence("ordered twice or more", orders(">=", 2)),
    Sentence("one-time buyers", orders("=", 1)),
    Sentence("atleast 2 but not more than 5 orders", orders("between", [2, 5])),
    Sentence("2 or 3 orders", orders("in", [2, 3])),
    Sentence("a dozen orders or more", orders(">=", 12)),
    Sentence("customers who never bought anything", NEVER),
    Sentence("fewer than 3 purchases", orders("<", 3)),
    Sentence("visited us less than 4 times", c("total_visits", "<", 4)),
    Sentence("10+ visits but no purchases", every(c("total_visits", ">=", 10), NEVER)),
    Sentence("min 3 orders, max 10 orders", orders("between", [3, 10])),
    Sentence("more than 2 orders per month", None, left_out="more than 2 orders per month"),
    # The last order.
    Sentence("not ordered for 90 days", quiet(90)),
    Sentence("no purchase in the last 6 months", quiet(180)),
    Sentence("bought something in the past 3 months", within(90)),
    Sentence("last purchase was over a year ago", c("days_since_last_order", ">", 365)),
    Sentence("ordered within the last 2 weeks", within(14)),
    Sentence(
        "active customers who haven't ordered since Diwali",
        ACTIVE,
        left_out="Diwali",
        beside="who haven't ordered since",
    ),
    Sentence("last ordered before 1 March 2026", c("last_order_at", "<", "2026-03-01")),
    Sentence("last order on 2026-06-05", c("last_order_at", "=", "2026-06-05")),
    Sentence("last order was yesterday", c("last_order_at", "=", "2026-08-11")),
    Sentence("haven't shopped with us since April", quiet_since("2026-04-01")),
    Sentence(
        "lapsed customers: last order 60 to 120 days ago",
        c("days_since_last_order", "between", [60, 120]),
        beside="lapsed",
    ),
    Sentence("days since last order is greater than 45", c("days_since_last_order", ">", 45)),
    Sentence("haven't bought in 2 months or more", quiet(60)),
    # When they came.
    Sentence("joined before 1 March 2026", joined("<", "2026-03-01")),
    Sentence("signed up this year", joined(">=", "2026-01-01")),
    Sentence("new customers since 15 July", joined(">=", "2026-07-15")),
    Sentence(
        "registered in the last 30 days",
        readings(*(joined(">=", day) for day in ("2026-07-13", "2026-07-14", "2026-07-13T10:30:00Z"))),
    ),
    Sentence("joined between Jan and March 2026", joined("between", ["2026-01-01", "2026-03-31"])),
    Sentence("joined last year", joined("between", ["2025-01-01", "2025-12-31"])),
    Sentence("signed up after 31/12/2025", joined(">", "2025-12-31")),
    Sentence("signed up after 05/06/2025", None, left_out="signed up after 05/06/2025"),
    Sentence("joined after June 1st, 2026", joined(">", "2026-06-01"), currency="USD"),
    Sentence(
        "customer since more than 2 years",
        readings(*(joined("<", day) for day in ("2024-08-12", "2024-08-13", "2024-08-12T10:30:00Z"))),
    ),
    Sentence(
        "customers who joined in 2025 and haven't ordered yet",
        every(joined("between", ["2025-01-01", "2025-12-31"]), NEVER),
    ),
    # What the shop knows of them.
    Sentence("in Pune, Mumbai or Delhi", a("city", "in", ["Pune", "Mumbai", "Delhi"])),
    Sentence("customers from Mumbai & Pune", a("city", "in", ["Mumbai", "Pune"])),
    Sentence("all customers except gold", not_of("tier", "Gold")),
    Sentence("gold or platinum members", a("tier", "in", ["Gold", "Platinum"])),
    Sentence("city is not Chennai", a("city", "!=", "Chennai")),
    Sentence("who speak Hindi or Marathi", a("language", "in", ["Hindi", "Marathi"])),
    Sentence(
        "female customers aged 25-34 in New Delhi",
        every(a("gender", "=", "female"), a("age", "between", [25, 34]), a("city", "=", "New Delhi")),
    ),
    Sentence("favourite category is home decor", a("favourite_category", "=", "Home Decor")),
    Sentence("tier: silver", a("tier", "=", "Silver")),
    Sentence("people in Jaipur", None, left_out="Jaipur", beside="in"),
    Sentence("city = Jaipur", a("city", "=", "Jaipur")),
    Sentence("loyalty points above 1,000 and not VIP", every(a("loyalty_points", ">", 1000), but(VIP))),
    Sentence("not subscribed to the newsletter", but(a("newsletter", "=", True))),
    Sentence("newsletter: yes", a("newsletter", "=", True)),
    Sentence("opted in to WhatsApp", a("whatsapp_opt_in", "=", True)),
    Sentence("people who accept marketing", a("accepts_marketing", "=", True), currency="USD"),
    Sentence("tier not set", a("tier", "null")),
    Sentence("customers living outside Mumbai", not_of("city", "Mumbai")),
    Sentence(
        "country is India and city isn't Mumbai", every(a("country", "=", "India"), a("city", "!=", "Mumbai"))
    ),
    Sentence("above 18 years of age", a("age", ">", 18)),
    Sentence(
        "pro or enterprise plan in London",
        every(a("plan", "in", ["pro", "enterprise"]), a("city", "=", "London")),
        currency="USD",
    ),
    # Together.
    Sentence(
        "please show me active customers in Pune who spent over 10k",
        every(ACTIVE, a("city", "=", "Pune"), spent(">", 10000)),
    ),
    Sentence(
        "Can you find all the gold customers who have not ordered in 60 days?",
        every(a("tier", "=", "Gold"), quiet(60)),
    ),
    Sentence(
        "I want everyone in Mumbai or Pune with more than 3 orders",
        every(a("city", "in", ["Mumbai", "Pune"]), orders(">", 3)),
    ),
    Sentence(
        "(gold or platinum) and spent more than 20k",
        every(a("tier", "in", ["Gold", "Platinum"]), spent(">", 20000)),
    ),
    Sentence(
        "gold customers in Pune or silver customers in Mumbai",
        some(
            every(a("tier", "=", "Gold"), a("city", "=", "Pune")),
            every(a("tier", "=", "Silver"), a("city", "=", "Mumbai")),
        ),
    ),
    Sentence("spent > 5000 AND orders < 3", every(spent(">", 5000), orders("<", 3))),
    Sentence(
        "customers who are VIP or have over 2000 loyalty points, but not in Delhi",
        every(some(VIP, a("loyalty_points", ">", 2000)), a("city", "!=", "Delhi")),
    ),
    Sentence(
        "neither VIP nor gold",
        readings(but(VIP, a("tier", "=", "Gold")), every(but(VIP), a("tier", "!=", "Gold"))),
    ),
    Sentence(
        "custmers in pune who spend more then 5000",
        every(a("city", "=", "Pune"), spent(">", 5000)),
        beside="custmers",
    ),
    Sentence("GOLD TIER CUSTOMERS WITH NO ORDERS IN 3 MONTHS", every(a("tier", "=", "Gold"), quiet(90))),
    Sentence(
        "active customers excluding Delhi and Chennai", every(ACTIVE, not_of("city", "Delhi", "Chennai"))
    ),
    Sentence("show me the top 100 customers by spend", None, left_out="top 100 by spend", beside="customers"),
    Sentence(
        "customers who abandoned their cart and spent over 5k",
        spent(">", 5000),
        left_out="abandoned cart",
        beside="who their",
    ),
    Sentence("customers who opened our last email", None, left_out="opened", beside="who our last email"),
    Sentence("loyal customers in Pune", a("city", "=", "Pune"), left_out="loyal"),
    Sentence("birthday this month and active", ACTIVE, left_out="birthday", beside="this month and"),
    Sentence(
        "who bought shoes in the last month", None, left_out="shoes", beside="who bought in the last month"
    ),
)
