"""Previews of five rules of different selectivity, as a person who edits a segment sees them."""

import time
from dataclasses import dataclass
from typing import Any, Final

from bench.installation import databases
from tests.support.product import Product

TIMES: Final = 3
BARE: Final = "SELECT count(*) FROM customers_mv WHERE attributes IS NOT NULL"


def _all(*conditions: tuple[str, str, Any]) -> dict[str, Any]:
    rules = [{"field": field, "operator": operator, "value": value} for field, operator, value in conditions]
    return {"combinator": "and", "rules": rules}


# Of the crowd in tests/support/crowd.py.
RULES: Final = {
    "one e-mail's beginning": _all(("email", "beginsWith", "asha.rao1")),
    "the biggest spenders": _all(("total_spend", ">=", 95_000)),
    "gold in Pune": _all(("attributes.city", "=", "Pune"), ("attributes.tier", "=", "gold")),
    "bought often, not for a year": _all(("total_orders", ">=", 5), ("days_since_last_order", ">", 365)),
    "active with something bought": _all(("status", "=", "ACTIVE"), ("total_orders", ">=", 1)),
}
# Those that match less than one in a thousand.
SELECTIVE: Final = frozenset({"one e-mail's beginning", "the biggest spenders"})


@dataclass(frozen=True)
class Previewed:
    """The best of three, through the port in front; `server_ms` as the answer itself says."""

    count: int
    ms: float
    server_ms: float


async def previews(product: Product) -> dict[str, Previewed]:
    return {name: await _preview(product, rules) for name, rules in RULES.items()}


async def _preview(product: Product, rules: dict[str, Any]) -> Previewed:
    found = []
    for _ in range(TIMES):
        began = time.perf_counter()
        answer = await product.ask("POST", "/segments/preview", json={"rules": rules})
        ms = (time.perf_counter() - began) * 1000
        found.append(Previewed(answer["count"], ms, answer["took_ms"]))
    return min(found, key=lambda each: each.ms)


async def scan_ms(product: Product) -> float:
    """Counting all profiles with a look at each: the limit of a rule that no index serves. Best of three."""
    times = []
    async with databases(product) as dbs:
        for _ in range(TIMES):
            began = time.perf_counter()
            await dbs.business.fetchval(BARE)
            times.append((time.perf_counter() - began) * 1000)
    return min(times)
