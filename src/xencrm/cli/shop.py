"""A made-up shop: customers and their orders, the same for the same seed and day.

Buying follows what such shops see: few buy often and many once or twice (gamma-distributed rates), amounts
are log-normal around each customer's own level, some customers have stopped coming. All addresses are in
`.example`, which can never exist (RFC 2606), and no subscriber number in India starts with 0.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from faker import Faker

from xencrm.client.customers import NewCustomer
from xencrm.client.orders import NewOrder

SPAN_DAYS = 730
_CITIES = {
    "Mumbai": 20,
    "Delhi": 19,
    "Bengaluru": 17,
    "Hyderabad": 12,
    "Chennai": 11,
    "Pune": 10,
    "Kolkata": 9,
    "Ahmedabad": 8,
    "Jaipur": 5,
    "Kochi": 4,
    "Lucknow": 4,
    "Chandigarh": 3,
    "Indore": 3,
    "Bhubaneswar": 2,
    "Guwahati": 2,
}
_SOURCES = {"organic": 40, "instagram": 25, "referral": 15, "search_ad": 15, "store": 5}
_TIERS = ((75_000, "platinum"), (25_000, "gold"), (7_500, "silver"), (0, "bronze"))


@dataclass(frozen=True)
class Shop:
    customers: list[NewCustomer]
    orders: list[NewOrder]
    domain: str


@dataclass(frozen=True)
class _Buyer:
    """`first` and `last` bound the days on which this customer buys; `level` is the log of a usual amount."""

    name: str
    email: str
    weight: float
    level: float
    first: datetime
    last: datetime


def domain_of(seed: int) -> str:
    return f"sample{seed}.example"


def make_shop(customers: int, orders: int, seed: int, now: datetime) -> Shop:
    """`orders` in all, spread over the two years before `now`; ids tell seeds apart."""
    random, faker = Random(seed), Faker("en_IN")
    faker.seed_instance(seed)
    buyers = [_buyer(random, faker, number, seed, now) for number in range(1, customers + 1)]
    picked = random.choices(buyers, [buyer.weight for buyer in buyers], k=orders) if buyers else []
    made = [_order(random, buyer, f"sample{seed}-{n:06}", now) for n, buyer in enumerate(picked, 1)]
    spent = _spent(made)
    people = [_customer(random, buyer, spent.get(buyer.email, Decimal(0))) for buyer in buyers]
    return Shop(people, made, domain_of(seed))


def _buyer(random: Random, faker: Faker, number: int, seed: int, now: datetime) -> _Buyer:
    first_name, last_name = faker.first_name(), faker.last_name()
    local = re.sub(r"[^a-z.]", "", f"{first_name}.{last_name}".lower())
    joined = now - timedelta(days=random.uniform(1, SPAN_DAYS))
    stayed = random.random() < 0.55
    last = now if stayed else joined + (now - joined) * random.random() ** 1.5
    return _Buyer(
        name=f"{first_name} {last_name}",
        email=f"{local}.{number}@{domain_of(seed)}",
        weight=random.gammavariate(0.8, 1.0) * (0.2 + (last - joined).days / SPAN_DAYS),
        level=random.gauss(6.9, 0.5),
        first=joined,
        last=last,
    )


def _order(random: Random, buyer: _Buyer, order_id: str, now: datetime) -> NewOrder:
    ordered_at = _moment(random, buyer)
    return NewOrder(
        order_id=order_id,
        customer_email=buyer.email,
        order_amount=_amount(random, buyer.level),
        order_status=_status(random, (now - ordered_at).days),
        ordered_at=ordered_at,
    )


def _moment(random: Random, buyer: _Buyer) -> datetime:
    return buyer.first + (buyer.last - buyer.first) * random.random()


def _amount(random: Random, level: float) -> Decimal:
    """Two out of five amounts end in 99, as shop prices do."""
    amount = random.lognormvariate(level, 0.6)
    if random.random() < 0.4:
        return Decimal(max(99, round(amount / 100) * 100 - 1))
    return Decimal(round(amount * 100)).scaleb(-2)


def _status(random: Random, age_days: int) -> str:
    if age_days < 3 and random.random() < 0.4:
        return "PENDING"
    return random.choices(("COMPLETED", "REFUNDED", "CANCELLED"), (93, 4, 3))[0]


def _spent(orders: list[NewOrder]) -> dict[str, Decimal]:
    spent: dict[str, Decimal] = {}
    for order in orders:
        if order.order_status == "COMPLETED":
            email = str(order.customer_email)
            spent[email] = spent.get(email, Decimal(0)) + order.order_amount
    return spent


def _customer(random: Random, buyer: _Buyer, spent: Decimal) -> NewCustomer:
    return NewCustomer(
        name=buyer.name,
        email=buyer.email,
        phone=f"+910{random.randrange(10**9):09}",
        status="INACTIVE" if random.random() < 0.03 else "ACTIVE",
        attributes={
            "city": _one_of(random, _CITIES),
            "loyalty_tier": next(tier for least, tier in _TIERS if spent >= least),
            "source": _one_of(random, _SOURCES),
            "birth_month": random.randint(1, 12),
            "app_installed": random.random() < 0.45,
        },
    )


def _one_of(random: Random, weights: dict[str, int]) -> str:
    return random.choices(list(weights), list(weights.values()))[0]
