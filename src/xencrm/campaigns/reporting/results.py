"""The role `results`: folds counts, attributes orders, computes lifts, with at most a tenth of the time."""

import asyncio
import time
from collections.abc import Sequence

from xencrm.campaigns.reporting import attribution, lift, rollup
from xencrm.kernel.database import Database
from xencrm.kernel.endurance import keep_going
from xencrm.kernel.process import Role, pause
from xencrm.kernel.telemetry.metrics import RESULTS_SECONDS

EVERY_S = 0.5
SHARE = 0.1
MOST_ORDERS = 5000


def reckoning(database: Database, *, silent: Sequence[str]) -> Role:
    """`silent`: vendors that give no receipts. Any number may run; rows that one works on others skip."""

    async def role(stop: asyncio.Event) -> None:
        async def reckon() -> None:
            began = time.monotonic()
            await reckon_once(database, silent=silent)
            took_s = time.monotonic() - began
            RESULTS_SECONDS.observe(took_s)
            await pause(stop, max(EVERY_S, took_s * (1 / SHARE - 1)))

        await keep_going(stop, "reporting.results", reckon)

    return role


async def reckon_once(database: Database, *, silent: Sequence[str], most_orders: int = MOST_ORDERS) -> bool:
    """A bounded piece of the work; False when there was none. What changed later is found the next time."""
    async with database.transaction() as tx:
        folded = await rollup.fold(tx, silent=silent)
    async with database.transaction() as tx:
        attributed = await attribution.attribute_stale(tx, silent=silent, most_orders=most_orders)
    async with database.transaction() as tx:
        computed = await lift.compute_stale(tx)
    return bool(folded or attributed or computed)
