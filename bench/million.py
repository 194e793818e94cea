"""The same with a million customers there already."""

from typing import Any

from bench.batches import CUSTOMERS, HOST, ORDERS, customers_per_s, orders_per_s
from bench.installation import databases
from bench.processor import processor_us
from tests.support.crowd import fill_business_db, fill_master_db
from tests.support.product import Product

CROWD = 1_000_000


async def among_a_million(product: Product) -> dict[str, Any]:
    """New customers, and orders of customers out of the million, hardly two of the same."""
    async with databases(product) as dbs:
        await fill_master_db(dbs.master, CROWD)
        await fill_business_db(dbs.business, CROWD)
        query = "SELECT email FROM customers WHERE email NOT LIKE $1 ORDER BY md5(email) LIMIT $2"
        emails = [row["email"] for row in await dbs.master.fetch(query, f"%@{HOST}", ORDERS)]
    figures: dict[str, Any] = {}
    async with processor_us(product, CUSTOMERS) as figures["processor_us_per_customer"]:
        figures["customers_per_s"] = await customers_per_s(product, "late")
    async with processor_us(product, ORDERS) as figures["processor_us_per_order"]:
        figures["orders_per_s"] = await orders_per_s(product, emails)
    return figures
