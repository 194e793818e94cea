"""The whole product with divided queues, on each broker."""

from pathlib import Path
from typing import Any

from tests.support.ledger import open_ledger
from tests.support.product import running_product
from tests.support.shop import PACE, PEOPLE, Shop, seats
from tests.support.waiting import until
from xencrm.contracts.topology import ALL_QUEUES, PARTITIONED

REACHED = 60


async def test_customers_orders_and_a_campaign_pass_through_divided_queues(
    tmp_path: Path, broker_settings: dict[str, str]
) -> None:
    settings = {**PACE, **broker_settings, "XENCRM_PARTITIONS": "2"}
    async with running_product(tmp_path, **settings) as product, open_ledger(product) as ledger:
        shop = Shop(product, ledger)
        await shop.open()
        await shop.turn()
        orders = [{"customer_email": f"seat{n}@shop.example", "order_amount": 7} for n in range(PEOPLE)]
        await product.ask("POST", "/orders/batch", json=orders)

        async def totals() -> Any:
            return (await product.ask("GET", "/dashboard"))["totals"]

        await until(totals, lambda seen: (seen["orders"], float(seen["revenue"])) == (PEOPLE, 7.0 * PEOPLE))
        assert await shop.preview([{"field": "total_orders", "operator": "=", "value": 1}]) == PEOPLE
        campaign = await shop.launch(seats(0, REACHED))
        stats = await campaign.ended()
        assert stats["delivered"] == REACHED == await shop.accepted()

        shown = await product.ask("GET", "/operations")
        whole = {queue.name for queue in ALL_QUEUES}
        partitions = {f"{queue.name}.{number}" for queue in PARTITIONED for number in (0, 1)}
        assert {queue["name"] for queue in shown["queues"]} == whole | partitions
        assert (shown["dead_letters"], (await product.ask("GET", "/dead-letters"))["items"]) == (0, [])
