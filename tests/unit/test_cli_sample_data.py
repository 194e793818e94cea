"""`sample-data`: a shop that looks real, is the same every time and can harm nobody."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean, median
from typing import Any

import pytest

from tests.support.cli import xencrm
from tests.support.scripted_server import Asked, Reply, ScriptedServer, scripted_server
from xencrm.cli.shop import Shop, make_shop

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with scripted_server() as server:
        yield server


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop(1000, 5000, seed=3, now=NOW)


def test_the_same_seed_gives_the_same_shop(shop: Shop) -> None:
    assert make_shop(1000, 5000, seed=3, now=NOW) == shop


def test_two_seeds_share_no_customer_and_no_order(shop: Shop) -> None:
    other = make_shop(1000, 5000, seed=4, now=NOW)
    assert not {c.email for c in shop.customers} & {c.email for c in other.customers}
    assert not {o.order_id for o in shop.orders} & {o.order_id for o in other.orders}


def test_addresses_can_never_be_real(shop: Shop) -> None:
    assert len({customer.email for customer in shop.customers}) == 1000
    assert all(customer.email.endswith(".example") for customer in shop.customers)
    assert all(str(customer.phone).startswith("+910") for customer in shop.customers)


def test_orders_are_of_the_last_two_years_and_of_known_customers(shop: Shop) -> None:
    emails = {customer.email for customer in shop.customers}
    assert len({order.order_id for order in shop.orders}) == 5000
    for order in shop.orders:
        assert order.customer_email in emails
        assert isinstance(order.ordered_at, datetime)
        assert NOW - timedelta(days=731) <= order.ordered_at <= NOW
        assert order.order_amount > 0
        assert order.order_amount == round(order.order_amount, 2)


def test_buying_is_uneven_as_in_a_shop(shop: Shop) -> None:
    amounts = [float(order.order_amount) for order in shop.orders]
    often = Counter(order.customer_email for order in shop.orders)
    statuses = Counter(order.order_status for order in shop.orders)
    assert mean(amounts) > 1.15 * median(amounts)
    assert max(often.values()) > 4 * mean(often.values())
    assert len(often) < 1000
    assert statuses["COMPLETED"] > 4000
    assert statuses["REFUNDED"] > 100


def test_a_shop_may_be_empty_of_orders() -> None:
    assert make_shop(3, 0, seed=1, now=NOW).orders == []


class Counting:
    """Batches taken in, shown in the profiles one question later."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Any]] = {"customers": [], "orders": []}
        self.questions = 0

    def take(self, asked: Asked) -> Reply:
        self.rows[asked.path.split("/")[3]] += asked.lines
        return Reply(202, {"batch_id": "b", "accepted": len(asked.lines), "rejected": []})

    def profiles(self, asked: Asked) -> Reply:
        self.questions += 1
        late = self.questions == 1
        orders = Counter(o["customer_email"] for o in self.rows["orders"] if o["order_status"] == "COMPLETED")
        items = [
            {
                "customer_id": c["email"],
                "name": c["name"],
                "email": c["email"],
                "total_orders": orders[c["email"]],
            }
            for c in self.rows["customers"]
        ]
        return Reply(200, {"items": items[: 2 if late else None], "next_cursor": None})


async def test_the_shop_goes_through_the_batches_and_is_waited_for(
    server: ScriptedServer, tmp_path: Path
) -> None:
    counting = Counting()
    server.routes = {
        ("POST", "/api/v1/customers/batch"): counting.take,
        ("POST", "/api/v1/orders/batch"): counting.take,
        ("GET", "/api/v1/profiles"): counting.profiles,
    }
    given = ("--customers", "30", "--orders", "100", "--url", server.url, "--api-key", "xk")
    done = await xencrm("sample-data", *given, home=tmp_path)
    assert done.exit_code == 0, done.output
    assert "30 customers and 100 orders" in done.stdout
    assert counting.questions == 2
    assert [len(rows) for rows in counting.rows.values()] == [30, 100]


async def test_rejected_rows_are_told_and_fail(server: ScriptedServer, tmp_path: Path) -> None:
    rejected = [{"index": 0, "errors": [{"field": "name", "message": "is empty"}]}]
    server.routes = {
        ("POST", "/api/v1/customers/batch"): Reply(
            202, {"batch_id": "b", "accepted": 0, "rejected": rejected}
        ),
        ("GET", "/api/v1/profiles"): lambda _: Reply(200, {"items": [], "next_cursor": None}),
    }
    given = ("--customers", "1", "--orders", "0", "--wait-s", "1", "--url", server.url, "--api-key", "xk")
    done = await xencrm("sample-data", *given, home=tmp_path)
    assert done.exit_code == 1
    assert "row 0: name: is empty" in done.stderr
