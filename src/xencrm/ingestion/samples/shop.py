"""A made-up shop: the same customers and orders every time; only the days move, so that the last is today.

Few buy often and many once or twice; some have stopped coming, some are new and some have not bought yet.
There is more to do at weekends, before Diwali and at the year's end, and every month a little more.
"""

import unicodedata
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import accumulate
from random import Random
from typing import Final

from xencrm.ingestion.customers.schemas import NewCustomer
from xencrm.ingestion.orders.schemas import NewOrder
from xencrm.ingestion.samples.origins import ORIGINS, Origin

CUSTOMERS: Final = 2000
ORDERS: Final = 7000
SPAN_DAYS: Final = 548
DOMAIN: Final = "sample-shop.example"
_SEED: Final = 11
_TIERS: Final = ((60_000, "platinum"), (20_000, "gold"), (6_000, "silver"), (0, "bronze"))
_PRODUCTS: Final = (
    ("Masala chai, 250 g", 5.6),
    ("Cotton tote", 6.1),
    ("Brass diya", 6.4),
    ("Block-print kurta", 7.1),
    ("Linen shirt", 7.4),
    ("Juttis", 7.6),
    ("Bedspread", 8.0),
    ("Chanderi dupatta", 8.2),
    ("Silk saree", 9.0),
)


@dataclass(frozen=True)
class Shop:
    customers: list[NewCustomer]
    orders: list[NewOrder]


@dataclass(frozen=True)
class _Buyer:
    """Buys from day `first` to day `last` of those that are looked back on, nothing when `weight` is 0;
    `taste` moves what is spent."""

    name: str
    email: str
    origin: Origin
    first: int
    last: int
    weight: float
    taste: float


def make_shop(now: datetime) -> Shop:
    """`now` is in the time zone whose days count."""
    random, emails = Random(_SEED), Counter[str]()
    buyers = [_buyer(random, emails) for _ in range(CUSTOMERS)]
    picked = [buyer for buyer in buyers if buyer.weight]
    picked += random.choices(buyers, [buyer.weight for buyer in buyers], k=ORDERS - len(picked))
    calendar = _Calendar(now)
    orders = [_order(random, buyer, number, calendar) for number, buyer in enumerate(picked, 1)]
    spent = Counter[str]()
    for order in orders:
        spent[str(order.customer_email)] += int(order.order_amount)
    return Shop([_customer(random, buyer, spent[buyer.email]) for buyer in buyers], orders)


def _buyer(random: Random, emails: Counter[str]) -> _Buyer:
    origin = random.choices(ORIGINS, [origin.share for origin in ORIGINS])[0]
    name = _name(random, origin, emails)
    first, last = _stay(random)
    rate = random.gammavariate(0.9, 1.0) if random.random() > 0.08 else 0.0
    return _Buyer(
        name=name,
        email=_email(name, emails),
        origin=origin,
        first=first,
        last=last,
        weight=rate * (0.25 + (last - first) / SPAN_DAYS),
        taste=random.gauss(0.0, 0.35),
    )


def _stay(random: Random) -> tuple[int, int]:
    """The first and the last day on which a customer may buy: some come once, some stop coming."""
    if random.random() < 0.15:
        day = random.randrange(SPAN_DAYS)
        return day, day
    first = int(max(0.0, random.uniform(-0.6, 1.0)) * SPAN_DAYS)
    part = random.random() if random.random() < 0.35 else 1.0
    return first, first + int((SPAN_DAYS - 1 - first) * part)


def _name(random: Random, origin: Origin, taken: Counter[str]) -> str:
    """Some have the name of another, as people do."""
    for _ in range(3):
        name = f"{random.choice(origin.first_names)} {random.choice(origin.last_names)}"
        if not taken[_local(name)]:
            break
    return name


def _local(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return ".".join(plain.replace("'", "").split())


def _email(name: str, emails: Counter[str]) -> str:
    """In a domain that can never exist (RFC 2606); a name that comes again gets a number."""
    local = _local(name)
    emails[local] += 1
    return f"{local}{emails[local] if emails[local] > 1 else ''}@{DOMAIN}"


class _Calendar:
    """The days that are looked back on, by how much is bought on each."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._first = now.date() - timedelta(days=SPAN_DAYS - 1)
        each = (self._first + timedelta(days=number) for number in range(SPAN_DAYS))
        busy = (_season(day) * (1 + 0.6 * number / SPAN_DAYS) for number, day in enumerate(each))
        self._until = [0.0, *accumulate(busy)]

    def moment(self, first: int, last: int, of_days: float, of_day: float) -> datetime:
        """Between two days, by two numbers from 0 to 1: the more is bought on a day, the likelier it is."""
        low, high = self._until[first], self._until[last + 1]
        number = min(bisect_right(self._until, low + (high - low) * of_days) - 1, last)
        begins = datetime.combine(self._first + timedelta(days=number), time(), self._now.tzinfo)
        ends = self._now if begins.date() == self._now.date() else begins + timedelta(days=1)
        return begins + (ends - begins) * of_day


def _season(day: date) -> float:
    weekend = 1.6 if day.weekday() >= 4 else 1.0
    is_diwali = (10, 10) <= (day.month, day.day) <= (11, 12)
    is_year_end = (day.month, day.day) >= (12, 18)
    is_monsoon = day.month in (6, 7)
    return weekend * (1.4 if is_diwali else 1.25 if is_year_end else 0.85 if is_monsoon else 1.0)


def _order(random: Random, buyer: _Buyer, number: int, calendar: _Calendar) -> NewOrder:
    product, level = random.choice(_PRODUCTS)
    quantity = random.choices((1, 2, 3), (75, 18, 7))[0]
    ordered_at = calendar.moment(buyer.first, buyer.last, random.random(), random.betavariate(4, 3))
    fate = random.random()
    return NewOrder(
        order_id=f"sample-{number:05}",
        customer_email=buyer.email,
        order_amount=quantity * _price(random, level + buyer.taste),
        order_status="REFUNDED" if fate < 0.04 else "CANCELLED" if fate < 0.07 else "COMPLETED",
        ordered_at=ordered_at,
        items=[{"product": product, "quantity": quantity}],
    )


def _price(random: Random, level: float) -> Decimal:
    """Shop prices end in 9 or 99, some in paise after a discount."""
    amount = random.lognormvariate(level, 0.25)
    if random.random() < 0.2:
        return Decimal(round(amount * 90)).scaleb(-2)
    step = 100 if amount > 1000 else 10
    return Decimal(max(1, round(amount / step)) * step - 1)


def _customer(random: Random, buyer: _Buyer, spent: int) -> NewCustomer:
    attributes: dict[str, str | int | float | bool | None] = {
        "city": random.choice(buyer.origin.cities),
        "tier": next(tier for least, tier in _TIERS if spent >= least),
    }
    if random.random() < 0.94:
        attributes["language"] = buyer.origin.language if random.random() < 0.6 else "English"
    phone = buyer.origin.phone if random.random() < 0.9 else None
    return NewCustomer(
        name=buyer.name,
        email=buyer.email,
        phone=phone and "".join(str(random.randrange(10)) if c == "#" else c for c in phone),
        status="INACTIVE" if random.random() < 0.03 else "ACTIVE",
        attributes=attributes,
    )
