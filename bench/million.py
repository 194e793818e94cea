"""The same with a million customers there already."""

from bench.batches import HOST, ORDERS, customers_per_s, orders_per_s
from bench.installation import databases
from tests.support.crowd import fill_business_db, fill_master_db
from tests.support.product import Product

CROWD = 1_000_000


async def among_a_million(product: Product) -> dict[str, float]:
    """Customers a second, and orders a second of customers out of the million, hardly two of the same."""
    async with databases(product) as dbs:
        await fill_master_db(dbs.master, CROWD)
        await fill_business_db(dbs.business, CROWD)
        query = "SELECT email FROM customers WHERE email NOT LIKE $1 ORDER BY md5(email) LIMIT $2"
        emails = [row["email"] for row in await dbs.master.fetch(query, f"%@{HOST}", ORDERS)]
    return {
        "customers_per_s": await customers_per_s(product, "late"),
        "orders_per_s": await orders_per_s(product, emails),
    }
