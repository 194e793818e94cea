"""Each service does its work while the other's processes stand still."""

from uuid import uuid4

from tests.support.away import standing_still
from tests.support.shop import PEOPLE, Shop, seats
from tests.support.waiting import until

NEW = 100
ORDERED = 50


async def test_campaigns_work_as_before_while_ingestion_stands_still(shop: Shop) -> None:
    await shop.turn()
    before, rules = await shop.accepted(), seats(0, PEOPLE)
    with standing_still(shop.product, "ingestion"):
        assert await shop.preview(rules) == PEOPLE
        campaign = await shop.launch(rules)
        stats = await campaign.ended()
        assert stats["audience"] == stats["delivered"] == PEOPLE
        assert await shop.accepted() - before == PEOPLE
        assert len(await campaign.messages()) == PEOPLE
        assert (await shop.product.ask("GET", "/dashboard"))["totals"]["customers"] >= PEOPLE
        paused = await shop.launch(rules)
        await paused.do("cancel")
        await paused.ended("CANCELLED")


async def test_ingestion_takes_posts_while_campaigns_stands_still_and_all_arrives_afterwards(
    shop: Shop,
) -> None:
    product, domain = shop.product, f"{uuid4().hex}.example"
    people = [{"name": f"Person {n}", "email": f"person{n}@{domain}"} for n in range(NEW)]
    orders = [
        {"customer_email": f"person{n}@{domain}", "order_id": f"{domain}-{n}", "order_amount": n}
        for n in range(ORDERED)
    ]

    async def customers() -> int:
        return len((await product.ask("GET", f"/customers?search={domain}&limit=1000"))["items"])

    async def known() -> tuple[int, int]:
        page = await product.ask("GET", f"/profiles?q={domain}&limit=1000")
        return len(page["items"]), sum(item["total_orders"] for item in page["items"])

    with standing_still(product, "campaigns"):
        taken = await product.ask("POST", "/customers/batch", json=people)
        assert (taken["accepted"], taken["rejected"]) == (NEW, [])
        await until(customers, lambda count: count == NEW)
        for order in orders:
            assert (await product.ask("POST", "/orders", json=order))["status"] == "queued"
        last = await product.ask("POST", "/customers", json={**people[0], "name": "Zoé Last"})

        async def standing() -> str:
            return str((await product.ask("GET", f"/events/{last['event_id']}"))["status"])

        await until(standing, lambda status: status == "applied")
    await until(known, lambda counts: counts == (NEW, ORDERED))
    assert (await product.ask("GET", "/operations"))["dead_letters"] == 0
