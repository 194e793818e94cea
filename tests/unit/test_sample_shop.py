"""The made-up shop: alike every time, believable, and nobody's."""

from collections import Counter
from datetime import datetime, timedelta
from statistics import mean, median
from zoneinfo import ZoneInfo

from xencrm.ingestion.orders.schemas import NewOrder
from xencrm.ingestion.samples.shop import CUSTOMERS, ORDERS, SPAN_DAYS, make_shop

NOW = datetime(2024, 11, 20, 15, 30, tzinfo=ZoneInfo("Asia/Kolkata"))
SHOP = make_shop(NOW)


def moment(order: NewOrder) -> datetime:
    assert isinstance(order.ordered_at, datetime)
    return order.ordered_at.astimezone(NOW.tzinfo)


def days_ago(order: NewOrder) -> int:
    return (NOW.date() - moment(order).date()).days


def test_on_another_day_nothing_differs_but_the_days() -> None:
    later = make_shop(NOW + timedelta(days=40))
    assert later.customers == SHOP.customers

    def but_for_days(orders: list[NewOrder]) -> list[object]:
        return [(o.order_id, o.customer_email, o.order_amount, o.order_status, o.items) for o in orders]

    assert but_for_days(later.orders) == but_for_days(SHOP.orders)
    assert max(moment(order) for order in later.orders) > NOW + timedelta(days=39)


def test_each_address_and_each_order_is_there_once_and_no_address_can_be_real() -> None:
    emails = {customer.email for customer in SHOP.customers}
    assert len(emails) == len(SHOP.customers) == CUSTOMERS
    assert len({order.order_id for order in SHOP.orders}) == len(SHOP.orders) == ORDERS
    assert {order.customer_email for order in SHOP.orders} < emails
    assert all(email.endswith(".example") for email in emails)


def test_orders_fill_the_last_eighteen_months_up_to_this_moment() -> None:
    assert max(moment(order) for order in SHOP.orders) <= NOW
    by_day = Counter(days_ago(order) for order in SHOP.orders)
    assert max(by_day) < SPAN_DAYS
    assert all(by_day[day] for day in range(90))


def test_there_is_more_to_do_at_weekends_and_before_diwali() -> None:
    weekdays = Counter(moment(order).weekday() for order in SHOP.orders)
    assert min(weekdays[day] for day in (4, 5, 6)) > max(weekdays[day] for day in range(4))
    months = Counter(moment(order).strftime("%Y-%m") for order in SHOP.orders)
    assert months["2023-10"] > 1.15 * months["2023-09"]
    assert months["2024-10"] > 1.3 * months["2023-10"]


def test_some_customers_have_stopped_coming_some_are_new_and_some_have_not_bought() -> None:
    last: dict[object, int] = {}
    first: dict[object, int] = {}
    for order in SHOP.orders:
        last[order.customer_email] = min(days_ago(order), last.get(order.customer_email, SPAN_DAYS))
        first[order.customer_email] = max(days_ago(order), first.get(order.customer_email, 0))
    assert sum(days > 180 for days in last.values()) > 0.15 * CUSTOMERS
    assert sum(days < 30 for days in last.values()) > 0.15 * CUSTOMERS
    assert sum(days < 30 for days in first.values()) > 0.02 * CUSTOMERS
    assert 0.03 * CUSTOMERS < CUSTOMERS - len(last) < 0.15 * CUSTOMERS


def test_amounts_and_buyers_are_as_uneven_as_in_a_shop() -> None:
    amounts = [float(order.order_amount) for order in SHOP.orders]
    often = Counter(order.customer_email for order in SHOP.orders)
    statuses = Counter(order.order_status for order in SHOP.orders)
    assert mean(amounts) > 1.3 * median(amounts)
    assert min(amounts) > 10
    assert max(often.values()) > 5 * mean(often.values())
    assert statuses["COMPLETED"] > 0.9 * ORDERS
    assert {"REFUNDED", "CANCELLED"} < set(statuses)


def test_there_is_something_to_ask_for_in_segments_and_something_that_is_blank() -> None:
    for key in ("city", "tier", "language"):
        values = Counter(customer.attributes.get(key) for customer in SHOP.customers if customer.attributes)
        assert len(values) >= 4
    assert any(not customer.phone for customer in SHOP.customers)
    assert any("language" not in (customer.attributes or {}) for customer in SHOP.customers)
